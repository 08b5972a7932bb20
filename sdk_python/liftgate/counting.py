"""Counting what gates did without holding anything up: a call that passes advances a counter in C and nothing else."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple, Protocol, TypeVar
from weakref import ref

from liftgate.engine.decision import Decision, Reason

__all__ = ["Batch", "Counted", "Level", "Met", "Passable", "Tally", "Used"]

_MOST_COUNTERS: Final = 20_000
_MOST_LEVELS: Final = 10_000
"""Between two reports, which are seconds apart."""

_Key = TypeVar("_Key")

# Nobody is known to have met the gate, or there is no such gate; its key may then come from outside.
_NOT_COUNTED: Final = frozenset({Reason.UNKNOWN_GATE, Reason.NO_CUSTOMER})


class Met(NamedTuple):
    """Who met which gate, and how that ended: ``granted``, ``refused`` or ``observed``, and why."""

    customer: str
    gate: str
    outcome: str
    reason: str


class Used(NamedTuple):
    """Who used which feature: what ran behind a gate is one use of what the gate requires."""

    customer: str
    user: str | None
    feature: str


class Level(NamedTuple):
    """How much the host said is used, and when (seconds since 1970)."""

    used: int
    at: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent at once. Its id stays the same however often it is sent, so the server counts it once."""

    id: str
    gates: tuple[tuple[Met, int, int], ...]
    """Who met what, the hour (seconds since 1970), and how often."""
    levels: tuple[tuple[str, str, Level], ...]
    uses: tuple[tuple[Used, int, int], ...] = ()
    """Who used what, the hour (seconds since 1970), and how often."""

    @property
    def rows(self) -> int:
        """How much is lost when it is dropped."""
        return len(self.gates) + len(self.levels) + len(self.uses)


class Counted(NamedTuple):
    """What was counted since the last time."""

    met: Counter[Met]
    levels: dict[tuple[str, str], Level]
    uses: Counter[Used]


class Passable(Protocol):
    """What holds counters for calls that pass: a view."""

    passed: dict[str, Callable[[], int]]


class _Passes:
    """The calls that passed one gate through one view, while the decision stayed the same.

    ``itertools.count`` is advanced in one step that no other thread can get into, so no call is lost.
    """

    __slots__ = ("advance", "is_leaving", "met", "seen", "uses", "view")

    def __init__(self, view: Passable, met: Met, uses: tuple[Used, ...]) -> None:
        self.view = ref(view)
        self.met = met
        self.uses = uses
        self.advance: Callable[[], int] = count().__next__
        self.seen = 0
        self.is_leaving = False

    def take(self) -> int:
        """Return the calls since the last time. Looking advances the counter by one, too."""
        value = self.advance()
        calls, self.seen = value - self.seen, value + 1
        return calls

    def leave(self) -> None:
        """Let the view make a new counter for the next call."""
        self.is_leaving = True
        view = self.view()
        if view is not None and view.passed.get(self.met.gate) is self.advance:
            view.passed.pop(self.met.gate, None)


class Tally:
    """What one client counted since it was last asked. Bounded; ``dropped`` says how much there was no room for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passes: list[_Passes] = []
        self._met: Counter[Met] = Counter()
        self._levels: dict[tuple[str, str], Level] = {}
        self._uses: Counter[Used] = Counter()
        self.dropped = 0

    def counter_for(
        self, view: Passable, customer: str, decision: Decision, uses: tuple[Used, ...] = ()
    ) -> Callable[[], int] | None:
        """Return what counts one call each time it is called, while the decision stays; ``None`` for lack of room."""
        with self._lock:
            if len(self._passes) >= _MOST_COUNTERS:
                return None
            passes = _Passes(view, _met(customer, decision), uses)
            self._passes.append(passes)
            return passes.advance

    def add(self, customer: str, decision: Decision, uses: tuple[Used, ...] = ()) -> None:
        """Count one call whose decision was its own, as a refusal or one with the host's own numbers."""
        if decision.reason in _NOT_COUNTED:
            return
        with self._lock:
            self._add(self._met, _met(customer, decision), 1)
            for used in uses:
                self._add(self._uses, used, 1)

    def add_use(self, used: Used, times: int) -> None:
        """Count uses that no gate saw."""
        with self._lock:
            self._add(self._uses, used, times)

    def set_level(self, customer: str, feature: str, level: Level) -> None:
        """Note what the host said is used; the last word counts."""
        key = (customer, feature)
        with self._lock:
            if key in self._levels or len(self._levels) < _MOST_LEVELS:
                self._levels[key] = level
            else:
                self.dropped += 1

    def take(self) -> Counted:
        """Return what was counted since the last time, and forget it. For one thread at a time."""
        with self._lock:
            passes, self._passes = self._passes, []
            met, self._met = self._met, Counter()
            levels, self._levels = self._levels, {}
            uses, self._uses = self._uses, Counter()
        kept = []
        for it in passes:
            calls = it.take()
            if calls:
                met[it.met] += calls
                for used in it.uses:
                    uses[used] += calls
            if not it.is_leaving:
                if not calls:
                    # Two steps: a thread may have looked the counter up before it left, and advance it after.
                    it.leave()
                kept.append(it)
        with self._lock:
            self._passes += kept
        return Counted(met, levels, uses)

    def after_fork(self) -> None:
        """Forget what the parent counted, which it reports itself."""
        self._lock = threading.Lock()
        self._passes, self._met, self._levels, self._uses = [], Counter(), {}, Counter()
        self.dropped = 0

    def _add(self, counter: Counter[_Key], key: _Key, times: int) -> None:
        if key in counter or len(counter) < _MOST_COUNTERS:
            counter[key] += times
        else:
            self.dropped += 1


def _met(customer: str, decision: Decision) -> Met:
    if decision.reason is Reason.OBSERVED:
        return Met(customer, decision.gate, "observed", str(decision.observed or decision.reason))
    return Met(customer, decision.gate, "granted" if decision.granted else "refused", str(decision.reason))
