"""The bench `check`: the price of asking, in the host's process and through the server."""

from __future__ import annotations

from loadtests.bench.check_sdk import sdk_rows
from loadtests.bench.check_server import server_rows
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row


def measure(quick: bool, progress: Progress) -> list[Row]:  # noqa: FBT001 - the shape every benchmark has
    return [*sdk_rows(quick=quick, progress=progress), *server_rows(quick=quick, progress=progress)]
