"""What a receipt counted into the windows that the ledger does not keep: those of buckets, and of trials by uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from liftgate_server.usage.facts import is_kept_by_ledger

__all__ = ["named_units", "window_keys"]


def named_units(receipt: Mapping[str, Any] | None) -> tuple[tuple[tuple[str, str], int], ...]:
    """Return the units of each such window as (user, window): what names them, they count.

    >>> windows = [["bucket:gift", None, None, None, 5, 5, 5, []], ["month:…", None, None, None, 9, 9, 9, []]]
    >>> gift, base = ["gift", None, [], [[[0, 5, 5, 5]]]], ["base", None, [], [[[1, 9, 9, 9]]]]
    >>> receipt = {"parts": [["gift", 5], ["base", 2]], "allowance": {"windows": windows, "buckets": [gift, base]}}
    >>> named_units(receipt)
    ((('', 'bucket:gift'), 5),)
    """
    allowance = None if receipt is None else receipt.get("allowance")
    if receipt is None or allowance is None:
        return ()
    windows = allowance["windows"]
    if all(is_kept_by_ledger(window[0]) for window in windows):
        return ()
    places = {
        bucket[0]: {row[0] for alternative in bucket[3] for row in alternative} for bucket in allowance["buckets"]
    }
    units: dict[tuple[str, str], int] = defaultdict(int)
    for bucket, more, *_ in receipt["parts"]:
        for place in places.get(bucket, ()):
            window, user = windows[place][:2]
            if not is_kept_by_ledger(window):
                units[user or "", window] += more
    return tuple(sorted(units.items()))


def window_keys(receipt: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the names of all windows of a receipt's allowance."""
    allowance = None if receipt is None else receipt.get("allowance")
    return () if allowance is None else tuple(f"{window[0]}|{window[1] or ''}" for window in allowance["windows"])
