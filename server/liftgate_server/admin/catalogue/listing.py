"""Lists of plans, features, add-ons and gates: searched, and one page of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from liftgate_server.admin.catalogue.matrix import Wanted, is_found

__all__ = ["PAGE", "PartsPage", "page_of_parts"]

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PartsPage:
    """One page of a list of parts."""

    items: tuple[Any, ...]
    page: int
    pages: int
    found: int
    hidden: int


def page_of_parts(parts: Iterable[Any], wanted: Wanted) -> PartsPage:
    """Return a page of plans, features, add-ons or gates that were searched for."""
    every = list(parts)
    kept = [part for part in every if wanted.with_archived or not part.archived]
    found = [part for part in kept if is_found(wanted.words, part.key, part.name)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(wanted.page, 1), pages)
    return PartsPage(tuple(found[(page - 1) * PAGE : page * PAGE]), page, pages, len(found), len(every) - len(kept))
