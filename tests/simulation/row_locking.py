"""The functions of migration 0007, statement by statement, over the store that models READ COMMITTED.

PL/pgSQL runs where the storm proves it; what is proved here is the order of its steps: which lock before which read,
what is written first, and what the loser of a race does. The decision is the engine's own.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from liftgate.engine.allocation import allocate
from liftgate.engine.allowance import Allowance, Window
from tests.simulation.facts import Parts
from tests.simulation.messages import Answer, Kind, Request
from tests.simulation.parts import added, first_units, last_units, left_of, negative
from tests.simulation.store import Begin, Change, Commit, Insert, Lock, Read, Row, Scan
from tests.simulation.world import Refused, StaleTerms, Terms

Steps = Generator[Any, Any, Any]
CounterKey = tuple[str, str, str, str]

_MOST_TRIES = 6


class Again(Exception):
    """The function says what has to be done before it can be called again."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Taking:
    """What is about to be taken, and what the counters said before."""

    request: Request
    at: datetime
    allowance: Allowance
    stands: Mapping[tuple[str, str | None], int]
    places: tuple[CounterKey, ...]


class RowLocking:
    """The ledger on PostgreSQL."""

    def load(self, customer: str) -> Generator[Any, Any, Terms]:
        """Read what is known of catalogue and customer, as two statements."""
        catalogue = yield Read("catalogue", "now")
        row = yield Read("customers", customer)
        return Terms(customer, catalogue["number"], catalogue["publication"], row["version"], row["plan"], row["gift"])

    def change_customer(self, customer: str, *, plan: str | None, has_gift: bool | None) -> Steps:
        """Change what a customer holds: the lock before anything else."""
        yield Begin()
        yield Lock(customer, exclusive=True)
        yield Change("customers", customer, lambda row: _changed(row or {}, plan, has_gift))
        yield Commit()

    def publish(self, publication: int) -> Steps:
        """Publish: the lock before anything else."""
        yield Begin()
        yield Lock("catalogue", exclusive=True)
        yield Change("catalogue", "now", lambda row: _published(row or {}, publication))
        yield Commit()

    def handle(self, request: Request, terms: Terms, *, now: datetime) -> Generator[Any, Any, Answer]:
        """Call the function of the request until it gives an answer."""
        is_alone = request.kind in {Kind.LEVEL, Kind.INCREMENT, Kind.REFUND}
        for _ in range(_MOST_TRIES):
            yield Begin()
            try:
                answer = yield from self._call(request, terms, now, is_alone)
            except Again as again:
                yield Commit()
                is_alone = is_alone or again.why == "alone"
                if again.why == "expired":
                    yield from self._expire(request, now)
                continue
            yield Commit()
            return answer
        raise Refused("busy")

    def _call(self, request: Request, terms: Terms, now: datetime, is_alone: bool) -> Generator[Any, Any, Answer]:
        yield from self._lock_terms(request.customer, is_alone)
        if request.kind in {Kind.COMMIT, Kind.RELEASE}:
            return (yield from self._settle(request, at=now))
        if request.kind is Kind.REFUND:
            return (yield from self._refund(request))
        return (yield from self._post(request, terms, now, is_alone))

    def _lock_terms(self, customer: str, is_alone: bool) -> Steps:
        yield Lock("catalogue")
        yield Lock(customer, exclusive=is_alone)

    def _post(self, request: Request, terms: Terms, now: datetime, is_alone: bool) -> Generator[Any, Any, Answer]:
        table = "reservations" if request.kind is Kind.RESERVE else "events"
        known = yield Read(table, (request.customer, request.key))
        if known is not None:
            return _replayed(known, request)
        yield from self._prove(request.customer, terms)
        if (yield from self._expired(request, now)):
            raise Again("expired")
        taking = yield from self._lock_counters(request, terms, request.at or now, is_alone)
        parts = _decide(request, taking)
        row = _row(request, taking, parts, now)
        is_new = yield Insert(table, (request.customer, request.key), row)
        if not is_new:
            # The same key came at the same time and was first; nothing has been counted here.
            known = yield Read(table, (request.customer, request.key))
            return _replayed(known, request)
        column = "held" if request.kind is Kind.RESERVE else "used"
        yield from self._add(taking.places, row, parts or (), {column: 1})
        if column == "used":
            yield from self._count_day(row)
        answer: Answer = row["answer"]
        return answer

    def _prove(self, customer: str, terms: Terms) -> Steps:
        catalogue = yield Read("catalogue", "now")
        row = yield Read("customers", customer)
        if (catalogue["number"], row["version"]) != (terms.catalogue, terms.version):
            raise StaleTerms

    def _expired(self, request: Request, at: datetime) -> Generator[Any, Any, list[tuple[str, str]]]:
        found = yield Scan("reservations", lambda place, row: _is_due(place, row, request, at))
        return sorted(found)

    def _expire(self, request: Request, at: datetime) -> Steps:
        """Give back what expired reservations hold, each in a transaction of its own."""
        for customer, key in (yield from self._expired(request, at)):
            yield Begin()
            yield from self._lock_terms(customer, False)
            with suppress(Refused):  # it is expired now, by us or by another
                yield from self._settle(Request(customer, key, Kind.RELEASE), at=at)
            yield Commit()

    def _lock_counters(
        self, request: Request, terms: Terms, at: datetime, is_alone: bool
    ) -> Generator[Any, Any, Taking]:
        allowance = terms.allowance(request.feature, at=at, user=request.user)
        rows = yield from self._running(request.customer, request.feature, request.user or "", at)
        stands: dict[tuple[str, str | None], int] = {}
        for window in allowance.windows():
            place = (request.customer, request.feature, window.user or "", window.key)
            if place not in rows:
                if not is_alone:
                    raise Again("alone")
                rows[place] = yield from self._open_counter(place, window)
            stands[window.counter] = rows[place]["used"] + rows[place]["held"]
        return Taking(request, at, allowance, stands, tuple(sorted(rows)))

    def _running(self, customer: str, feature: str, user: str, at: datetime) -> Generator[Any, Any, dict[Any, Row]]:
        """SELECT … ORDER BY … FOR UPDATE: the rows as of now, locked one by one, each read anew once it is ours."""
        seen = yield Scan(
            "counters",
            lambda place, row: _is_of(place, customer, feature, user) and runs(row, at),
        )
        locked = {}
        for place in sorted(seen):
            locked[place] = yield Change("counters", place, lambda row: row)
        return locked

    def _open_counter(self, place: CounterKey, window: Window) -> Generator[Any, Any, Row]:
        used = held = 0
        if not window.key.startswith("bucket:"):
            events = yield Scan("events", lambda key, row: _counts_into(key, row, place, window))
            used = sum(row["base_quantity"] for row in events.values())
            open_ones = yield Scan(
                "reservations", lambda key, row: row["state"] == "open" and _counts_into(key, row, place, window)
            )
            held = sum(row["base_quantity"] for row in open_ones.values())
        made = {"used": used, "held": held, "starts_at": window.starts_at, "ends_at": window.ends_at}
        return (yield from self._insert_counter(place, made))

    def _insert_counter(self, place: CounterKey, made: Row) -> Generator[Any, Any, Row]:
        assert (yield Insert("counters", place, made)), f"{place} was made twice"
        return made

    def _settle(self, request: Request, *, at: datetime) -> Generator[Any, Any, Answer]:
        place = (request.customer, request.key)
        row = yield Change("reservations", place, lambda row: row)
        if row is None or row["state"] == "refused":
            raise Refused("unknown_reservation")
        if row["state"] != "open":
            return _settled_before(row, request)
        is_late = at >= row["expires_at"]
        state = "expired" if is_late else "committed" if request.kind is Kind.COMMIT else "released"
        units = request.units if state == "committed" else 0
        rows = yield from self._running(request.customer, row["feature"], row["user"], row["at"])
        taken = first_units(row["parts"], units)
        event = {**row, "operation": "commit", "quantity": units, "parts": taken}
        event["base_quantity"] = dict(taken).get("base", 0)
        if state == "committed":
            yield Insert("events", place, event)
            yield from self._count_day(event)
        yield from self._add(tuple(sorted(rows)), row, row["parts"], {"held": -1})
        yield from self._add(tuple(sorted(rows)), row, taken, {"used": 1})
        yield Change(
            "reservations", place, lambda row: {**(row or {}), "state": state, "settled": units, "settled_at": at}
        )
        if is_late:
            yield Commit()
            yield Begin()
            raise Refused("reservation_expired")
        return Answer(granted=True, receipt=taken)

    def _refund(self, request: Request) -> Generator[Any, Any, Answer]:
        place = (request.customer, request.key)
        known = yield Read("events", place)
        if known is not None:
            return _replayed(known, request)
        of = yield Read("events", (request.customer, request.of))
        if of is None:
            raise Refused("unknown_usage")
        back_so_far = yield Scan("events", lambda key, row: _is_refund_of(key, row, request))
        taken = left_of(of["parts"], added(*(row["parts"] for row in back_so_far.values())))
        if request.units > sum(units for _, units in taken):
            raise Refused("beyond_refundable")
        parts = negative(last_units(taken, request.units))
        row = {**of, "operation": "refund", "quantity": -request.units, "parts": parts, "payload": request.payload}
        row |= {"base_quantity": dict(parts).get("base", 0), "answer": Answer(True, parts), "of": request.of}
        rows = yield from self._running(request.customer, of["feature"], of["user"], of["at"])
        yield Insert("events", place, row)
        yield from self._add(tuple(sorted(rows)), of, parts, {"used": 1})
        yield from self._count_day(row)
        answer: Answer = row["answer"]
        return answer

    def _add(self, places: tuple[CounterKey, ...], row: Row, parts: Parts, signs: Mapping[str, int]) -> Steps:
        """Every running counter of the base follows the base, whatever allowance it was made for; others their own."""
        units = dict(parts)
        for place in places:
            window = place[3]
            more = units.get(window, 0) if window.startswith("bucket:") else units.get("base", 0)
            if more:
                yield Change("counters", place, _plus({column: sign * more for column, sign in signs.items()}))

    def _count_day(self, row: Row) -> Steps:
        key = (row["customer"], row["feature"], row["user"], f"{row['at']:%Y-%m-%d}")
        if row["quantity"]:
            yield Change("days", key, lambda day: {"units": (day or {"units": 0})["units"] + row["quantity"]})


