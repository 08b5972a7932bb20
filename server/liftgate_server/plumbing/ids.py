"""Identifiers that sort by the time they were made and cannot be guessed."""

from __future__ import annotations

import secrets
import time

# Crockford's alphabet: no letter that is read as a digit, and in the order of its values.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_LENGTH = 11  # 55 bits of microseconds last until the year 3111
_RANDOM_LENGTH = 15  # 75 bits


def new_id(prefix: str) -> str:
    """Make `<prefix>_<26 characters>`, sortable by creation."""
    return f"{prefix}_{new_bare_id()}"


def new_bare_id() -> str:
    """Make an id without prefix, for places where `_` separates."""
    microseconds = time.time_ns() // 1_000
    return _encode(microseconds, length=_TIME_LENGTH) + _encode(
        secrets.randbits(5 * _RANDOM_LENGTH), length=_RANDOM_LENGTH
    )


def _encode(number: int, *, length: int) -> str:
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (length - 1), -1, -5))
