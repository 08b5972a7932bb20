"""What differs between two catalogues, as plain sentences. Pure: values in, words out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from liftgate.engine.catalogue_model import (
    AddOn,
    Catalogue,
    Entitlement,
    Feature,
    FeatureKind,
    Gate,
    LocalisedText,
    Plan,
    Price,
)
from liftgate_server.catalog.words import entitlement_words, localised_words, price_words, requirement_words

__all__ = ["describe_changes", "unified_difference"]

_Part = TypeVar("_Part")
_EMPTY = Catalogue(languages=(), time_zone="UTC", default_plan=None, features={}, plans={}, addons={}, gates={})


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two catalogues; some words need to know the kinds of features on either side."""

    before: Catalogue
    after: Catalogue


def describe_changes(before: Catalogue | None, after: Catalogue) -> tuple[str, ...]:
    """List every change from one catalogue to another; nothing published counts as empty."""
    pair = _Pair(before or _EMPTY, after)
    return tuple(_all_changes(pair))


def unified_difference(before: str, after: str, *, names: tuple[str, str]) -> str:
    """Return the unified line difference of two texts; empty when they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), fromfile=names[0], tofile=names[1], lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def _all_changes(pair: _Pair) -> Iterator[str]:
    before, after = pair.before, pair.after
    yield from _change("Languages", _listed(before.languages), _listed(after.languages))
    yield from _change("Time zone", before.time_zone, after.time_zone)
    yield from _change("Default plan", before.default_plan or "none", after.default_plan or "none")
    yield from _section("Feature", before.features, after.features, _feature_changes)
    if _common_order(before.features, after.features) != _common_order(after.features, before.features):
        yield "Features: listed in another order"
    yield from _section("Plan", before.plans, after.plans, lambda old, new: _plan_changes(pair, old, new))
    yield from _section("Add-on", before.addons, after.addons, lambda old, new: _addon_changes(pair, old, new))
    yield from _section("Gate", before.gates, after.gates, _gate_changes)


def _section(
    word: str,
    before: Mapping[str, _Part],
    after: Mapping[str, _Part],
    changes: Callable[[_Part, _Part], Iterable[str]],
) -> Iterator[str]:
    for key in _all_keys(before, after):
        if key not in before:
            yield f"{word} {key}: added"
        elif key not in after:
            yield f"{word} {key}: removed"
        elif before[key] != after[key]:
            yield from (f"{word} {key}: {change}" for change in changes(before[key], after[key]))


def _feature_changes(before: Feature, after: Feature) -> Iterator[str]:
    yield from _change("kind", before.kind, after.kind)
    yield from _text_changes("name", before.name, after.name)
    yield from _text_changes("description", before.description, after.description)
    yield from _change("values", _listed(before.values), _listed(after.values))
    if before.unit != after.unit:
        yield "unit words changed"


def _plan_changes(pair: _Pair, before: Plan, after: Plan) -> Iterator[str]:
    yield from _change("rank", before.rank, after.rank)
    yield from _text_changes("name", before.name, after.name)
    yield from _text_changes("description", before.description, after.description)
    yield from _price_changes(before.prices, after.prices)
    yield from _entitlement_changes(pair, before.entitlements, after.entitlements)


def _addon_changes(pair: _Pair, before: AddOn, after: AddOn) -> Iterator[str]:
    yield from _text_changes("name", before.name, after.name)
    yield from _text_changes("description", before.description, after.description)
    yield from _change("highest quantity", before.max_quantity, after.max_quantity)
    yield from _change("sold with", _plans_listed(before.plans), _plans_listed(after.plans))
    yield from _price_changes(before.prices, after.prices)
    yield from _entitlement_changes(pair, before.entitlements, after.entitlements)


def _gate_changes(before: Gate, after: Gate) -> Iterator[str]:
    yield from _text_changes("name", before.name, after.name)
    yield from _change("requires", requirement_words(before), requirement_words(after))
    yield from _change("mode", before.mode, after.mode)
    yield from _change("on failure", before.on_failure, after.on_failure)
    yield from _change("placement", before.placement or "none", after.placement or "none")


def _entitlement_changes(
    pair: _Pair, before: Mapping[str, Entitlement], after: Mapping[str, Entitlement]
) -> Iterator[str]:
    for key in _all_keys(before, after):
        old = entitlement_words(before.get(key), _kind(pair.before, key))
        new = entitlement_words(after.get(key), _kind(pair.after, key))
        if old != new:
            yield f"{key} {old} → {new}"


def _kind(catalogue: Catalogue, feature: str) -> FeatureKind | None:
    found = catalogue.features.get(feature)
    return None if found is None else found.kind


def _price_changes(before: tuple[Price, ...], after: tuple[Price, ...]) -> Iterator[str]:
    old, new = _prices_by_interval(before), _prices_by_interval(after)
    for key in _all_keys(old, new):
        yield from _change(f"{key} price", old.get(key, "none"), new.get(key, "none"))


def _prices_by_interval(prices: tuple[Price, ...]) -> dict[str, str]:
    return {f"{price.interval} {price.currency}": price_words(price) for price in prices}


def _text_changes(word: str, before: LocalisedText | None, after: LocalisedText | None) -> Iterator[str]:
    for language in _all_keys(before or {}, after or {}):
        yield from _change(f"{word} ({language})", localised_words(before, language), localised_words(after, language))


def _change(word: str, before: object, after: object) -> Iterator[str]:
    if before != after:
        separator = ":" if word[0].isupper() else ""
        yield f"{word}{separator} {before} → {after}"


def _all_keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys((*before, *after)))


def _common_order(keys: Mapping[str, object], others: Mapping[str, object]) -> list[str]:
    return [key for key in keys if key in others]


def _listed(items: tuple[str, ...]) -> str:
    return ", ".join(items) if items else "none"


def _plans_listed(plans: tuple[str, ...] | None) -> str:
    return "every plan" if plans is None else _listed(plans)
