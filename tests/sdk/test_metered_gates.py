"""Gates that consume: units are held before the body, counted when it returns, freed when it raises."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from liftgate import ConfigurationError, GateUnavailable, Reason, UpgradeRequired
from tests.sdk.fake_server import CATALOGUE

pytestmark = pytest.mark.usefixtures("_without_pauses")


def held(ledger) -> int:
    return ledger.held.get(("acme", "exports"), 0)


def test_what_returns_is_counted_and_what_raises_is_not(bound, ledger):
    @bound.gate("reports.export", consume=2)
    def export(name: str) -> str:
        if not name:
            raise LookupError
        return name

    assert export("a") == "a"
    with pytest.raises(LookupError):
        export("")
    assert export("b") == "b"

    assert (ledger.count_of("exports"), held(ledger)) == (4, 0)


def test_the_units_may_be_computed_from_the_arguments(bound, ledger):
    @bound.gate("exports", consume=lambda rows, *, twice=False: len(rows) * (2 if twice else 1))
    def export(rows: list[int], *, twice: bool = False) -> int:
        return len(rows)

    assert (export([1]), export([1, 2], twice=True)) == (1, 2)
    assert ledger.count_of("exports") == 5


def test_what_does_not_fit_does_not_run(bound, ledger):
    ran = []

    @bound.gate("reports.export", consume=6)
    def export() -> None:
        ran.append(True)

    with pytest.raises(UpgradeRequired) as caught:
        export()

    assert ran == []
    assert caught.value.decision.gate == "reports.export"
    assert caught.value.payload is not None
    assert ledger.count_of("exports") == 0


def test_instead_of_what_does_not_fit_something_else_runs(bound):
    @bound.gate("reports.export", consume=6, otherwise=lambda name: f"preview of {name}")
    def export(name: str) -> str:
        return name

    assert export("a") == "preview of a"


@pytest.mark.parametrize("policy", [None, "open"])
def test_no_fail_policy_opens_a_gate_that_consumes(make_client, server, policy):
    gate = {**CATALOGUE["gates"]["reports.export"], "on_failure": "open"}
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "reports.export": gate}})
    client = make_client(on_failure="open")
    export = client.gate("reports.export", consume=1, on_failure=policy)(lambda: "ran")
    with client.customer("acme"):
        server.is_down = True
        with pytest.raises(GateUnavailable) as caught:
            export()

    assert caught.value.decision.reason is Reason.UNAVAILABLE


def test_the_result_is_not_lost_when_the_server_goes_away_meanwhile(bound, server, ledger):
    @bound.gate("reports.export", consume=1)
    def export() -> str:
        server.is_down = True
        return "report"

    assert export() == "report"
    server.is_down = False
    assert bound.flush(10)
    assert ledger.count_of("exports") == 1


def test_work_that_outlasted_its_reservation_is_counted(bound, ledger):
    @bound.gate("reports.export", consume=1)
    def export() -> str:
        ledger.expired = True
        return "report"

    assert export() == "report"
    assert bound.flush(10)
    assert ledger.count_of("exports") == 1


def test_coroutine_functions_consume(bound, ledger):
    async def rows(wanted: int) -> int:
        return wanted

    @bound.gate("reports.export", consume=rows)
    async def export(wanted: int) -> int:
        if wanted == 2:
            raise LookupError
        return wanted

    async def use() -> int:
        with pytest.raises(LookupError):
            await export(2)
        with pytest.raises(UpgradeRequired):
            await export(6)
        return await export(3)

    assert inspect.iscoroutinefunction(export)
    assert asyncio.run(use()) == 3
    assert (ledger.count_of("exports"), held(ledger)) == (3, 0)


def test_a_generator_is_refused_before_its_first_item_and_counted_at_its_end(bound, ledger):
    @bound.gate("reports.export", consume=3)
    def rows():
        yield from (1, 2)

    items = rows()
    assert (held(ledger), ledger.count_of("exports")) == (3, 0)
    assert list(items) == [1, 2]
    assert (held(ledger), ledger.count_of("exports")) == (0, 3)
    with pytest.raises(UpgradeRequired):
        rows()


def test_a_generator_that_raises_is_not_counted_and_one_that_is_left_early_is(bound, ledger):
    @bound.gate("reports.export", consume=2)
    def rows(good: int):
        yield from range(good)
        raise LookupError

    with pytest.raises(LookupError):
        list(rows(2))
    assert (held(ledger), ledger.count_of("exports")) == (0, 0)
    items = rows(2)
    next(items)
    items.close()

    assert (held(ledger), ledger.count_of("exports")) == (0, 2)


def test_an_asynchronous_generator_is_asked_about_with_its_first_item(bound, ledger):
    @bound.gate("reports.export", consume=3)
    async def rows(good: int):
        for number in range(good):
            yield number
        if not good:
            raise LookupError

    async def use() -> list[int]:
        with pytest.raises(LookupError):
            [_ async for _ in rows(0)]
        found = [number async for number in rows(2)]
        refused = rows(2)
        with pytest.raises(UpgradeRequired):
            await anext(refused)
        return found

    assert asyncio.run(use()) == [0, 1]
    assert (held(ledger), ledger.count_of("exports")) == (0, 3)


def test_a_gate_counts_its_pass_but_not_a_second_use_of_its_meter(client, server):
    server.upgrade("acme")
    both = {"requires": {"all": ["sso", "exports"]}}
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "report.share": both}})
    server.ledger.features["report.share"] = "exports"
    share = client.gate("report.share", consume=1, otherwise=lambda: None)(lambda: None)
    with client.customer("acme"):
        client.refresh()
        share()
        server.ledger.limits["exports"] = 1
        share()

    counted = client._feed.reporter._tally.take()
    assert {f"{met.outcome}:{met.reason}": calls for met, calls in counted.met.items()} == {
        "granted:entitled": 1,
        "refused:limit_reached": 1,
    }
    assert {used.feature: times for used, times in counted.uses.items()} == {"sso": 1}


def test_what_counts_by_itself_takes_no_numbers_of_the_host(client):
    for numbers in ({"units": 2}, {"used": 3}):
        with pytest.raises(ConfigurationError):
            client.gate("reports.export", consume=1, **numbers)


def test_a_gated_function_keeps_its_name_and_signature(client):
    @client.gate("reports.export", consume=1)
    def export(name: str, *, pages: int = 1) -> bytes:
        """Export."""
        return name.encode() * pages

    assert (export.__name__, export.__doc__) == ("export", "Export.")
    assert str(inspect.signature(export)) == "(name: 'str', *, pages: 'int' = 1) -> 'bytes'"