def _changed(known: Row, plan: str | None, has_gift: bool | None) -> Row:
    gift = known["gift"] if has_gift is None else has_gift
    return {"version": known["version"] + 1, "plan": plan or known["plan"], "gift": gift}


def _published(known: Row, publication: int) -> Row:
    return {"number": known["number"] + 1, "publication": publication}


def _replayed(known: Row, request: Request) -> Answer:
    if known["payload"] != request.payload:
        raise Refused("idempotency_conflict")
    answer: Answer = known["answer"]
    return answer


def _settled_before(row: Row, request: Request) -> Answer:
    wanted = "committed" if request.kind is Kind.COMMIT else "released"
    if row["state"] != wanted or row["settled"] != (request.units if request.kind is Kind.COMMIT else 0):
        raise Refused(f"reservation_{row['state']}")
    return Answer(granted=True, receipt=first_units(row["parts"], row["settled"]))


def _is_refund_of(key: Any, row: Row, request: Request) -> bool:
    return key[0] == request.customer and row.get("of") == request.of


def _is_due(place: Any, row: Row, request: Request, at: datetime) -> bool:
    is_open = row["state"] == "open" and row["expires_at"] <= at
    return is_open and (place[0], row["feature"]) == (request.customer, request.feature)


def _is_of(place: Any, customer: str, feature: str, user: str) -> bool:
    return place[:2] == (customer, feature) and place[2] in {"", user}


