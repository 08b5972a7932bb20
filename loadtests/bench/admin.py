"""What the product managers' pages cost: weight, requests, statements, and time with few and with many customers."""

from __future__ import annotations

import statistics

from loadtests.admin_pages import Pages, pages_with
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row, at_most, ratio_at_most

FEW, MANY = 1_000, 100_000
FULL_VISITS, QUICK_VISITS = 30, 7
MOST_KILOBYTES, MOST_REQUESTS, MOST_GROWTH = 40, 8, 1.3
# Counts of everybody who uses a part; nobody waits for them, the page is there before.
COUNTED_LATER = "/holders"


def measure(quick: bool, progress: Progress) -> list[Row]:  # noqa: FBT001 - the registry's shape
    visits = QUICK_VISITS if quick else FULL_VISITS
    rows: list[Row] = []
    with pages_with(FEW) as small:
        progress(f"{FEW} customers are there; making {MANY}")
        with pages_with(MANY) as large:
            for name, path in sorted(small.paths().items()):
                progress(path)
                rows += page_rows(name.removeprefix("/admin/e/<environment>"), path, small, large, visits)
    return rows


def page_rows(name: str, path: str, small: Pages, large: Pages, visits: int) -> list[Row]:
    """Measure one page on both databases by turns, so that drift hits them alike."""
    weight = large.weigh(path)
    small.visit(path)
    pairs = [(small.visit(path), large.visit(path)) for _ in range(visits)]
    few = statistics.median(pair[0].milliseconds for pair in pairs)
    many = statistics.median(pair[1].milliseconds for pair in pairs)
    is_late = name.endswith(COUNTED_LATER)
    if is_late:
        name += ", fetched after the page"
    return [
        Row(f"{name}, weight", weight.kilobytes, "kB gzip", target=at_most(MOST_KILOBYTES)),
        Row(f"{name}, requests", weight.requests, "requests", target=at_most(MOST_REQUESTS)),
        Row(
            f"{name}, statements with {MANY:,} customers against {FEW:,}",
            pairs[-1][1].statements,
            "statements",
            floor=pairs[-1][0].statements,
            target=ratio_at_most(1),
        ),
        Row(
            f"{name}, time with {MANY:,} customers against {FEW:,}",
            many,
            "ms",
            floor=few,
            target=None if is_late else ratio_at_most(MOST_GROWTH),
        ),
    ]
