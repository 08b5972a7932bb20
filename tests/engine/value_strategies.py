"""Strategies for the small parts everything is made of: keys, texts, numbers, instants; and for any JSON value."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

LARGEST = 2**53 - 1
LANGUAGES = ("en", "de", "fr", "pt-BR", "zh-Hant", "ar")
TIME_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
_KEYS = (
    "a",
    "b",
    "boards",
    "exports",
    "x.y",
    "x.y.z",
    "a-b",
    "k_9",
    "sso",
    "z" * 64,
    "seats",
    "b0",
    "y..",
    "c-",
    "pro",
)
_CONSPICUOUS_TEXTS = (
    "x",
    "Boards",
    "Größe",
    "한국어",
    "👩‍👩‍👧",
    "{name}",
    "<b>",
    " a ",
    "'\"\\",
    "unlimited",
    "#",
    "0",
    "true",
)
COUNTED = ("metered", "capacity")


@cache
def keys() -> st.SearchStrategy[str]:
    """Keys of features, plans, add-ons, gates and placements."""
    return st.sampled_from(_KEYS)


@cache
def texts() -> st.SearchStrategy[str]:
    """Texts a product manager may write."""
    safe = st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"),
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
    # Conspicuous ones mostly: making up texts letter by letter takes most of the time.
    return st.sampled_from(_CONSPICUOUS_TEXTS) | st.text(safe, min_size=1, max_size=6).filter(str.strip)


@cache
def whole_numbers(least: int = 0) -> st.SearchStrategy[int]:
    """Whole numbers, mostly small ones, where limits are crossed."""
    return st.integers(least, least + 12) | st.integers(least, LARGEST)


@cache
def instants() -> st.SearchStrategy[datetime]:
    """Aware UTC instants of our years, often on a boundary."""
    microseconds = st.integers(0, timedelta(days=5 * 365) // timedelta(microseconds=1))
    anywhere = microseconds.map(lambda number: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=number))
    return anywhere | st.sampled_from(
        [
            datetime(2024, 2, 29, tzinfo=UTC),
            datetime(2026, 1, 31, 10, tzinfo=UTC),
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            datetime(2026, 11, 1, tzinfo=UTC),
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ]
    )


@cache
def json_values() -> st.SearchStrategy[Any]:
    """Any value a JSON or YAML reader can return, texts no encoder takes included."""
    words = st.text(max_size=8) | st.sampled_from(
        ["schema", "wire", "name", "limit", "unlimited", "\ud800", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00"]
    )
    leaves = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | words
    names = words | st.integers() | st.none()
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
    )


@st.composite
def spoiled(draw: st.DrawFn, document: Any) -> Any:
    """A document in which something, anywhere, has been replaced by something else."""
    wrecked = copy.deepcopy(document)
    holder = wrecked
    while True:
        places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not places:
            return wrecked
        place = draw(st.sampled_from(places))
        inner = holder[place]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            holder[place] = draw(json_values())
            return wrecked
        holder = inner
