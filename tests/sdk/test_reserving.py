"""Units held until it is known how many were used: by a block."""

from __future__ import annotations

import asyncio

import pytest

from liftgate import ApiError, GateUnavailable, LiftgateError, UpgradeRequired, remote_meter
from liftgate.entries import derived_key
from tests.sdk.conftest import eventually, lose_answers
from tests.sdk.fake_server import FORGIVING

pytestmark = pytest.mark.usefixtures("_without_pauses")


def held(ledger) -> int:
    return ledger.held.get(("acme", "exports"), 0)


def test_what_is_committed_is_counted_and_the_rest_is_free(bound, ledger):
    with bound.reserve("exports", 4) as reservation:
        assert (held(ledger), bound.check("exports").remaining) == (4, 1)
        reservation.commit(3)

    assert (ledger.count_of("exports"), held(ledger)) == (3, 0)
    assert bound.check("exports").used == 3


def test_a_block_that_ends_used_all_and_one_that_raises_nothing(bound, ledger):
    with bound.reserve("exports", 2):
        pass
    with pytest.raises(LookupError), bound.reserve("exports", 2):
        raise LookupError

    assert (ledger.count_of("exports"), held(ledger)) == (2, 0)
    assert bound.check("exports").used == 2


def test_what_is_released_is_free(bound, ledger):
    with bound.reserve("exports", 2) as reservation:
        reservation.release()
    with bound.reserve("exports", 5) as reservation:
        reservation.commit(0)

    assert (ledger.count_of("exports"), held(ledger)) == (0, 0)


def test_a_reservation_knows_its_key_its_end_and_the_decision(bound):
    reservation = bound.reserve("exports", 2, key="job-1", ttl_seconds=60)
    assert (reservation.decision, reservation.expires_at) == (None, None)
    with reservation:
        assert (reservation.key, reservation.units) == ("job-1", 2)
        assert reservation.decision.granted
        assert reservation.expires_at.isoformat() == "2026-11-22T09:05:00+00:00"


def test_what_does_not_fit_is_refused_before_the_block(bound, ledger):
    ran = []
    with pytest.raises(UpgradeRequired) as caught, bound.reserve("exports", 6):
        ran.append(True)

    assert ran == []
    assert caught.value.payload is not None
    assert held(ledger) == 0


def test_no_server_is_an_outage_and_never_a_reason_to_upgrade(bound, server):
    server.is_down = True
    with pytest.raises(GateUnavailable), bound.reserve("exports", 2):
        raise AssertionError


@pytest.mark.parametrize("ttl_seconds", [0, -1, 1.5, True, 86_401])
def test_a_bad_time_to_live_is_refused_before_anything_is_sent(bound, server, ttl_seconds):
    with pytest.raises(ValueError, match="`ttl_seconds`"):
        bound.reserve("exports", ttl_seconds=ttl_seconds)

    assert server.count("/usage/") == 0


def test_more_than_was_reserved_cannot_be_committed(bound, ledger):
    with bound.reserve("exports", 2) as reservation:
        with pytest.raises(ValueError, match="more than the 2"):
            reservation.commit(3)
        reservation.commit(1)

    assert ledger.count_of("exports") == 1


def test_a_reservation_is_settled_once_and_used_once(bound, ledger):
    reservation = bound.reserve("exports", 2)
    with pytest.raises(LiftgateError, match="not open"):
        reservation.commit()
    with reservation:
        reservation.commit(1)
        for settle_again in (reservation.commit, reservation.release):
            with pytest.raises(LiftgateError, match="not open"):
                settle_again()
    with pytest.raises(LiftgateError, match="has been used"), reservation:
        pass

    assert ledger.count_of("exports") == 1


def test_answers_that_were_lost_change_nothing(bound, server, ledger):
    lose_answers(server, 1)
    with bound.reserve("exports", 3) as reservation:
        lose_answers(server, 1)
        reservation.commit(2)

    assert (ledger.count_of("exports"), held(ledger)) == (2, 0)


