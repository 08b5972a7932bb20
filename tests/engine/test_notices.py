"""What subscribers are told before their version ends: in time, in their language, and only whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Cap, Entitlement, Incentive, Recurrence, Snapshot, Succession
from liftgate.engine.customer_state import CustomerState, SubscriptionStatus
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.notices import notices
from tests.engine.strategies import customer_states, instants, snapshots
from tests.engine.upsell import AT, DOCUMENT, SNAPSHOT, customer

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
TOLD_FROM = datetime(2026, 12, 2, tzinfo=UTC)
DAY = timedelta(days=1)
MORE = Incentive("exports", Entitlement("exports", caps=(Cap(100, Recurrence.MONTH),)), days=30)


def ending(**fields: Any) -> Snapshot:
    fields = {"to_version": 3, "at": NEW_YEAR, "notice_at": TOLD_FROM, **fields}
    return replace(SNAPSHOT, plan_successions={"pro@2": Succession(**fields)})


def holder(**phase: Any) -> CustomerState:
    pinned = replace(customer("pro").phases[0], **{"plan_version": 2, **phase})
    return replace(customer(), phases=(pinned,), pinned_plans={"pro@2": SNAPSHOT.catalogue.plans["pro"]})


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (TOLD_FROM - DAY, 0),
        (TOLD_FROM, 1),
        (NEW_YEAR - timedelta(microseconds=1), 1),
        (NEW_YEAR, 0),
        (NEW_YEAR + DAY, 0),
    ],
)
def test_it_is_told_from_the_notice_until_the_end(at: datetime, told: int) -> None:
    assert len(notices(ending(), holder(), at=at)) == told


def test_it_is_told_in_the_readers_language_and_zone() -> None:
    english, german = (notices(ending(), holder(), at=TOLD_FROM, language=tag)[0] for tag in ("en", "de-AT"))

    assert (english.kind, english.plan, english.at) == ("grandfathering", "pro", NEW_YEAR)
    assert english.title == "Your plan Pro is changing"
    assert english.text.startswith("From January 1, 2027, the new version of Pro applies to you.")
    assert german.text.startswith("Ab dem 1. Jänner 2027 gilt für Sie die neue Fassung des Tarifs „Pro“.")


def test_an_incentive_is_told_with_what_it_gives_and_for_how_long() -> None:
    told = [notices(ending(incentive=MORE), holder(), at=TOLD_FROM, language=tag)[0].incentive for tag in ("en", "de")]

    assert told == [
        "Switch before then and get +100 exports per month for 30 days.",
        "Bei einem früheren Wechsel erhalten Sie +100 Exporte pro Monat für 30 Tage.",
    ]


def test_an_incentive_of_a_feature_that_is_gone_is_not_promised() -> None:
    gone = replace(MORE, feature="fax")

    assert notices(ending(incentive=gone), holder(), at=TOLD_FROM)[0].incentive is None


def test_own_words_go_before_the_shipped_ones() -> None:
    own = {"grandfathering": {"text": {"en": "{plan} ends on {date}."}, "incentive": {"en": "{given} for {days} days"}}}
    snapshot = replace(ending(incentive=MORE), catalogue=read_catalogue({**DOCUMENT, "texts": own}))

    told = notices(snapshot, holder(), at=TOLD_FROM, language="en")[0]

    assert (told.text, told.incentive) == ("Pro ends on January 1, 2027.", "+100 exports per month for 30 days")


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        ({}, 1),
        ({"plan_version": 3}, 0),
        ({"ends_at": NEW_YEAR - DAY}, 0),
        ({"ends_at": NEW_YEAR}, 0),
        ({"ends_at": NEW_YEAR + DAY}, 1),
        ({"status": SubscriptionStatus.PAUSED}, 0),
        ({"status": SubscriptionStatus.PAST_DUE}, 1),
    ],
)
def test_only_who_lives_to_see_it_is_told(phase: dict[str, Any], told: int) -> None:
    assert len(notices(ending(), holder(**phase), at=TOLD_FROM)) == told


def test_a_trial_that_goes_on_as_the_same_version_does_not_hide_the_notice() -> None:
    state = holder(status=SubscriptionStatus.TRIALING, ends_at=NEW_YEAR - DAY)
    paid = replace(state.phases[0], status=SubscriptionStatus.ACTIVE, starts_at=NEW_YEAR - DAY, ends_at=None)

    assert len(notices(ending(), replace(state, phases=(*state.phases, paid)), at=TOLD_FROM)) == 1


def test_who_has_scheduled_another_version_before_that_day_is_not_told() -> None:
    state = holder(ends_at=NEW_YEAR - DAY)
    newer = replace(state.phases[0], plan_version=3, starts_at=NEW_YEAR - DAY, ends_at=None)

    assert notices(ending(), replace(state, phases=(*state.phases, newer)), at=TOLD_FROM) == ()


def test_without_a_notice_nobody_is_told() -> None:
    assert notices(ending(notice_at=None), holder(), at=TOLD_FROM) == ()


def test_a_refusal_carries_the_notice() -> None:
    evaluator = Evaluator(ending(), replace(holder(), usage={("boards", None, "never"): 25}))

    before, within = (evaluator.decide("boards", at=at).offer for at in (AT, TOLD_FROM))

    assert before is not None
    assert within is not None
    assert before.content.grandfathering is None
    assert within.content.grandfathering is not None
    assert within.content.grandfathering.until == NEW_YEAR


@given(st.data())
def test_any_snapshot_and_customer_get_notices_that_lie_ahead(data: st.DataObject) -> None:
    snapshot = data.draw(snapshots())
    state, at = data.draw(customer_states(snapshot)), data.draw(instants())

    assert all(one.at > at and one.title and one.text for one in notices(snapshot, state, at=at))
