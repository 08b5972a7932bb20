"""Every benchmark by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loadtests.bench import admin, check, offers, serving
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark: what it is for, in one line, and the function that measures its rows."""

    description: str
    measure: Callable[[bool, Progress], list[Row]]
    """Called with whether a quick run is wanted, and with where to tell its progress."""


BENCHES: Mapping[str, Bench] = {
    "admin": Bench(
        "the admin pages: weight, requests, statements, time with many customers", admin.measure
    ),
    "check": Bench("a check and a gate in the SDK, and checks through the server", check.measure),
    "offers": Bench("the modal payload of a refusal in the SDK", offers.measure),
    "serving": Bench("one check under different numbers of worker processes and threads", serving.measure),
}
