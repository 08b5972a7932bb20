"""Every benchmark by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from loadtests.bench import admin, check, offers, propagation, serving, stream, usage
from loadtests.bench.report import Row


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark: what it is for, in one line, and the function that measures its rows."""

    description: str
    measure: Callable[..., list[Row]]
    """Called with whether a quick run is wanted, where to tell its progress, and the options that were given."""
    options: Mapping[str, type[int | str]] = field(default_factory=dict)
    """What else can be chosen on the command line, as `--name VALUE`."""


BENCHES: Mapping[str, Bench] = {
    "admin": Bench("the admin pages: weight, requests, statements, time with many customers", admin.measure),
    "check": Bench("a check and a gate in the SDK, and checks through the server", check.measure),
    "offers": Bench("the modal payload of a refusal in the SDK", offers.measure),
    "propagation": Bench(
        "from publishing to another decision in every host process",
        propagation.measure,
        options={"processes": int, "stack": str},
    ),
    "serving": Bench("one check under different numbers of worker processes and threads", serving.measure),
    "stream": Bench("streams held, what each costs, and the time of one change to all", stream.measure),
    "usage": Bench("consume and batches against bare statements, and with a long past", usage.measure),
}
