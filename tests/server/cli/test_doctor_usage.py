"""`liftgate doctor usage` finds what does not agree with the ledger, and repairs it on request only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from liftgate_server.access.queries import environment_by_key
from liftgate_server.app import create_app
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import db, detach_database, transaction
from liftgate_server.usage import ledger
from liftgate_server.usage.batches import record_batch
from liftgate_server.usage.facts import Operation
from liftgate_server.usage.models import UsageCounterRow, UsageDayRow, UsageEventRow
from tests.server.conftest import START
from tests.server.usage.ledger_rows import NOVEMBER, Host, counted, gift_first, used

Opened = Callable[[], AbstractContextManager[Host]]


@pytest.fixture
def opened(liftgate) -> Opened:
    """An installation with two customers who used something; open it to look into it."""
    liftgate("environments", "create", "demo")

    @contextmanager
    def open_() -> Iterator[Host]:
        app = create_app(load_config(), clock=FixedClock(START))
        with app.app_context():
            yield Host(environment_by_key("demo").id)
            db.session.remove()
        detach_database(app)

    with open_() as host:
        host.allowance = gift_first(NOVEMBER)
        batch = [host.posting(f"k{n}", n, customer=f"c{n % 2}", user="u1") for n in range(1, 7)]
        record_batch(host.environment_id, batch)
        held = replace(host.posting("held", 3, customer="c1"), operation=Operation.CONSUME)
        ledger.reserve(host.environment_id, held, expires_at=START + timedelta(hours=1))
    return open_


def spoil(opened: Opened, table: Any, **values: Any) -> None:
    """Change what is kept of c1 beside the ledger, as a bug would."""
    with opened() as host, transaction(host.environment_id) as session:
        of: tuple[Any, ...] = (table.environment_id == host.environment_id, table.customer == "c1")
        if table is UsageCounterRow:
            of = (*of, table.window == NOVEMBER.key)
        session.execute(update(table).where(*of).values(**values))


def told(result: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_ledger_that_agrees_is_well(liftgate, opened):
    result = liftgate("doctor", "usage")

    assert result.exit_code == 0, result.output
    assert "all agree (2 customers, 4 counters, 6 rows of the ledger)" in result.stdout


@pytest.mark.parametrize(
    ("table", "values", "what", "kept", "by_ledger"),
    [
        (UsageCounterRow, {"used": 99}, "used", 99, 4),
        (UsageCounterRow, {"held": 0}, "held", 0, 3),
        (UsageDayRow, {"units": 1}, "day_units", 1, 9),
        (UsageDayRow, {"uses": 2}, "day_uses", 2, 3),
        (UsageDayRow, {"day": date(2026, 1, 1)}, "day_units", 9, 0),
    ],
)
def test_each_thing_that_differs_is_a_line_and_ends_with_1(liftgate, opened, table, values, what, kept, by_ledger):
    spoil(opened, table, **values)

    result = liftgate("doctor", "usage", "--json")

    assert result.exit_code == 1
    *differences, total = told(result)
    assert (what, kept, by_ledger) in {(it["what"], it["kept"], it["counted"]) for it in differences}
    assert {it["customer"] for it in differences} == {"c1"}
    assert (total["ok"], total["differences"]) == (False, len(differences))


def test_a_counter_of_a_bucket_is_counted_from_the_receipts(liftgate, opened):
    with opened() as host, transaction(host.environment_id) as session:
        session.execute(update(UsageCounterRow).where(UsageCounterRow.window == "bucket:gift").values(used=1))

    result = liftgate("doctor", "usage", "--json")

    *differences, _ = told(result)
    assert {(it["customer"], it["place"], it["kept"], it["counted"]) for it in differences} == {
        ("c0", "bucket:gift", 1, 5),
        ("c1", "bucket:gift", 1, 5),
    }


def test_looking_changes_nothing(liftgate, opened):
    spoil(opened, UsageCounterRow, used=99)

    liftgate("doctor", "usage")

    with opened():
        assert used("c1")[NOVEMBER.key] == 99


def test_a_repair_makes_all_agree_and_is_written_down(liftgate, opened):
    spoil(opened, UsageCounterRow, used=99, held=7)
    spoil(opened, UsageDayRow, units=1, uses=0)

    repaired = liftgate("doctor", "usage", "--repair", "--json")
    again = liftgate("doctor", "usage", "--json")

    assert (repaired.exit_code, again.exit_code) == (0, 0), repaired.output
    assert [line["repaired"] for line in told(repaired)[:-1]] == [True] * 4
    with opened() as host:
        assert (used("c1")[NOVEMBER.key], counted("c1")) == (4, 9)
        (entry,) = entries(host.environment_id, action="usage.repair").items
    assert entry.subject == "customer:c1"
    assert {(it["what"], it["value"]) for it in entry.before["values"]} == {
        ("used", 99),
        ("held", 7),
        ("day_units", 1),
        ("day_uses", 0),
    }
    assert entry.actor_kind == "command_line"


def test_a_repair_writes_a_day_that_was_lost(liftgate, opened):
    with opened() as host, transaction(host.environment_id) as session:
        session.query(UsageDayRow).delete()

    repaired = liftgate("doctor", "usage", "--repair")

    assert repaired.exit_code == 0, repaired.output
    assert liftgate("doctor", "usage").exit_code == 0
    with opened():
        kept = {row.customer: (row.units, row.uses, row.last_at) for row in db.session.query(UsageDayRow)}
    assert kept == {"c0": (12, 3, START), "c1": (9, 3, START)}


def test_the_ledger_itself_is_never_changed(liftgate, opened):
    spoil(opened, UsageEventRow, quantity=1, base_quantity=1)

    liftgate("doctor", "usage", "--repair")

    with opened():
        assert counted("c1") == 3
        assert used("c1")[NOVEMBER.key] == 3


def test_one_customer_or_one_environment_can_be_examined(liftgate, opened):
    spoil(opened, UsageCounterRow, used=99)
    liftgate("environments", "create", "other")

    assert liftgate("doctor", "usage", "--customer", "c0").exit_code == 0
    assert liftgate("doctor", "usage", "--customer", "c1").exit_code == 1
    assert liftgate("doctor", "usage", "--environment", "other").exit_code == 0
    assert liftgate("doctor", "usage", "--environment", "nowhere").exit_code == 1


def test_a_customer_of_whom_nothing_is_counted_is_named(liftgate, opened):
    """Otherwise a misspelt id would look like a ledger that agrees."""
    said = {name: liftgate("doctor", "usage", "--customer", name).stderr for name in ("c0", "C0")}

    assert {name: "Nothing is counted" in text for name, text in said.items()} == {"c0": False, "C0": True}


def test_the_text_says_what_to_do(liftgate, opened):
    spoil(opened, UsageCounterRow, used=99)

    result = liftgate("doctor", "usage")

    assert f"demo c1 exports: used of {NOVEMBER.key} says 99, the ledger 4" in result.stdout
    assert "Run with --repair" in result.stdout
