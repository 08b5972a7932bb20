"""The plans × features matrix as rows of cells: searched, paged, and compared with what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from liftgate.engine.catalogue_model import AddOn, Catalogue, Entitlement, Feature, LocalisedText, Plan

__all__ = ["Cell", "Matrix", "Row", "Wanted", "cell_of", "is_found", "matrix_of", "plans_by_rank"]

# A page of the matrix is bounded by its cells: they are what a browser lays out and a wire carries.
_MOST_CELLS: Final = 240
_MOST_ROWS: Final = 40
_LEAST_ROWS: Final = 5

_Part = TypeVar("_Part", Feature, Plan)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one plan or add-on gives of one feature; ``before`` is what the published one gives."""

    section: str
    product: str
    feature: Feature
    entitlement: Entitlement | None
    before: Entitlement | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One feature over the plans."""

    feature: Feature
    cells: tuple[Cell, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """One page of the matrix. ``hidden`` counts what is archived and not shown."""

    plans: tuple[Plan, ...]
    rows: tuple[Row, ...]
    page: int
    pages: int
    found: int
    hidden: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the matrix somebody asks for."""

    words: str = ""
    page: int = 1
    with_archived: bool = False


def matrix_of(draft: Catalogue, published: Catalogue, wanted: Wanted) -> Matrix:
    """Return a page of the matrix; a page beyond the last is the last."""
    plans = _shown(plans_by_rank(draft), with_archived=wanted.with_archived)
    features = _shown(draft.features.values(), with_archived=wanted.with_archived)
    found = [feature for feature in features if is_found(wanted.words, feature.key, feature.name)]
    size = max(_LEAST_ROWS, min(_MOST_ROWS, _MOST_CELLS // max(len(plans), 1)))
    pages = max(1, -(-len(found) // size))
    page = min(max(wanted.page, 1), pages)
    return Matrix(
        plans=plans,
        rows=tuple(_row(draft, published, plans, feature) for feature in found[(page - 1) * size : page * size]),
        page=page,
        pages=pages,
        found=len(found),
        hidden=len(draft.plans) - len(plans) + len(draft.features) - len(features),
        is_empty=not draft.plans and not draft.features,
    )


def cell_of(draft: Catalogue, published: Catalogue, section: str, product: str, feature: str) -> Cell:
    """Return one cell of a product and a feature that the draft has; ``section`` is plans or addons."""
    after, before = _given(draft, section, product, feature), _given(published, section, product, feature)
    # An "off" that is written down says the same as one that is not.
    is_changed = after != before and not (_is_nothing(after) and _is_nothing(before))
    return Cell(section, product, draft.features[feature], after, before, is_changed)


def plans_by_rank(catalogue: Catalogue) -> tuple[Plan, ...]:
    """Return the plans from the smallest to the largest."""
    return tuple(sorted(catalogue.plans.values(), key=lambda plan: plan.rank))


def is_found(words: str, key: str, name: LocalisedText | None = None) -> bool:
    """Tell whether every word that was typed stands in the key or in a name."""
    text = " ".join((key, *(name or {}).values())).casefold()
    return all(word in text for word in words.casefold().split())


def _row(draft: Catalogue, published: Catalogue, plans: Iterable[Plan], feature: Feature) -> Row:
    cells = tuple(cell_of(draft, published, "plans", plan.key, feature.key) for plan in plans)
    return Row(feature, cells, is_new=feature.key not in published.features)


def _shown(parts: Iterable[_Part], *, with_archived: bool) -> tuple[_Part, ...]:
    return tuple(part for part in parts if with_archived or not part.archived)


def _given(catalogue: Catalogue, section: str, product: str, feature: str) -> Entitlement | None:
    products: Mapping[str, Plan | AddOn] = catalogue.plans if section == "plans" else catalogue.addons
    return products[product].entitlements.get(feature) if product in products else None


def _is_nothing(entitlement: Entitlement | None) -> bool:
    return entitlement is None or not (entitlement.enabled or entitlement.caps or entitlement.value is not None)
