"""Makes what is kept beside the ledger equal to it, for who asks for it; the ledger itself stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.changes import ChangeKind, keep_from_counting
from liftgate_server.plumbing.db import changed_rows, transaction
from liftgate_server.usage.examination import Agreement, Difference, examine
from liftgate_server.usage.models import UsageCounterRow, UsageDayRow, UsageEventRow

__all__ = ["repair_customer"]

# The entry of the log names so many differences; how many there were it says in any case.
_MOST_NAMED = 100


def repair_customer(environment_id: int, customer: str) -> tuple[Difference, ...]:
    """Set counters, held units and days to what the ledger says; give what was different.

    Nobody counts for the customer meanwhile: what is compared and what is written is of one moment.
    """
    with transaction(environment_id) as session:
        keep_from_counting(environment_id, ChangeKind.CUSTOMER, key=customer)
        differences = examine(session, environment_id, customer).differences
        for difference in differences:
            _SETTERS[difference.what](session, environment_id, customer, difference)
        if differences:
            _write_down(environment_id, customer, differences)
    return differences


def _set_used(session: Session, environment_id: int, customer: str, it: Difference) -> None:
    changed_rows(session, _counter(environment_id, customer, it).values(used=it.counted))


def _set_held(session: Session, environment_id: int, customer: str, it: Difference) -> None:
    changed_rows(session, _counter(environment_id, customer, it).values(held=it.counted))


def _counter(environment_id: int, customer: str, it: Difference) -> Any:
    table = UsageCounterRow
    return update(table).where(
        table.environment_id == environment_id,
        table.customer == customer,
        table.feature == it.feature,
        table.user == it.user,
        table.window == it.place,
    )


def _set_units(session: Session, environment_id: int, customer: str, it: Difference) -> None:
    _day(session, environment_id, customer, it).units = it.counted


def _set_uses(session: Session, environment_id: int, customer: str, it: Difference) -> None:
    _day(session, environment_id, customer, it).uses = it.counted


def _day(session: Session, environment_id: int, customer: str, it: Difference) -> UsageDayRow:
    day = date.fromisoformat(it.place)
    found = session.get(UsageDayRow, (environment_id, customer, it.feature, it.user, day))
    if found is None:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        table = UsageEventRow
        last_at = session.scalar(
            select(func.max(table.at)).where(
                table.environment_id == environment_id,
                table.customer == customer,
                table.feature == it.feature,
                table.user == it.user,
                table.at >= midnight,
                table.at < midnight + timedelta(days=1),
            )
        )
        found = UsageDayRow(
            environment_id=environment_id,
            customer=customer,
            feature=it.feature,
            user=it.user,
            day=day,
            units=0,
            uses=0,
            last_at=last_at or midnight,
        )
        session.add(found)
        session.flush()
    return found


def _write_down(environment_id: int, customer: str, differences: tuple[Difference, ...]) -> None:
    named = differences[:_MOST_NAMED]
    before, after = (
        {"differences": len(differences), "values": [_named(it, value) for it, value in values]}
        for values in ([(it, it.kept) for it in named], [(it, it.counted) for it in named])
    )
    write_entry(environment_id, "usage.repair", subject=f"customer:{customer}", before=before, after=after)


def _named(it: Difference, value: int) -> dict[str, object]:
    return {"what": it.what.value, "feature": it.feature, "user": it.user, "place": it.place, "value": value}


_SETTERS: Final[Mapping[Agreement, Callable[[Session, int, str, Difference], None]]] = {
    Agreement.USED: _set_used,
    Agreement.HELD: _set_held,
    Agreement.DAY_UNITS: _set_units,
    Agreement.DAY_USES: _set_uses,
}
