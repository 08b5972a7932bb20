"""The ledger against everything that is added up from it: counters, days, and what reservations hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TypeVar

from loadtests.storm.evidence import CounterFact, EventFact, Evidence, ReservationFact
from loadtests.storm.violations import Violation, Wrong

_Row = TypeVar("_Row", EventFact, ReservationFact)
_OF_BUCKETS = ("bucket:", "trial:")
"""What begins these windows; what they count is told by receipts, and no plan of the storm has them."""


def judge_sums(evidence: Evidence) -> Iterator[Violation]:
    """Add up the ledger again and hold it against what the product keeps."""
    events, reservations = by_account(evidence.events), by_account(evidence.reservations)
    for counter in evidence.counters:
        if counter.window.startswith(_OF_BUCKETS):
            continue
        account = counter.customer, counter.feature
        used = sum(event.base_quantity for event in events[account] if lies_within(event, event.at, counter))
        if counter.used != used:
            yield Violation(Wrong.COUNTER, counter.name, f"{counter.used} counted, {used} in the ledger")
        held = sum(
            found.base_units
            for found in reservations[account]
            if found.state == "open" and lies_within(found, found.created_at, counter)
        )
        if counter.held != held:
            yield Violation(Wrong.HELD, counter.name, f"{counter.held} held, {held} reserved")
    yield from _judge_days(evidence)


def by_account(rows: Iterable[_Row]) -> defaultdict[tuple[str, str], list[_Row]]:
    """Sort rows by customer and feature."""
    found: defaultdict[tuple[str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.customer, row.feature].append(row)
    return found


def lies_within(row: EventFact | ReservationFact, at: datetime, counter: CounterFact) -> bool:
    """Whether something that was used at an instant counts into a window."""
    return counter.user in ("", row.user) and counter.starts_at <= at < counter.ends_at


def _judge_days(evidence: Evidence) -> Iterator[Violation]:
    """What was used each day, and by whom, is what the ledger says of that day."""
    ledger: defaultdict[tuple[str, str, str, date], int] = defaultdict(int)
    days: defaultdict[tuple[str, str, str, date], int] = defaultdict(int)
    for event in evidence.events:
        ledger[event.customer, event.feature, event.user, event.at.astimezone(UTC).date()] += event.quantity
    for day in evidence.days:
        days[day.customer, day.feature, day.user, day.day] += day.units
    for key in sorted(ledger.keys() | days.keys()):
        if ledger[key] != days[key]:
            about = " ".join(map(str, key))
            yield Violation(Wrong.DAYS, about, f"{days[key]} by day, {ledger[key]} in the ledger")
