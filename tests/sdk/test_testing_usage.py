"""Counting use in a host app's tests: in memory, with the meaning that a server gives it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liftgate import ApiError, GateUnavailable, Reason, ServerUnreachable, UpgradeRequired
from liftgate.testing import TestClient

CATALOGUE: dict[str, Any] = {
    "schema": 1,
    "languages": ["en"],
    "default_plan": "free",
    "features": {
        "exports": {"kind": "metered", "name": {"en": "Exports"}, "over_limit": "read_only"},
        "emails": {"kind": "metered", "name": {"en": "E-mails"}, "on_failure": "allow_and_record"},
        "texts": {"kind": "metered", "name": {"en": "AI texts"}, "on_upgrade": "reset"},
        "seats": {"kind": "capacity", "name": {"en": "Seats"}, "over_limit": {"grace": 7}},
        "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
    },
    "value_metrics": {"minutes_saved": {"name": {"en": "Minutes saved"}}},
    "plans": {
        "free": {
            "name": {"en": "Free"},
            "rank": 0,
            "entitlements": {
                "exports": [{"limit": 3, "per": "day"}, {"limit": 5, "per": "month"}],
                "emails": {"limit": 2, "per": "month", "scope": "user"},
                "texts": {"limit": 4, "per": "month", "warn_at": [50]},
                "seats": 2,
            },
        },
        "pro": {
            "name": {"en": "Pro"},
            "rank": 10,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
            "entitlements": {
                "exports": {"limit": 8, "per": "month"},
                "texts": {"limit": 10, "per": "month"},
                "seats": 10,
            },
        },
    },
    "gates": {
        "seats.open": {"requires": {"feature": "seats", "units": 0}},
        "reports.export": {"requires": {"all": ["sso", "exports"]}},
        "tried": {"requires": "exports", "mode": "observe"},
    },
}


@pytest.fixture
def lg() -> TestClient:
    return TestClient(CATALOGUE, at=datetime(2026, 11, 22, 9, tzinfo=UTC))


def test_consuming_counts_until_the_limit_and_refuses_with_an_offer(lg):
    with lg.customer("acme"):
        assert [bool(lg.consume("exports")) for _ in range(4)] == [True, True, True, False]
        refused = lg.consume("exports")

        assert (refused.decision.used, refused.decision.limit) == (3, 3)
        assert refused.decision.reason is Reason.LIMIT_REACHED
        assert refused.offer is not None
        assert lg.check("exports").used == 3


def test_a_use_counts_in_every_window_and_a_new_day_does_not_end_the_month(lg):
    with lg.customer("acme"):
        lg.consume("exports", 3)
        lg.clock.advance(days=1)

        assert lg.consume("exports", 2).decision.remaining == 0
        assert lg.consume("exports").decision.limit == 5


def test_the_same_key_gives_the_same_answer_and_another_payload_is_refused(lg):
    with lg.customer("acme"):
        first = lg.consume("exports", 2, key="job-7")
        again = lg.consume("exports", 2, key="job-7")
        with pytest.raises(ApiError) as conflict:
            lg.consume("exports", 3, key="job-7")

        assert again.replayed
        assert not first.replayed
        assert again.decision == first.decision
        assert lg.usage_of("acme", "exports") == 2
    assert conflict.value.code == "idempotency_conflict"


def test_a_refused_use_stays_refused_under_its_key(lg):
    with lg.customer("acme"):
        lg.consume("exports", 3)
        assert not lg.consume("exports", key="late")
        lg.subscribe("acme", "pro")

        assert not lg.consume("exports", key="late")
        assert lg.consume("exports")


def test_another_plan_finds_what_was_used_before(lg):
    with lg.customer("acme"):
        lg.consume("exports", 3)
        lg.subscribe("acme", "pro")

        assert lg.check("exports").remaining == 5


def test_a_promotion_that_ends_first_burns_first_and_gets_its_units_back(lg):
    lg.grant("acme", "exports", {"limit": 2, "per": "never"}, ends_at=lg.clock.now + timedelta(hours=5))

    with lg.customer("acme"):
        used = lg.consume("exports", 3)
        assert [(taken.bucket, taken.units) for taken in used.receipt] == [("bucket:grt_1", 2), ("base", 1)]
        used.refund(2)
        assert lg.check("exports").remaining == 4
        assert [taken.bucket for taken in lg.consume("exports").receipt] == ["bucket:grt_1"]
        with pytest.raises(ApiError, match="beyond_refundable"):
            used.refund(2)


def test_what_is_reserved_is_used_until_it_is_settled(lg):
    with lg.customer("acme"):
        with lg.reserve("exports", 3) as reservation:
            assert not lg.consume("exports")
            reservation.commit(1)

        assert lg.check("exports").used == 1


def test_a_reservation_of_a_block_that_raises_is_freed(lg):
    with lg.customer("acme"):
        with pytest.raises(KeyError), lg.reserve("exports", 3):
            raise KeyError

        assert lg.check("exports").used == 0


def test_a_reservation_expires_and_cannot_be_settled_any_more(lg):
    with lg.customer("acme"):
        reservation = lg.reserve("exports", 3, ttl_seconds=60)
        reservation.begin()
        lg.clock.advance(seconds=60)

        assert lg.check("exports").used == 0
        with pytest.raises(ApiError, match="reservation_expired"):
            reservation.commit(2)


def test_work_that_outlasts_its_reservation_is_recorded_all_the_same(lg):
    with lg.customer("acme"):
        with lg.reserve("exports", 2, ttl_seconds=60):
            lg.clock.advance(minutes=2)

        assert lg.check("exports").used == 2


def test_a_gate_consumes_when_the_body_returns(lg):
    @lg.gate("exports", consume=lambda *, fails=False: 2 if not fails else 1)
    def export(*, fails: bool = False) -> None:
        if fails:
            raise KeyError

    with lg.customer("acme"):
        export()
        with pytest.raises(KeyError):
            export(fails=True)
        assert lg.usage_of("acme", "exports") == 2
        with pytest.raises(UpgradeRequired):
            export()


def test_a_gate_of_several_features_is_judged_whole_and_counts_its_meter(lg):
    with lg.customer("acme"):
        refused = lg.consume("reports.export")
        lg.grant("acme", "sso", True)

        assert refused.decision.reason is Reason.NOT_INCLUDED
        assert lg.consume("reports.export").decision.feature == "exports"
        assert lg.usage_of("acme", "exports") == 1


def test_an_observed_gate_counts_beyond_the_limit(lg):
    with lg.customer("acme"):
        lg.consume("exports", 3)
        passed = lg.consume("tried", 2)

        assert (passed.decision.reason, passed.decision.observed) == (Reason.OBSERVED, Reason.LIMIT_REACHED)
        assert lg.check("exports").used == 5


def test_recording_is_never_refused_and_lands_in_its_own_period(lg):
    with lg.customer("acme"):
        lg.record("exports", 7, at=lg.clock.now - timedelta(days=1))

        assert lg.check("exports").limit == 5
        lg.clock.advance(days=20)
        assert lg.check("exports").used == 0
        with pytest.raises(ApiError, match="too_old"):
            lg.record("exports", at=lg.clock.now - timedelta(days=36))
        with pytest.raises(ApiError, match="still_to_come"):
            lg.record("exports", at=lg.clock.now + timedelta(hours=2))


def test_a_value_metric_is_added_up_and_never_limited(lg):
    with lg.customer("acme", user="u1"):
        lg.record("minutes_saved", 10**6, key="a")
        lg.record("minutes_saved", 10**6, key="a")

    assert lg.usage_of("acme", "minutes_saved") == lg.usage_of("acme", "minutes_saved", user="u1") == 10**6


def test_each_user_has_a_limit_of_their_own(lg):
    with lg.customer("acme", user="u1"):
        assert lg.consume("emails", 2)
        assert not lg.consume("emails")
        assert lg.consume("emails", user="u2")
    with lg.customer("acme"), pytest.raises(ApiError, match="user_required"):
        lg.consume("emails")


@pytest.mark.parametrize(
    ("subject", "code"), [("nothing", "unknown_gate"), ("seats", "wrong_kind"), ("sso", "wrong_kind")]
)
def test_what_cannot_be_consumed_is_refused_by_its_code(lg, subject, code):
    with lg.customer("acme"), pytest.raises(ApiError) as refused:
        lg.consume(subject)

    assert refused.value.code == code


def test_an_upgrade_begins_the_period_anew_where_the_feature_says_so_and_once_only(lg):
    with lg.customer("acme"):
        lg.consume("texts", 4)
        lg.clock.advance(hours=1)
        lg.subscribe("acme", "pro")
        assert lg.check("texts").used == 0
        lg.consume("texts", 6)
        for plan in ("free", "pro"):
            lg.clock.advance(hours=1)
            lg.subscribe("acme", plan)

        assert lg.check("texts").used == 6


def test_a_level_is_set_and_added_to_and_never_goes_below_zero(lg):
    with lg.customer("acme"):
        assert lg.set_level("seats", 1)
        assert lg.add_level("seats", 1)
        assert not lg.add_level("seats", 1)
        assert lg.check("seats").used == 2
        assert lg.set_level("seats", 5).decision.used == 5
        lg.add_level("seats", -4)
        assert lg.check("seats").remaining == 1
        with pytest.raises(ApiError, match="level_below_zero"):
            lg.add_level("seats", -2)


def test_a_level_of_an_earlier_instant_does_not_replace_a_later_one(lg):
    with lg.customer("acme"):
        lg.set_level("seats", 2)
        lg.set_level("seats", 1, at=lg.clock.now - timedelta(hours=1))

        assert lg.check("seats").used == 2


@pytest.mark.parametrize(("offset", "code"), [(timedelta(days=-36), "too_old"), (timedelta(hours=2), "still_to_come")])
def test_a_level_of_an_instant_too_far_away_is_refused_and_hides_no_later_one(lg, offset, code):
    with lg.customer("acme", user="u1"):
        for change in (lg.set_level, lg.add_level):
            with pytest.raises(ApiError) as refused:
                change("seats", 1, at=lg.clock.now + offset)
            assert [(field.path, field.code) for field in refused.value.errors] == [("at", code)]
        lg.set_level("seats", 2)

        assert lg.check("seats").used == 2


def test_above_a_limit_what_exists_can_be_used_for_the_days_of_grace(lg):
    lg.subscribe("acme", "pro")
    with lg.customer("acme"):
        lg.set_level("seats", 4)
        lg.clock.advance(days=3)
        lg.cancel("acme")
        decision = lg.check("seats.open")

        assert decision.granted
        assert decision.over_limit.over == 2
        assert decision.over_limit.until == lg.clock.now + timedelta(days=7)
        lg.clock.advance(days=7)
        assert lg.check("seats.open").reason is Reason.OVER_LIMIT


def test_thresholds_are_noted_once_and_raise_the_version(lg):
    with lg.customer("acme"):
        for _ in range(3):
            lg.consume("texts")
        lg.refund(lg.consume("texts").key)
        lg.consume("texts")
        state = lg._state("acme")

    assert [(crossed.feature, crossed.percent) for crossed in state.crossings] == [("texts", 50), ("texts", 100)]


def test_uses_of_a_feature_are_told_by_hand(lg):
    with lg.customer("acme", user="u1"):
        lg.used("sso")
        lg.used("sso", 2)

    assert lg.uses["acme", "u1", "sso"] == 3


def test_set_usage_goes_on_counting_from_there(lg):
    lg.set_usage("acme", "exports", 2)

    with lg.customer("acme"):
        assert lg.consume("exports").decision.remaining == 0
        assert not lg.consume("exports")


def test_without_the_server_a_meter_is_closed_unless_its_feature_says_otherwise(lg):
    with lg.customer("acme", user="u1"):
        with lg.outage():
            assert lg.consume("exports").decision.reason is Reason.UNAVAILABLE
            assert lg.consume("emails").fallback
            with pytest.raises(GateUnavailable), lg.reserve("exports"):
                pass
            with pytest.raises(ServerUnreachable):
                lg.set_level("seats", 1)
        assert lg.check("exports").used == 0
        assert lg.check("emails").used == 1


def test_coroutines_count_too(lg):
    async def work() -> None:
        async with lg.customer("acme"):
            assert await lg.aconsume("exports", 2)
            async with lg.reserve("exports") as reservation:
                await reservation.arelease()

    asyncio.run(work())

    assert lg.usage_of("acme", "exports") == 2