def test_what_cannot_be_committed_now_is_committed_later(bound, server, ledger):
    with bound.reserve("exports", 3) as reservation:
        server.is_down = True
        reservation.commit(2)
    server.is_down = False
    assert bound.flush(10)

    assert (ledger.count_of("exports"), held(ledger)) == (2, 0)


def test_what_was_done_is_recorded_when_the_reservation_has_expired_meanwhile(bound, server, ledger):
    with bound.reserve("exports", 3) as reservation:
        server.is_down = True
        reservation.commit(2)
    ledger.expired = True
    server.is_down = False
    assert bound.flush(10)

    (event,) = ledger.events.values()
    assert (event["feature"], event["quantity"], event["user"]) == ("exports", 2, "u1")
    assert event["key"] == derived_key(reservation.key, "late")


def test_to_commit_what_has_expired_is_an_error_and_counts_nothing(bound, ledger):
    def work() -> None:
        with bound.reserve("exports", 2) as reservation:
            ledger.expired = True
            reservation.commit()

    with pytest.raises(ApiError) as caught:
        work()

    assert caught.value.code == "reservation_expired"
    assert ledger.count_of("exports") == 0


def test_a_block_that_outlasted_its_reservation_is_recorded(bound, ledger):
    with bound.reserve("exports", 2) as reservation:
        ledger.expired = True
    assert bound.flush(10)

    assert ledger.count_of("exports") == 2
    assert {event["key"] for event in ledger.events.values()} == {derived_key(reservation.key, "late")}


def test_what_cannot_be_released_now_is_released_later(bound, server, ledger):
    with bound.reserve("exports", 3) as reservation:
        server.is_down = True
        reservation.release()
    server.is_down = False
    assert bound.flush(10)

    assert held(ledger) == 0


def test_a_reservation_whose_answer_never_came_is_released(bound, server, ledger):
    lose_answers(server, remote_meter._MOST_ATTEMPTS)
    with pytest.raises(GateUnavailable), bound.reserve("exports", 3):
        raise AssertionError
    assert bound.flush(10)

    assert held(ledger) == 0


def test_a_forgiving_feature_is_counted_later(make_client, server, ledger):
    server.publish(FORGIVING)
    client = make_client()
    with client.customer("acme"):
        server.is_down = True
        with client.reserve("exports", 3) as reservation:
            reservation.commit(2)
        with pytest.raises(LookupError), client.reserve("exports", 3):
            raise LookupError
        server.is_down = False
        assert client.flush(10)

    assert ledger.count_of("exports") == 2


def test_coroutines_reserve(bound, ledger):
    async def use() -> None:
        async with bound.reserve("exports", 3) as reservation:
            await reservation.acommit(1)
        async with bound.reserve("exports", 2):
            pass
        async with bound.reserve("exports", 1) as reservation:
            await reservation.arelease()
        with pytest.raises(LookupError):
            async with bound.reserve("exports", 1):
                raise LookupError
        with pytest.raises(UpgradeRequired):
            async with bound.reserve("exports", 3):
                raise AssertionError

    asyncio.run(use())
    assert (ledger.count_of("exports"), held(ledger)) == (3, 0)


@pytest.mark.parametrize("place", ["/reserve", "body", "/commit"])
def test_a_canceled_task_leaves_nothing_held(bound, server, ledger, place):
    ran: list[bool] = []

    async def use() -> None:
        loop, is_there = asyncio.get_running_loop(), asyncio.Event()
        may_go_on: list[bool] = []

        def hold_up(request):
            if place in request.path:
                loop.call_soon_threadsafe(is_there.set)
                assert eventually(lambda: bool(may_go_on))

        async def work() -> None:
            async with bound.reserve("exports", 3):
                if place == "body":
                    is_there.set()
                    await asyncio.sleep(60)
                ran.append(True)

        server.before = hold_up
        task = asyncio.create_task(work())
        await is_there.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may_go_on.append(True)

    asyncio.run(use())
    assert eventually(lambda: bound.flush(0.1) and held(ledger) == 0)
    # Work that was done is counted although nobody waited for it to be said.
    assert ledger.count_of("exports") == (3 if ran else 0)