def runs(row: Row, at: datetime) -> bool:
    return (row["starts_at"] is None or row["starts_at"] <= at) and (row["ends_at"] is None or at < row["ends_at"])


def _counts_into(key: Any, row: Row, place: CounterKey, window: Window) -> bool:
    customer, feature, user, _ = place
    begun = window.starts_at is None or window.starts_at <= row["at"]
    return (
        (key[0], row["feature"]) == (customer, feature)
        and (not user or row["user"] == user)
        and begun
        and (window.ends_at is None or row["at"] < window.ends_at)
    )


def _decide(request: Request, taking: Taking) -> Parts | None:
    units = request.units
    if request.kind in {Kind.LEVEL, Kind.INCREMENT}:
        level = max(taking.stands.values())
        units = units - level if request.kind is Kind.LEVEL else units
        if level + units < 0:
            raise Refused("level_below_zero")
    is_forced = request.kind in {Kind.RECORD, Kind.LEVEL}
    parts = allocate(taking.allowance, taking.stands, units, forced=is_forced)
    return None if parts is None else tuple((part.bucket, part.units) for part in parts)


def _row(request: Request, taking: Taking, parts: Parts | None, now: datetime) -> dict[str, Any]:
    taken = parts or ()
    return {
        "customer": request.customer,
        "operation": request.kind.value,
        "feature": request.feature,
        "user": request.user or "",
        "quantity": sum(units for _, units in taken),
        "base_quantity": dict(taken).get("base", 0),
        "at": taking.at,
        "parts": taken,
        "is_refused": parts is None,
        "payload": request.payload,
        "answer": Answer(parts is not None, taken, tuple(sorted(taking.stands.items(), key=str))),
        "state": "refused" if parts is None else "open",
        "settled": 0,
        "settled_at": None,
        "expires_at": now + timedelta(seconds=request.seconds),
    }


def _plus(amounts: Mapping[str, int]) -> Any:
    return lambda row: {**row, **{column: row[column] + units for column, units in amounts.items()}}
