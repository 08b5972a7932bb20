"""Every key on its own: what the hosts were told under it, and what the ledger holds under it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from liftgate.entries import derived_key
from loadtests.storm.evidence import EventFact, Evidence, ReservationFact
from loadtests.storm.journal import Act, Attempt, Outcome
from loadtests.storm.violations import Violation, Wrong

Key = tuple[str, str]
"""A customer and a key of that customer's."""

_RESERVING = (Act.RESERVE, Act.COMMIT, Act.RELEASE)


def judge_keys(attempts: Sequence[Attempt], evidence: Evidence) -> Iterator[Violation]:
    """Hold every key against the ledger, in both directions."""
    events = {(event.customer, event.key): event for event in evidence.events}
    reservations = {(found.customer, found.key): found for found in evidence.reservations}
    asked = _by_key([attempt for attempt in attempts if attempt.act is not Act.REFUND])
    for key, tries in asked.items():
        reserving = [attempt for attempt in tries if attempt.act in _RESERVING]
        counting = [attempt for attempt in tries if attempt.act not in _RESERVING]
        yield from _judge_answers(key, tries)
        if counting:
            yield from _judge_counting(key, counting, events.get(key))
        if reserving:
            yield from _judge_reservation(key, reserving, reservations.get(key), events)
    refunds = _by_key([attempt for attempt in attempts if attempt.act is Act.REFUND])
    yield from _judge_refunds(refunds, evidence)
    yield from _judge_unasked(asked, refunds, evidence)


