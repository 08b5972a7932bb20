"""How reservations end, one statement at a time: committed, released or expired. Read ``posting_steps`` first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from liftgate.engine.allocation import Part, count
from liftgate.engine.allowance_model import Allowance
from liftgate_server.plumbing.errors import Conflict, Invalid, NotFound
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.counting_steps import Place, add_to_counters, announce_returns, count_day, stands
from liftgate_server.usage.facts import Operation, Posted, ReservationState
from liftgate_server.usage.posting_records import (
    allowance_on_file,
    base_units,
    document_of,
    instant_of,
    key_conflict,
    parts_of,
    receipt_document,
    receipt_of,
    replayed,
)
from liftgate_server.usage.posting_statements import COMMIT, Statement, Steps, begin

__all__ = ["beyond_reservation", "raise_for_state", "settle", "sweep", "sweep_feature", "unknown_reservation"]


def settle(environment_id: int, customer: str, key: str, *, quantity: int | None, at: datetime) -> Steps[Posted]:
    """Commit so many units of a reservation, or release it without a number.

    One that has expired by now is written down as such, and then refused.
    """
    yield begin(environment_id, customer)
    held = yield from _reservation(environment_id, customer, key)
    if held is None or held.state is ReservationState.REFUSED:
        raise unknown_reservation()
    if held.state is not ReservationState.OPEN:
        answer = yield from _settled_before(held, quantity)
        yield COMMIT
        return answer
    is_late = at >= held.expires_at
    if quantity is not None and quantity > held.units and not is_late:
        raise beyond_reservation()
    posted = yield from _settle(held, None if is_late else quantity, at=at, is_late=is_late)
    yield COMMIT
    if is_late:
        raise_for_state(ReservationState.EXPIRED)
    return posted


def raise_for_state(state: str) -> NoReturn:
    """Refuse what is to be done with a reservation that is no longer open."""
    raise Conflict(f"reservation_{state}", f"This reservation is {state}; nothing more can be done with it.")


def unknown_reservation() -> NotFound:
    return NotFound("unknown_reservation", "There is no such reservation of this customer.")


def beyond_reservation() -> Invalid:
    return Invalid("beyond_reservation", "No more can be committed than was reserved.")


def sweep(environment_id: int, customer: str, feature: str, *, at: datetime) -> Steps[bool]:
    """Give back what expired reservations hold of a feature; say whether there is something to announce."""
    yield begin(environment_id, customer)
    to_announce = yield from sweep_feature(environment_id, customer, feature, at=at)
    yield COMMIT
    return to_announce


def sweep_feature(environment_id: int, customer: str, feature: str, *, at: datetime) -> Steps[bool]:
    """Do so within a transaction that has the customer's ledger to itself."""
    to_announce = False
    rows = yield Statement(sql.EXPIRED, (environment_id, customer, feature, at))
    for (key,) in rows:
        held = yield from _reservation(environment_id, customer, key)
        if held is not None:
            swept = yield from _settle(held, None, at=at, is_late=True)
            to_announce = to_announce or swept.to_announce
    return to_announce


@dataclass(frozen=True, slots=True)
class _Held:
    """A reservation as it is on file."""

    place: Place
    key: str
    state: ReservationState
    expires_at: datetime
    gate: str | None
    units: int
    settled: int | None
    digest: bytes
    properties: dict[str, Any] | None
    receipt: dict[str, Any]
    allowance: Allowance | None
    parts: tuple[Part, ...]


def _reservation(environment_id: int, customer: str, key: str) -> Steps[_Held | None]:
    for row in (yield Statement(sql.RESERVATION, (environment_id, customer, key))):
        state, digest, created_at, expires_at, receipt, gate, feature, user, units, settled, properties = row
        document = document_of(receipt)
        return _Held(
            place=Place(environment_id, customer, feature, user, instant_of(created_at)),
            key=key,
            state=ReservationState(state),
            expires_at=instant_of(expires_at),
            gate=gate,
            units=units,
            settled=settled,
            digest=bytes(digest),
            properties=document_of(properties),
            receipt=document,
            allowance=allowance_on_file(document),
            parts=parts_of(document),
        )
    return None


def _settled_before(held: _Held, quantity: int | None) -> Steps[Posted]:
    if held.state is ReservationState.RELEASED and quantity is None:
        ended = {**held.receipt, "parts": [], "counters": held.receipt["ended"]}
        return replayed(ended, granted=True, at=held.place.at)
    if held.state is ReservationState.COMMITTED and quantity == held.settled:
        place = held.place
        for row in (yield Statement(sql.ENTRY, (place.environment_id, place.customer, held.key))):
            return replayed(document_of(row[4]), granted=True, at=instant_of(row[3]))
    raise_for_state(held.state)


def _settle(held: _Held, quantity: int | None, *, at: datetime, is_late: bool) -> Steps[Posted]:
    place, allowance = held.place, held.allowance
    used = _first_of(held.parts, quantity or 0)
    back = tuple(Part(part.bucket, -part.units) for part in held.parts)
    before = yield from stands(place)
    after = before if allowance is None else count(allowance, count(allowance, before, back), used)
    document = receipt_document(held.receipt, used, allowance, after)
    if quantity is not None:
        yield from _commit_entry(held, quantity, used, document, at=at)
    yield from add_to_counters(place, allowance, used=used, held=back)
    state = ReservationState.RELEASED if quantity is None else ReservationState.COMMITTED
    name = (place.environment_id, place.customer, held.key)
    # What a release answered has to be found again; a commit has an entry of its own for that.
    receipt = {**held.receipt, "ended": document["counters"]}
    ending = ((ReservationState.EXPIRED if is_late else state).value, quantity or 0, at, receipt)
    yield Statement(sql.SETTLE, (*ending, *name))
    if quantity:
        yield from count_day(place, units=quantity, uses=1)
    to_announce = yield from announce_returns(place, allowance, before, after, at=at)
    return Posted(granted=True, replayed=False, receipt=receipt_of(document, at=place.at), to_announce=to_announce)


def _commit_entry(
    held: _Held, quantity: int, used: tuple[Part, ...], document: dict[str, Any], *, at: datetime
) -> Steps[None]:
    """Write the entry. It counts when it was reserved: those limits let it pass, and nothing else was looked at."""
    place = held.place
    name = (place.environment_id, place.customer, held.key)
    if (yield Statement(sql.ENTRY, name)):
        raise key_conflict()
    row = (
        *name,
        Operation.COMMIT.value,
        held.gate,
        place.feature,
        place.user,
        quantity,
        base_units(used),
        int(quantity > 0),
        place.at,
        at,
        False,
        None,
        held.digest,
        held.properties,
        document,
    )
    yield Statement(sql.NEW_ENTRY, row)


def _first_of(parts: tuple[Part, ...], units: int) -> tuple[Part, ...]:
    """Return the first so many units of the parts, in their order."""
    taken: list[Part] = []
    for part in parts:
        some = min(part.units, units)
        units -= some
        if some:
            taken.append(Part(part.bucket, some))
    return tuple(taken)
