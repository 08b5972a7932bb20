"""What differs between two catalogues, as plain sentences. Pure: values in, words out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    OverLimitRule,
    Plan,
    Price,
    ValueMetric,
)
from liftgate_server.catalog.phrases import Language, say
from liftgate_server.catalog.words import entitlement_words, localised_words, price_words, requirement_words

__all__ = ["describe_changes", "unified_difference"]

_Part = TypeVar("_Part")
_Archivable = Feature | Plan | AddOn | Gate
_EMPTY = Catalogue(languages=(), time_zone="UTC", default_plan=None, features={}, plans={}, addons={}, gates={})


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two catalogues, and the language in which to say how they differ.

    Some words need to know the kinds of features on either side.
    """

    before: Catalogue
    after: Catalogue
    language: Language

    def say(self, phrase: str, **values: object) -> str:
        return say(phrase, self.language, **values)

    def listed(self, items: Sequence[str]) -> str:
        return ", ".join(items) if items else self.say("none")

    def word(self, word: str | None) -> str:
        """Return a fixed word of the catalogue, such as a mode."""
        return self.say(word or "none")


def describe_changes(before: Catalogue | None, after: Catalogue, language: Language = "en") -> tuple[str, ...]:
    """List every change from one catalogue to another, in English or German; nothing published counts as empty."""
    pair = _Pair(before or _EMPTY, after, language)
    return tuple(_all_changes(pair))


def unified_difference(before: str, after: str, *, names: tuple[str, str]) -> str:
    """Return the unified line difference of two texts; empty when they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), fromfile=names[0], tofile=names[1], lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def _all_changes(pair: _Pair) -> Iterator[str]:
    before, after = pair.before, pair.after
    yield from _headed(pair.say("Languages"), pair.listed(before.languages), pair.listed(after.languages))
    yield from _headed(pair.say("Time zone"), before.time_zone, after.time_zone)
    none = pair.say("none")
    yield from _headed(pair.say("Default plan"), before.default_plan or none, after.default_plan or none)
    yield from _section(pair, "Feature {key}", before.features, after.features, _feature_changes)
    if _common_order(before.features, after.features) != _common_order(after.features, before.features):
        yield pair.say("Features: listed in another order")
    yield from _section(pair, "Value metric {key}", before.value_metrics, after.value_metrics, _metric_changes)
    yield from _section(pair, "Plan {key}", before.plans, after.plans, _plan_changes)
    yield from _section(pair, "Add-on {key}", before.addons, after.addons, _addon_changes)
    yield from _section(pair, "Gate {key}", before.gates, after.gates, _gate_changes)
    yield from _offer_changes(pair)


def _section(
    pair: _Pair,
    heading: str,
    before: Mapping[str, _Part],
    after: Mapping[str, _Part],
    changes: Callable[[_Pair, _Part, _Part], Iterable[str]],
) -> Iterator[str]:
    for key in _all_keys(before, after):
        head = pair.say(heading, key=key)
        if key not in before:
            yield f"{head}: {pair.say('added')}"
        elif key not in after:
            yield f"{head}: {pair.say('removed')}"
        elif before[key] != after[key]:
            yield from (f"{head}: {change}" for change in changes(pair, before[key], after[key]))


def _feature_changes(pair: _Pair, before: Feature, after: Feature) -> Iterator[str]:
    yield from _archive_changes(pair, before, after)
    yield from _change(pair.say("kind"), pair.word(before.kind), pair.word(after.kind))
    yield from _text_changes(pair, "name ({tag})", before.name, after.name)
    yield from _text_changes(pair, "description ({tag})", before.description, after.description)
    yield from _change(pair.say("values"), pair.listed(before.values), pair.listed(after.values))
    if before.unit != after.unit:
        yield pair.say("unit words changed")
    yield from _change(pair.say("on upgrade"), pair.word(before.on_upgrade), pair.word(after.on_upgrade))
    old, new = (_over_limit_words(pair, feature.over_limit) for feature in (before, after))
    yield from _change(pair.say("over the limit"), old, new)
    yield from _change(pair.say("without the server"), pair.word(before.on_failure), pair.word(after.on_failure))


def _over_limit_words(pair: _Pair, rule: OverLimitRule) -> str:
    if rule.grace_days is None:
        return pair.word(rule.policy)
    return pair.say("{days} days of grace", days=rule.grace_days)


def _metric_changes(pair: _Pair, before: ValueMetric, after: ValueMetric) -> Iterator[str]:
    yield from _text_changes(pair, "name ({tag})", before.name, after.name)
    if before.unit != after.unit:
        yield pair.say("unit words changed")


def _plan_changes(pair: _Pair, before: Plan, after: Plan) -> Iterator[str]:
    yield from _archive_changes(pair, before, after)
    yield from _change(pair.say("rank"), before.rank, after.rank)
    yield from _text_changes(pair, "name ({tag})", before.name, after.name)
    yield from _text_changes(pair, "description ({tag})", before.description, after.description)
    yield from _price_changes(pair, before.prices, after.prices)
    yield from _change(pair.say("trial"), _trial_words(pair, before), _trial_words(pair, after))
    yield from _entitlement_changes(pair, before.entitlements, after.entitlements)


def _addon_changes(pair: _Pair, before: AddOn, after: AddOn) -> Iterator[str]:
    yield from _archive_changes(pair, before, after)
    yield from _text_changes(pair, "name ({tag})", before.name, after.name)
    yield from _text_changes(pair, "description ({tag})", before.description, after.description)
    yield from _change(pair.say("highest quantity"), before.max_quantity, after.max_quantity)
    yield from _change(pair.say("sold with"), _plans_listed(pair, before.plans), _plans_listed(pair, after.plans))
    yield from _price_changes(pair, before.prices, after.prices)
    yield from _entitlement_changes(pair, before.entitlements, after.entitlements)


def _gate_changes(pair: _Pair, before: Gate, after: Gate) -> Iterator[str]:
    yield from _archive_changes(pair, before, after)
    yield from _text_changes(pair, "name ({tag})", before.name, after.name)
    old, new = (requirement_words(gate, pair.language) for gate in (before, after))
    yield from _change(pair.say("requires"), old, new)
    yield from _change(pair.say("mode"), pair.word(before.mode), pair.word(after.mode))
    yield from _change(pair.say("on failure"), pair.word(before.on_failure), pair.word(after.on_failure))
    none = pair.say("none")
    yield from _change(pair.say("placement"), before.placement or none, after.placement or none)


def _offer_changes(pair: _Pair) -> Iterator[str]:
    """Compare what offers say; a text of one's own that is taken back gives way to the shipped one."""
    before, after = pair.before.texts, pair.after.texts
    for offer in _all_keys(before, after):
        old, new = before.get(offer, {}), after.get(offer, {})
        for slot in _all_keys(old, new):
            for change in _own_text_changes(pair, slot, old.get(slot, {}), new.get(slot, {})):
                yield f"{pair.say('Offer {key}', key=offer)}: {change}"


