"""How much of a counted feature there is: the chosen base and the buckets beside it, added up."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from liftgate.engine.access import Access
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.limits import CapSet, Room, UsageView, add_up, over_of, rate_per_day, room_of

__all__ = ["Measure", "measure"]

# A level of what nothing includes is told by a base of nothing; it is nobody's, and no answer names it.
_NOTHING_HELD = (CapSet(Source(SourceKind.DEFAULT_PLAN, ""), ()),)


# A tuple: one is made for every counted feature that is judged, and it costs half of what a frozen dataclass does.
class Measure(NamedTuple):
    """What is used and what is left of a counted feature.

    ``total`` is told by the base, else by the bucket that burns first. ``over`` is what is used beyond where it
    refuses, 0 while any part has room. ``ends_at`` is the first end of a window that bears on the numbers.
    """

    total: Room
    gives_nothing: bool
    over: int
    ends_at: datetime | None


def measure(access: Access, usage: UsageView, units: int) -> Measure | None:
    """Return how much there is, the base chosen as a request of that many units needs it.

    ``None`` for what is consumed and comes from nowhere; a level is there even then.
    """
    alternatives, buckets = access.cap_sets()
    if not alternatives and usage.counts_together:
        # One count stands against all buckets together, so it needs a base to be told by, even an empty one.
        alternatives = (CapSet(buckets[0].source, ()),) if buckets else _NOTHING_HELD if usage.is_level else ()
    if not alternatives and not buckets:
        return None
    beside = [room_of(bucket, usage) for bucket in buckets]
    if not alternatives and len(beside) > 1:
        beside.sort(key=_burns)
    possible = [(cap_set, room_of(cap_set, usage)) for cap_set in alternatives]
    base = _choose_base(possible, beside, usage, units)
    rooms = [base, *beside] if base is not None else beside
    total = add_up(rooms, together=usage.counts_together)
    # A plan or trial that was not chosen may be the better one as soon as its own window starts anew, unless the chosen
    # one has no limit.
    others = [] if base is None or base.limit is None else [room for _, room in possible]
    ends = [room.window_ends_at for room in (*rooms, *others) if room.window_ends_at is not None]
    return Measure(
        total=total,
        gives_nothing=all(room.gives_nothing for room in rooms),
        over=over_of(rooms, together=usage.counts_together),
        ends_at=min(ends, default=None),
    )


def _burns(room: Room) -> tuple[bool, float]:
    # Without a base, what burns first is what the numbers are told by.
    ends = [moment for moment in (room.source.ends_at, room.window_ends_at) if moment is not None]
    return not ends, min(ends).timestamp() if ends else 0.0


def _choose_base(
    alternatives: list[tuple[CapSet, Room]], beside: list[Room], usage: UsageView, units: int
) -> Room | None:
    """Choose among plan and trials: unlimited first, then one that lets this request pass, then the higher daily rate.

    The second step keeps a trial from taking away what the plan gives: 11 a day is the higher rate than 300 a month,
    and would still refuse the twelfth use of a customer whose plan allows it. Whoever asks for no units is told of the
    one that would let one more pass. Where none does, the one that is overdrawn least tells the numbers.
    """
    ranked = []
    for place, (cap_set, room) in enumerate(alternatives):
        rooms, together = [room, *beside], usage.counts_together
        total = add_up(rooms, together=together)
        passes = total.admits(units or 1), total.admits(units)
        over = 0 if passes[0] else over_of(rooms, together=together)
        ranked.append((cap_set.is_unlimited, passes, -over, rate_per_day(cap_set), -place, room))
    return max(ranked, key=lambda entry: entry[:5])[5] if ranked else None
