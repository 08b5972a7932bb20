"""What a benchmark found: rows with a value, a floor from the same run and a target, as JSON and as a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

COLUMNS = ("", "value", "floor", "ratio", "target", "")
FROM_HUNDRED = 100


class Comparison(StrEnum):
    """On which side of its bound a figure has to lie."""

    AT_MOST = "<="
    AT_LEAST = ">="

    def holds(self, figure: float, bound: float) -> bool:
        return figure <= bound if self is Comparison.AT_MOST else figure >= bound


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a row's value, or on its ratio to the floor, written ``<= 450 ns`` or ``ratio <= 5``."""

    comparison: Comparison
    bound: float
    of_ratio: bool = False

    def text(self, unit: str) -> str:
        return (
            f"ratio {self.comparison} {self.bound:g}" if self.of_ratio else f"{self.comparison} {self.bound:g} {unit}"
        )


def at_most(bound: float) -> Target:
    return Target(Comparison.AT_MOST, bound)


def at_least(bound: float) -> Target:
    return Target(Comparison.AT_LEAST, bound)


def ratio_at_most(bound: float) -> Target:
    return Target(Comparison.AT_MOST, bound, of_ratio=True)


def ratio_at_least(bound: float) -> Target:
    return Target(Comparison.AT_LEAST, bound, of_ratio=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. A row without a target informs and never fails."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def ok(self) -> bool:
        """Whether the target is met; a ratio that has no floor to stand on is not."""
        if self.target is None:
            return True
        figure = self.ratio if self.target.of_ratio else self.value
        return figure is not None and self.target.comparison.holds(figure, self.target.bound)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "floor": None if self.floor is None else round(self.floor, 3),
            "target": self.target and self.target.text(self.unit),
            "ok": self.ok,
        }

    def cells(self) -> tuple[str, ...]:
        """Return what the table shows of this row."""
        return (
            self.name,
            f"{short(self.value)} {self.unit}",
            "" if self.floor is None else f"{short(self.floor)} {self.unit}",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            self.target.text(self.unit) if self.target else "",
            "" if self.target is None else "ok" if self.ok else "MISSED",
        )


def short(value: float) -> str:
    """Write a figure with as many decimals as its size deserves."""
    return f"{value:,.0f}" if abs(value) >= FROM_HUNDRED or value == int(value) else f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Report:
    """All rows of one run of one benchmark."""

    bench: str
    machine: dict[str, str | int | None]
    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        return bool(self.rows) and all(row.ok for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        return {"bench": self.bench, "machine": self.machine, "rows": [row.as_json() for row in self.rows]}

    def table(self) -> str:
        """Lay the rows out in columns, the names to the left and the figures to the right."""
        lines: Sequence[tuple[str, ...]] = [COLUMNS, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if place in (0, len(widths) - 1) else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


def this_machine() -> dict[str, str | int | None]:
    """Name what the figures depend on."""
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }


def cpu_name() -> str:
    """Return the processor's model; Linux has it in a file, elsewhere the platform's word must do."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