def _by_key(attempts: Sequence[Attempt]) -> Mapping[Key, list[Attempt]]:
    """Sort attempts by their keys; refunds by the keys of what they give back, since the SDK names them itself."""
    found: defaultdict[Key, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        found[attempt.customer, attempt.of or attempt.key].append(attempt)
    return found


def _judge_answers(key: Key, tries: Sequence[Attempt]) -> Iterator[Violation]:
    """The same request under the same key has the same answer, whenever it is asked."""
    answers: dict[tuple[object, ...], tuple[object, ...]] = {}
    for attempt in tries:
        if attempt.act is not Act.CONSUME or attempt.outcome not in (Outcome.DONE, Outcome.REFUSED):
            continue
        told = (attempt.outcome.value, attempt.answer.get("receipt"), attempt.answer.get("used"))
        before = answers.setdefault(attempt.payload, told)
        if before != told:
            yield Violation(Wrong.CHANGED, _name(key), f"{before} became {told}")


def _judge_counting(key: Key, tries: Sequence[Attempt], event: EventFact | None) -> Iterator[Violation]:
    if event is not None and not any(_is_kept(attempt, event) for attempt in tries):
        yield Violation(Wrong.MISCOUNTED, _name(key), f"{_told(event)}, and nobody asked for that")
    for attempt in tries:
        wrong = _wrong_about(attempt, event)
        if wrong is not None:
            yield Violation(wrong, _name(key), f"{attempt.act} {attempt.units} {attempt.feature}: {_told(event)}")


def _wrong_about(attempt: Attempt, event: EventFact | None) -> Wrong | None:
    """Say what is wrong between what a host was told and what the ledger holds."""
    if attempt.outcome is Outcome.DONE and event is None:
        return Wrong.LOST
    if attempt.outcome is Outcome.DONE and (event is None or event.refused or not _is_kept(attempt, event)):
        return Wrong.MISCOUNTED
    if attempt.outcome is Outcome.REFUSED and event is not None and not event.refused:
        return Wrong.REFUSED_COUNTED
    if attempt.outcome is Outcome.CONFLICT and (event is None or _is_same_grant(attempt, event)):
        return Wrong.CHANGED
    return None


def _is_kept(attempt: Attempt, event: EventFact) -> bool:
    """Whether the ledger may hold this attempt; of a refusal it holds no quantity, and of a level the difference."""
    if (event.feature, event.user) != (attempt.feature, attempt.user or ""):
        return False
    return event.refused or attempt.act is Act.LEVEL or event.quantity == attempt.units


def _is_same_grant(attempt: Attempt, event: EventFact) -> bool:
    return not event.refused and attempt.act is Act.CONSUME and _is_kept(attempt, event)


def _judge_reservation(
    key: Key, tries: Sequence[Attempt], kept: ReservationFact | None, events: Mapping[Key, EventFact]
) -> Iterator[Violation]:
    counted, late = _units_of(events.get(key)), _units_of(events.get(_late(key)))
    state = kept.state if kept is not None else "nothing"
    found = f"{state}, {counted} counted, {late} recorded late"
    if (state != "committed" and counted) or (counted and late):
        yield Violation(Wrong.REFUSED_COUNTED, _name(key), found)
    for attempt in tries:
        wrong = _wrong_about_reservation(attempt, kept, counted + late)
        if wrong is not None:
            yield Violation(wrong, _name(key), f"{attempt.act} of {attempt.units} {attempt.outcome}; {found}")


def _wrong_about_reservation(attempt: Attempt, kept: ReservationFact | None, counted: int) -> Wrong | None:
    if attempt.act is Act.RESERVE and attempt.outcome is Outcome.REFUSED:
        return Wrong.REFUSED_COUNTED if kept is not None and kept.state != "refused" else None
    if attempt.outcome is not Outcome.DONE:
        return None
    if kept is None:
        return Wrong.LOST
    if attempt.act is Act.RESERVE:
        return Wrong.MISCOUNTED if kept.units != attempt.units else None
    if attempt.act is Act.RELEASE:
        return Wrong.MISCOUNTED if kept.state in ("open", "committed") or counted else None
    return Wrong.LOST if counted != attempt.units else None


def _late(key: Key) -> Key:
    """The key under which the SDK records what was committed though its reservation had expired: it was used."""
    return key[0], derived_key(key[1], "late")


def _units_of(event: EventFact | None) -> int:
    return event.quantity if event is not None else 0


def _judge_refunds(refunds: Mapping[Key, Sequence[Attempt]], evidence: Evidence) -> Iterator[Violation]:
    """What was given back of each entry: at least what hosts were told, at most what they asked for and had taken."""
    taken = {(event.customer, event.key): event.quantity for event in evidence.events}
    given_back: defaultdict[Key, int] = defaultdict(int)
    for event in evidence.events:
        if event.of_key is not None:
            given_back[event.customer, event.of_key] -= event.quantity
    for key in sorted(refunds.keys() | given_back.keys()):
        tries = refunds.get(key, ())
        told = sum(attempt.units for attempt in tries if attempt.outcome is Outcome.DONE)
        asked = told + sum(attempt.units for attempt in tries if attempt.outcome is Outcome.UNKNOWN)
        found = f"{given_back[key]} of {taken.get(key, 0)}; {told} told, {asked} asked for"
        if given_back[key] > taken.get(key, 0):
            yield Violation(Wrong.OVERREFUNDED, _name(key), found)
        elif not told <= given_back[key] <= asked:
            yield Violation(Wrong.MISCOUNTED, _name(key), found)


def _judge_unasked(
    asked: Mapping[Key, object], refunds: Mapping[Key, object], evidence: Evidence
) -> Iterator[Violation]:
    """Find what stands in the ledger and was sent by nobody."""
    counted = {(event.customer, event.key) for event in evidence.events if event.of_key is None}
    given_back = {(event.customer, event.of_key) for event in evidence.events if event.of_key is not None}
    reserved = {(found.customer, found.key) for found in evidence.reservations}
    unasked = (counted | reserved) - asked.keys() - {_late(key) for key in asked}
    for customer, key in sorted(unasked | (given_back - refunds.keys()), key=str):
        yield Violation(Wrong.UNASKED, f"{customer} {key}", "nobody sent this")


def _name(key: Key) -> str:
    return f"{key[0]} {key[1]}"


def _told(event: EventFact | None) -> str:
    if event is None:
        return "nothing in the ledger"
    counted = "a refusal" if event.refused else f"{event.quantity}"
    return f"{event.operation} of {counted} {event.feature} {event.user}".strip()
