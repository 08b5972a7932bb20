"""What one examination of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice` says what to do when it is not well."""

    name: str
    ok: bool
    detail: str
    advice: str | None = None
