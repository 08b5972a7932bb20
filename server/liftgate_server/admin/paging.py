"""Pages of a list by cursor: the next one is what the query says, the ones before are remembered in the address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

# A cursor has some 80 characters and an address 2,000 to be safe everywhere.
_MOST_REMEMBERED = 15
_SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class PageLinks:
    previous: str | None
    next: str | None


def page_cursor() -> str | None:
    """Give the cursor that the address asks for."""
    return request.args.get("cursor") or None


def page_links(next_cursor: str | None) -> PageLinks:
    """Give the addresses of the pages around this one; filters stay."""
    here = page_cursor()
    trail = [cursor for cursor in request.args.get("trail", "").split(_SEPARATOR) if cursor]
    following = None if next_cursor is None else _address(next_cursor, [*trail, here or "-"][-_MOST_REMEMBERED:])
    if here is None:
        return PageLinks(None, following)
    before = trail[-1] if trail else "-"
    return PageLinks(_address(None if before == "-" else before, trail[:-1]), following)


def _address(cursor: str | None, trail: list[str]) -> str:
    values = {name: value for name, value in request.args.items() if name not in {"cursor", "trail"} and value}
    if cursor is not None:
        values["cursor"] = cursor
        if trail:
            values["trail"] = _SEPARATOR.join(trail)
    return f"{request.path}?{urlencode(values)}" if values else request.path
