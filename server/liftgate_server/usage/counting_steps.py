"""Parts of steps: what is known of a key, whether the terms hold, and what the counters say and become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.allocation import Counters, Crossing, Part, crossings
from liftgate.engine.allowance_model import BASE, Allowance, Window
from liftgate_server.plumbing.errors import Invalid
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.facts import BEGINNING, FOREVER, Posted, Proof, StaleTerms, is_kept_by_ledger
from liftgate_server.usage.posting_records import conflict, document_of, instant_of, replayed
from liftgate_server.usage.posting_statements import Statement, Steps

__all__ = [
    "RESERVE",
    "Place",
    "Sent",
    "add_to_counters",
    "announce_returns",
    "announce_returns_on_file",
    "answer_on_file",
    "count_day",
    "cross",
    "open_counters",
    "prove_terms",
    "stands",
]

RESERVE = "reserve"
"""The operation of a reservation, which is no entry of the ledger until it is committed."""

# What the databases can hold; no count of anything real comes near.
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Whose counters of which feature, and the instant that their windows must hold."""

    environment_id: int
    customer: str
    feature: str
    user: str
    at: datetime

    @property
    def of_feature(self) -> tuple[int, str, str]:
        return self.environment_id, self.customer, self.feature

    @property
    def within(self) -> tuple[int, str, str, str, datetime, datetime]:
        return self.environment_id, self.customer, self.feature, self.user, self.at, self.at


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as its key knows it."""

    environment_id: int
    customer: str
    key: str
    operation: str
    digest: bytes
    fields: dict[str, object]


def answer_on_file(sent: Sent) -> Steps[Posted | None]:
    """Return the answer that the key was given before, ``None`` for a new key; raises for another payload.

    Entries and reservations share a customer's keys.
    """
    of = (sent.environment_id, sent.customer, sent.key)
    for row in (yield Statement(sql.ENTRY, of)):
        operation, digest, refused, at, receipt = row
        if sent.operation == RESERVE:
            break
        document = document_of(receipt)
        if (operation, bytes(digest)) != (sent.operation, sent.digest):
            raise conflict(sent.operation, sent.fields, was_operation=operation, was=document)
        return replayed(document, granted=not refused, at=instant_of(at))
    for row in (yield Statement(sql.RESERVATION, of)):
        state, digest, created_at, expires_at, receipt = row[:5]
        document = document_of(receipt)
        if (RESERVE, bytes(digest)) != (sent.operation, sent.digest):
            raise conflict(sent.operation, sent.fields, was_operation=RESERVE, was=document)
        until = instant_of(expires_at)
        return replayed(document, granted=state != "refused", at=instant_of(created_at), expires_at=until)
    if sent.operation == RESERVE:
        for operation, _, _, _, receipt in (yield Statement(sql.ENTRY, of)):
            raise conflict(RESERVE, sent.fields, was_operation=operation, was=document_of(receipt))
    return None


def prove_terms(environment_id: int, customer: str, proof: Proof) -> Steps[None]:
    """Compare what the allowance was made from with what holds; raises ``StaleTerms``."""
    rows = yield Statement(sql.TERMS, (environment_id, customer, environment_id))
    for catalogue, access, version in rows:
        if (catalogue, version) == (proof.catalogue, proof.customer_version) and proof.access in {None, access}:
            return
    raise StaleTerms


def stands(place: Place) -> Steps[dict[tuple[str, str | None], int]]:
    """Return what each counter stands at that is there and holds the instant, by window and user."""
    rows = yield Statement(sql.COUNTERS, place.within)
    return {(window, user or None): used + held for user, window, used, held, _ in rows}


def open_counters(place: Place, windows: tuple[Window, ...]) -> Steps[dict[tuple[str, str | None], int]]:
    """Return what the windows stand at; a counter that is missing is made.

    For whoever has the customer's ledger alone: otherwise an entry could be neither in the sum nor in the counter.
    """
    found = yield from stands(place)
    for window in windows:
        if window.counter not in found:
            found[window.counter] = yield from _make_counter(place, window)
    return {window.counter: found[window.counter] for window in windows}


def _make_counter(place: Place, window: Window) -> Steps[int]:
    since, until, user = window.starts_at or BEGINNING, window.ends_at or FOREVER, window.user or ""
    used = held = 0
    level_at: datetime | None = None
    if is_kept_by_ledger(window.key):
        span = (*place.of_feature, since, until, user, user)
        ((used, last_level),) = yield Statement(sql.USED, span)
        ((held,),) = yield Statement(sql.HELD, span)
        used, held = int(used), int(held)
        level_at = None if last_level is None else instant_of(last_level)
    row = (*place.of_feature, user, window.key, since, until, used, held, level_at)
    yield Statement(sql.NEW_COUNTER, row)
    return used + held


def add_to_counters(
    place: Place, allowance: Allowance | None, *, used: tuple[Part, ...] = (), held: tuple[Part, ...] = ()
) -> Steps[None]:
    """Count units of buckets as used, as held, or as neither any more (below zero).

    What the base gave counts into every counter of the ledger that holds the instant, whether or not the allowance
    names it: other terms may have made it, and may come back.
    """
    base_used, base_held = _of(BASE, used), _of(BASE, held)
    if base_used or base_held:
        yield Statement(sql.ADD_TO_BASE, (base_used, base_held, *place.within))
    for window, keys in _own_windows(allowance):
        more_used, more_held = (sum(_of(key, parts) for key in keys) for parts in (used, held))
        if more_used or more_held:
            counter = (*place.of_feature, window.user or "", window.key)
            yield Statement(sql.ADD_TO_WINDOW, (more_used, more_held, *counter))


def _own_windows(allowance: Allowance | None) -> list[tuple[Window, list[str]]]:
    """Return the windows that the ledger does not keep, each with the buckets whose units count into it."""
    if allowance is None:
        return []
    return [
        (window, [it.key for it in allowance.buckets if window.counter in {other.counter for other in it.windows()}])
        for window in allowance.windows()
        if not is_kept_by_ledger(window.key)
    ]


def _of(bucket: str, parts: tuple[Part, ...]) -> int:
    return sum(part.units for part in parts if part.bucket == bucket)


def count_day(place: Place, *, units: int, uses: int) -> Steps[None]:
    """Count units and uses on the day of the instant, in UTC."""
    yield Statement(sql.COUNT_DAY, (*place.of_feature, place.user, place.at.date(), units, uses, place.at))


def cross(
    place: Place, allowance: Allowance | None, before: Counters, after: Counters, *, at: datetime
) -> Steps[tuple[tuple[Crossing, ...], bool]]:
    """Write down the thresholds that were crossed; return those that fired for the first time, and whether to announce.

    A limit that is reached again fires no second time but is announced: whoever was told that it was no longer reached
    has to hear of it.
    """
    if any(stand > _MOST for stand in after.values()):
        raise Invalid("out_of_range", "So much cannot be counted.")
    fired: list[Crossing] = []
    to_announce = False
    for crossing in () if allowance is None else crossings(allowance, before, after):
        name = (*place.of_feature, crossing.user or "", crossing.window, crossing.percent)
        rows = yield Statement(sql.NEW_CROSSING, (*name, crossing.limit, crossing.used, at, False))
        if rows:
            fired.append(crossing)
        elif crossing.percent == 100:  # noqa: PLR2004 - percent: the limit itself
            yield Statement(sql.ANNOUNCE_AGAIN, (False, *name))
            to_announce = True
    return tuple(fired), to_announce or bool(fired)


def announce_returns(
    place: Place, allowance: Allowance | None, before: Counters, after: Counters, *, at: datetime
) -> Steps[bool]:
    """Say whether a window came back below its limit, and write down that this has to be announced."""
    to_announce = False
    for window in () if allowance is None else allowance.windows():
        stood, limit = before.get(window.counter, 0), window.limit
        if limit is not None and stood >= limit > after.get(window.counter, 0):
            name = (*place.of_feature, window.user or "", window.key, 100)
            if not (yield Statement(sql.NEW_CROSSING, (*name, limit, stood, at, False))):
                yield Statement(sql.ANNOUNCE_AGAIN, (False, *name))
            to_announce = True
    return to_announce


def announce_returns_on_file(place: Place, before: Counters, *, units: int) -> Steps[bool]:
    """Do so for what a batch counted, whose receipt names no window: by the limits that were reached.

    ``units`` of the base come to all counters that hold the instant, ``before`` being what those stood at.
    """
    to_announce = False
    for user, window, limit in (yield Statement(sql.LIMITS_REACHED, (*place.of_feature, place.user))):
        stood = before.get((window, user or None))
        if stood is not None and is_kept_by_ledger(window) and stood >= limit > stood + units:
            yield Statement(sql.ANNOUNCE_AGAIN, (False, *place.of_feature, user, window, 100))
            to_announce = True
    return to_announce