def _own_text_changes(pair: _Pair, slot: str, before: LocalisedText, after: LocalisedText) -> Iterator[str]:
    shipped = pair.say("the shipped words")
    for tag in _all_keys(before, after):
        old = localised_words(before, tag, pair.language) if tag in before else shipped
        new = localised_words(after, tag, pair.language) if tag in after else shipped
        yield from _change(pair.say("{slot} ({tag})", slot=slot, tag=tag), old, new)


def _archive_changes(pair: _Pair, before: _Archivable, after: _Archivable) -> Iterator[str]:
    if before.archived != after.archived:
        yield pair.say("archived" if after.archived else "no longer archived")


def _trial_words(pair: _Pair, plan: Plan) -> str:
    return pair.say("none") if plan.trial is None else pair.say("{days} days", days=plan.trial.days)


def _entitlement_changes(
    pair: _Pair, before: Mapping[str, Entitlement], after: Mapping[str, Entitlement]
) -> Iterator[str]:
    for key in _all_keys(before, after):
        old = entitlement_words(before.get(key), _kind(pair.before, key), pair.language)
        new = entitlement_words(after.get(key), _kind(pair.after, key), pair.language)
        if old != new:
            yield f"{key} {old} → {new}"


def _kind(catalogue: Catalogue, feature: str) -> FeatureKind | None:
    found = catalogue.features.get(feature)
    return None if found is None else found.kind


def _price_changes(pair: _Pair, before: tuple[Price, ...], after: tuple[Price, ...]) -> Iterator[str]:
    old, new = _prices_by_interval(pair, before), _prices_by_interval(pair, after)
    none = pair.say("none")
    for key in _all_keys(old, new):
        yield from _change(key, old.get(key, none), new.get(key, none))


def _prices_by_interval(pair: _Pair, prices: tuple[Price, ...]) -> dict[str, str]:
    return {
        pair.say(
            "{interval} {currency} price", interval=pair.word(price.interval), currency=price.currency
        ): price_words(price, pair.language)
        for price in prices
    }


def _text_changes(pair: _Pair, phrase: str, before: LocalisedText | None, after: LocalisedText | None) -> Iterator[str]:
    for tag in _all_keys(before or {}, after or {}):
        old, new = (localised_words(text, tag, pair.language) for text in (before, after))
        yield from _change(pair.say(phrase, tag=tag), old, new)


def _change(word: str, before: object, after: object) -> Iterator[str]:
    if before != after:
        yield f"{word} {before} → {after}"


def _headed(word: str, before: object, after: object) -> Iterator[str]:
    yield from _change(f"{word}:", before, after)


def _all_keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys((*before, *after)))


def _common_order(keys: Mapping[str, object], others: Mapping[str, object]) -> list[str]:
    return [key for key in keys if key in others]


def _plans_listed(pair: _Pair, plans: tuple[str, ...] | None) -> str:
    return pair.say("every plan") if plans is None else pair.listed(plans)
