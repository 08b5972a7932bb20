"""What has to be true of a ledger, computed from scratch from its events and the clients' journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.simulation.facts import Counter, Day, Event, Facts, Reservation
from tests.simulation.messages import Journal, Kind, Request, Violation
from tests.simulation.terms import GIFT, GIFT_FEATURE, PROMOTION, PROMOTION_ENDS, PUBLICATIONS, Rule
from tests.simulation.world import Storage

_BASE = "base"
_GIFT = f"bucket:{PROMOTION}"
_JUDGED = {Kind.CONSUME, Kind.INCREMENT}
_COUNTING = {Kind.CONSUME, Kind.RECORD}


class Watcher:
    """Looks at a store after every commit, at what the commit has touched."""

    def __init__(self, read: Callable[[], Facts], storage: Storage, journal: Journal) -> None:
        self._read = read
        self._journal = journal
        self._storage = storage
        self._commits = storage.commits
        self._before = read()

    def look(self) -> None:
        """Check what was committed since the last look."""
        if self._storage.commits == self._commits:
            return
        self._commits = self._storage.commits
        before, after = self._before, self._read()
        self._before = after
        touched = {(row.customer, row.feature) for row in _differing(before, after)}
        _check(Facts.of(after, touched))
        _check_newly_decided(before, after)
        for refused in _newly_refused(before, after):
            kind = Kind(refused.operation) if isinstance(refused, Event) else Kind.RESERVE
            _check_refusal(after, refused, self._journal.requests[refused.customer, refused.key, kind.value])

    def look_at_all(self) -> None:
        """Check everything that is committed."""
        _check(self._read())


def _differing(before: Facts, after: Facts) -> Iterator[Event | Reservation | Counter | Day]:
    pairs = (
        (before.events, after.events),
        (before.reservations, after.reservations),
        (before.counters, after.counters),
        (before.days, after.days),
    )
    for one, two in pairs:
        known = set(one)
        yield from (row for row in two if row not in known)


def _check(facts: Facts) -> None:
    for problem in (*_counters_differ(facts), *_days_differ(facts), *_refused_counted(facts), *_overdrawn(facts)):
        raise Violation(problem)


def _newly_refused(before: Facts, after: Facts) -> Iterator[Event | Reservation]:
    known = set(before.events)
    yield from (event for event in after.events if event.is_refused and event not in known)
    held = set(before.reservations)
    yield from (one for one in after.reservations if one.state == "refused" and one not in held)


def _check_newly_decided(before: Facts, after: Facts) -> None:
    """Check I1: what a commit grants fits into the limits in force at that commit, and what it refuses does not."""
    known = {(event.customer, event.key) for event in before.events}
    for event in after.events:
        if event.operation in _JUDGED and (event.customer, event.key) not in known and event.quantity > 0:
            _check_limits(after, event)
            _check_crossed(after, event)
    known = {(reservation.customer, reservation.key) for reservation in before.reservations}
    for reservation in after.reservations:
        if (reservation.customer, reservation.key) not in known and reservation.state == "open":
            _check_limits(after, reservation)
            _check_crossed(after, reservation)


def _check_refusal(facts: Facts, refused: Event | Reservation, request: Request) -> None:
    """Check that what was refused would not have fitted: whoever refuses everything grants too much to nobody."""
    plan, has_gift = facts.held[refused.customer]
    rules = PUBLICATIONS[facts.publication][plan][refused.feature]
    left = max(0, min(rule.limit + rule.overage - _taken(facts, refused, _BASE, rule) for rule in rules))
    if refused.feature == GIFT_FEATURE and has_gift and refused.at < PROMOTION_ENDS:
        left += max(0, GIFT.limit - _taken(facts, refused, _GIFT, GIFT))
    if request.units <= left:
        raise Violation(f"I1: {request} was refused, and {left} units were left: {refused}")


def check_journal(facts: Facts, journal: Journal) -> None:
    """Check I2 and I4 when all is quiet: what clients were told is what the ledger says, once."""
    events = {(event.customer, event.key): event for event in facts.events}
    for identity, answer in journal.answers.items():
        request = journal.requests[identity]
        if request.kind in _COUNTING:
            _check_counted(request, events.get((request.customer, request.key)), granted=answer.granted)
    _check_refunds(facts, journal)
    asked = {(request.customer, request.key) for request in journal.requests.values()}
    for event in facts.events:
        if (event.customer, event.key) not in asked:
            raise Violation(f"I2: nobody asked for {event}")


def _check_counted(request: Request, event: Event | None, *, granted: bool) -> None:
    counted = 0 if event is None else event.quantity
    if counted != (request.units if granted else 0):
        raise Violation(f"I2/I4: {request} was answered {granted} and counted {counted}: {event}")
    if event is not None and request.at is not None and event.at != request.at:
        raise Violation(f"a late event is counted at {event.at}: {request}")


def _check_refunds(facts: Facts, journal: Journal) -> None:
    events = {(event.customer, event.key): event for event in facts.events}
    for request, _answer in journal.granted(Kind.REFUND):
        event = events.get((request.customer, request.key))
        if event is None or event.quantity != -request.units:
            raise Violation(f"I2: {request} is acknowledged and the ledger says {event}")
    given_back: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for event in facts.events:
        if event.operation == Kind.REFUND:
            request = journal.requests[event.customer, event.key, Kind.REFUND]
            for bucket, units in event.parts:
                given_back[event.customer, str(request.of)][bucket] -= units
    for place, buckets in given_back.items():
        taken = dict(events[place].parts)
        for bucket, units in buckets.items():
            if units > taken.get(bucket, 0):
                raise Violation(f"I3: {units} units went back to {bucket} of {events[place]}")


def _counters_differ(facts: Facts) -> Iterator[str]:
    for counter in facts.counters:
        used = sum(_units_in(counter, event) for event in facts.events if event.customer == counter.customer)
        held = sum(
            _units_in(counter, held)
            for held in facts.reservations
            if held.customer == counter.customer and held.state == "open"
        )
        if (used, held) != (counter.used, counter.held):
            yield f"I3: the events say {used} used and {held} held, the counter {counter}"


def _units_in(counter: Counter, it: Event | Reservation) -> int:
    if it.feature != counter.feature or (counter.user and it.user != counter.user):
        return 0
    if counter.window.startswith("bucket:"):
        return sum(units for bucket, units in it.parts if bucket == counter.window)
    if counter.starts_at is not None and it.at < counter.starts_at:
        return 0
    if counter.ends_at is not None and it.at >= counter.ends_at:
        return 0
    return sum(units for bucket, units in it.parts if bucket == _BASE)


def _days_differ(facts: Facts) -> Iterator[str]:
    units: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for event in facts.events:
        units[event.customer, event.feature, event.user, f"{event.at:%Y-%m-%d}"] += event.quantity
    told = {(day.customer, day.feature, day.user, day.day): day.units for day in facts.days}
    for place in {**units, **told}:
        if units.get(place, 0) != told.get(place, 0):
            yield f"I3: the events say {units.get(place, 0)} on {place}, the day {told.get(place, 0)}"


def _refused_counted(facts: Facts) -> Iterator[str]:
    for event in facts.events:
        if event.is_refused and (event.quantity or event.parts):
            yield f"I4: refused and counted: {event}"
        taken = sum(units for _, units in event.parts)
        if taken != event.quantity:
            yield f"I3: {event} took {taken} from its buckets"


def _overdrawn(facts: Facts) -> Iterator[str]:
    for counter in facts.counters:
        if counter.used < 0 or counter.held < 0:
            yield f"I3: below nothing: {counter}"
    for reservation in facts.reservations:
        if not 0 <= reservation.settled <= reservation.units:
            yield f"I2: settled beyond what was reserved: {reservation}"
        ended_at = reservation.settled_at or reservation.expires_at
        if reservation.state in {"committed", "released"} and ended_at >= reservation.expires_at:
            yield f"I1: settled when it had expired: {reservation}"


def _check_limits(facts: Facts, granted: Event | Reservation) -> None:
    plan, has_gift = facts.held[granted.customer]
    taken = dict(granted.parts)
    if taken.get(_GIFT) and (not has_gift or granted.at >= PROMOTION_ENDS):
        raise Violation(f"I1: from a promotion that does not run: {granted}")
    if taken.get(_GIFT) and _taken(facts, granted, _GIFT, GIFT) > GIFT.limit:
        raise Violation(f"I1: more than the promotion gives: {granted}")
    for rule in PUBLICATIONS[facts.publication][plan][granted.feature]:
        if taken.get(_BASE) and (total := _taken(facts, granted, _BASE, rule)) > rule.limit + rule.overage:
            raise Violation(f"I1: {total} units where {rule} is in force: {granted}")


def _check_crossed(facts: Facts, counted: Event | Reservation) -> None:
    """Check that a limit that was just reached is written down."""
    plan, _ = facts.held[counted.customer]
    units = dict(counted.parts).get(_BASE, 0)
    for rule in PUBLICATIONS[facts.publication][plan][counted.feature]:
        total = _taken(facts, counted, _BASE, rule)
        name = (counted.customer, counted.feature, counted.user if rule.by_user else "", rule.key_of(counted.at))
        if total - units < rule.limit <= total and facts.crossed is not None and name not in facts.crossed:
            raise Violation(f"the limit of {rule} was reached and not written down: {counted}")


def _taken(facts: Facts, granted: Event | Reservation, bucket: str, rule: Rule) -> int:
    """Add up what was taken from the bucket in the window of what was granted."""
    window = rule.window_of(granted.at)
    counting: list[Event | Reservation] = [*facts.events]
    counting += [reservation for reservation in facts.reservations if reservation.state == "open"]
    return sum(
        units
        for it in counting
        if (it.customer, it.feature) == (granted.customer, granted.feature)
        and (window is None or window[0] <= it.at < window[1])
        and (not rule.by_user or it.user == granted.user)
        for of, units in it.parts
        if of == bucket
    )
