"""Timing calls so that two things can be compared: one loop shape for all, in rounds that take turns."""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any


@dataclass(frozen=True, slots=True)
class Contender:
    """A call to measure and the arguments it is given, one a call."""

    call: Callable[[Any], object]
    arguments: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long single calls took; each figure is the median of its rounds."""

    p50_ns: float
    p99_ns: float
    p999_ns: float


@dataclass(frozen=True, slots=True)
class Volume:
    """How much is measured."""

    rounds: int
    calls: int


class Progress:
    """Says on stderr how far a benchmark has come, so that stdout holds nothing but its result."""

    def __call__(self, text: str) -> None:
        print(f"  … {text}", file=sys.stderr, flush=True)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Keep collections out of the figures, as `timeit` does; what they cost is a figure of its own."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def time_each(call: Callable[[Any], object], arguments: Iterable[Any]) -> list[int]:
    """Time every single call. The clock's own cost is in each figure, the floor's included."""
    clock = perf_counter_ns
    taken: list[int] = []
    note = taken.append
    for argument in arguments:
        before = clock()
        call(argument)
        note(clock() - before)
    return taken


def compare(contenders: Mapping[str, Contender], volume: Volume, progress: Progress) -> dict[str, Timing]:
    """Measure all contenders round by round, each round in another order, so that drift hits them alike."""
    rounds: dict[str, list[Timing]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(volume.rounds):
        progress(f"round {number + 1} of {volume.rounds}")
        names = names[1:] + names[:1]
        for name in names:
            rounds[name].append(one_round(contenders[name], volume.calls))
    return {name: middle(timings) for name, timings in rounds.items()}


def one_round(contender: Contender, calls: int) -> Timing:
    repeated = list(contender.arguments) * -(-calls // len(contender.arguments))
    time_each(contender.call, repeated[: len(contender.arguments)])
    with without_garbage_collection():
        taken = sorted(time_each(contender.call, repeated[:calls]))
    return Timing(percentile(taken, 0.5), percentile(taken, 0.99), percentile(taken, 0.999))


def percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def middle(timings: Sequence[Timing]) -> Timing:
    return Timing(
        statistics.median(timing.p50_ns for timing in timings),
        statistics.median(timing.p99_ns for timing in timings),
        statistics.median(timing.p999_ns for timing in timings),
    )
