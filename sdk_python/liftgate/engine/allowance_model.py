"""What a customer may use of a counted feature at an instant: the windows its use counts into, and their limits.

An allowance is all that a ledger needs in order to count: it has to know neither plans nor grants. As a document it
travels to the database and into receipts::

    {"feature": "exports", "kind": "metered", "valid_until": …, "needs_user": false,
     "windows": [["month:2026-11-01T00:00:00Z", null, starts, ends, limit, ceiling, shown, [[80, 400], [100, 500]]], …],
     "buckets": [["base", ends, [["plan", "pro@3", null], …], [[[0, 500, 500, 500]], …]], …]}

``windows`` are the counters, each (key, user) once, in the order in which they are locked, with the limit that their
thresholds (percent, units) come from. ``buckets`` are in the order in which they burn: key, end, sources, and for each
alternative a list of [index of the window, limit, ceiling, shown limit]: two alternatives may count in the same window
and limit it differently. ``allowance.allowance_of`` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from liftgate.engine.catalogue_model import FeatureKind
from liftgate.engine.decision import Source, SourceKind

__all__ = ["BASE", "Allowance", "Bucket", "Window"]

BASE: Final = "base"
"""The bucket of the plan, a trial or an override; any other is a promotion's or an add-on's own."""

_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class Window:
    """One counter that a use counts into, and the limit that stands against it in one bucket's alternative.

    ``key`` and ``user`` name the counter. It refuses at ``ceiling``, which is the limit of a hard cap, lies beyond that
    of a soft one, and is ``None`` where it never refuses. ``warn_at`` are percentages of the
    limit below 100, which is a threshold in any case.
    """

    key: str
    user: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    limit: int | None
    ceiling: int | None
    shown_limit: int | None
    warn_at: tuple[int, ...] = ()

    @property
    def counter(self) -> tuple[str, str | None]:
        """What the counter is looked up by."""
        return self.key, self.user

    @property
    def marks(self) -> tuple[tuple[int, int], ...]:
        """The thresholds as (percent, units), all of the limit included; none where there is no limit to reach.

        >>> Window("never", None, None, None, limit=3, ceiling=3, shown_limit=3, warn_at=(50,)).marks
        ((50, 2), (100, 3))
        """
        limit = self.limit
        if not limit:
            return ()
        # Rounded up: half of three is reached with the second unit.
        return tuple((percent, -(-limit * percent // _ALL)) for percent in sorted({*self.warn_at, _ALL}))


@dataclass(frozen=True, slots=True)
class Bucket:
    """A separately counted part of an allowance, and the sources of its alternatives, the preferred one first.

    A unit that is taken from a bucket counts into all windows of all its alternatives. A bucket admits what its best
    alternative admits, and all windows of an alternative have to admit it. No source: nothing is included, the windows
    are there to count what is used all the same.
    """

    key: str
    alternatives: tuple[tuple[Window, ...], ...]
    ends_at: datetime | None
    sources: tuple[Source, ...] = ()

    @property
    def source(self) -> Source | None:
        """The source of the preferred alternative."""
        return self.sources[0] if self.sources else None

    def windows(self) -> Iterator[Window]:
        """Yield the windows of all alternatives; the same counter may come more than once."""
        for alternative in self.alternatives:
            yield from alternative


@dataclass(frozen=True, slots=True)
class Allowance:
    """The buckets of a counted feature in the order in which they burn; there is always at least one.

    It holds for the customer, the user and the instant that it was made for, and until ``valid_until`` unless somebody
    changes something. ``needs_user`` says that a limit counts each user's own use and no user was named.
    """

    feature: str
    kind: FeatureKind
    buckets: tuple[Bucket, ...]
    valid_until: datetime | None = None
    needs_user: bool = False

    @property
    def base(self) -> Bucket | None:
        """The bucket of the plan, a trial or an override, if there is one."""
        return next((bucket for bucket in self.buckets if bucket.key == BASE), None)

    def windows(self) -> tuple[Window, ...]:
        """Return each counter once, in the order in which they are locked, with its most generous limit.

        That limit is the one whose thresholds count: what a trial lifts is not reached by what the plan says.
        """
        found: dict[tuple[str, str], Window] = {}
        for bucket in self.buckets:
            for window in bucket.windows():
                known = found.setdefault((window.key, window.user or ""), window)
                if known.limit is not None and (window.limit is None or window.limit > known.limit):
                    found[window.key, window.user or ""] = window
        return tuple(found[name] for name in sorted(found))

    def as_document(self) -> dict[str, object]:
        """Return the allowance as plain JSON values, in the form that stands at the top of this module."""
        windows = self.windows()
        places = {window.counter: place for place, window in enumerate(windows)}
        return {
            "feature": self.feature,
            "kind": self.kind.value,
            "windows": [_window_row(window) for window in windows],
            "buckets": [_bucket_row(bucket, places) for bucket in self.buckets],
            "valid_until": _text(self.valid_until),
            "needs_user": self.needs_user,
        }

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> Allowance:
        """Return the allowance of a document that ``as_document`` made; nobody else writes any."""
        rows = document["windows"]
        return Allowance(
            feature=document["feature"],
            kind=FeatureKind(document["kind"]),
            buckets=tuple(_read_bucket(row, rows) for row in document["buckets"]),
            valid_until=_instant(document["valid_until"]),
            needs_user=document["needs_user"],
        )


def _window_row(window: Window) -> list[object]:
    return [
        window.key,
        window.user,
        _text(window.starts_at),
        _text(window.ends_at),
        window.limit,
        window.ceiling,
        window.shown_limit,
        [list(mark) for mark in window.marks],
    ]


def _bucket_row(bucket: Bucket, places: Mapping[tuple[str, str | None], int]) -> list[object]:
    return [
        bucket.key,
        _text(bucket.ends_at),
        [[source.kind.value, source.key, _text(source.ends_at)] for source in bucket.sources],
        [
            [[places[window.counter], window.limit, window.ceiling, window.shown_limit] for window in alternative]
            for alternative in bucket.alternatives
        ],
    ]


def _read_bucket(row: list[Any], rows: list[list[Any]]) -> Bucket:
    key, ends_at, sources, alternatives = row
    return Bucket(
        key=key,
        alternatives=tuple(
            tuple(_read_window(rows[place], *limits) for place, *limits in alternative) for alternative in alternatives
        ),
        ends_at=_instant(ends_at),
        sources=tuple(Source(SourceKind(kind), name, _instant(until)) for kind, name, until in sources),
    )


def _read_window(row: list[Any], limit: int | None, ceiling: int | None, shown_limit: int | None) -> Window:
    key, user, starts_at, ends_at, _, _, _, marks = row
    return Window(
        key=key,
        user=user,
        starts_at=_instant(starts_at),
        ends_at=_instant(ends_at),
        limit=limit,
        ceiling=ceiling,
        shown_limit=shown_limit,
        warn_at=tuple(percent for percent, _ in marks if percent < _ALL),
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
