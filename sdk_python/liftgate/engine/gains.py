"""What a plan or an add-on gives beyond what the customer's plan gives, as short lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from liftgate.engine.access import generosity
from liftgate.engine.catalogue_model import AddOn, Catalogue, Entitlement, Feature, FeatureKind, Plan
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.identity import Identical
from liftgate.engine.limits import CapSet, rate_per_day
from liftgate.engine.reader import Reader
from liftgate.engine.wording import value_text, wording_of

__all__ = ["Comparison", "gains", "rate_of"]

_MOST_LINES = 5
_NOBODY = Source(SourceKind.PLAN, "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is offered, beside the plan that the customer has."""

    catalogue: Identical[Catalogue]
    target: Identical[Plan | AddOn]
    current: Identical[Plan | None]
    quantity: int


@lru_cache(maxsize=128)
def gains(offered: Comparison, first: str, reader: Reader) -> tuple[str, ...]:
    """Return at most five lines: the feature ``first``, then the others in the catalogue's order, none archived."""
    order = (first, *(key for key in offered.catalogue.value.features if key != first))
    lines: list[str] = []
    for line in _lines(offered, order, reader):
        lines.append(line)
        if len(lines) == _MOST_LINES:
            break
    return tuple(lines)


def _lines(offered: Comparison, order: tuple[str, ...], reader: Reader) -> Iterator[str]:
    has = offered.target.value.entitlements
    had = {} if offered.current.value is None else offered.current.value.entitlements
    for key in order:
        given, feature = has.get(key), offered.catalogue.value.features.get(key)
        if given is None or feature is None or feature.archived:
            continue
        line = _line(feature, given, had.get(key), offered, reader)
        if line is not None:
            yield line


def _line(
    feature: Feature, given: Entitlement, before: Entitlement | None, offered: Comparison, reader: Reader
) -> str | None:
    # An add-on's units come on top of the plan's, so they are a gain whatever the plan has.
    adds = isinstance(offered.target.value, AddOn)
    if feature.kind is FeatureKind.SWITCH:
        is_new = given.enabled and not (before is not None and before.enabled)
        return reader.name(feature.name) if is_new else None
    if feature.kind is FeatureKind.SETTING:
        return _setting_line(feature, given, before, reader)
    if not adds and rate_of(given) <= rate_of(before):
        return None
    return wording_of(feature, reader).bullet(given.caps, times=offered.quantity, more=adds)


def _setting_line(feature: Feature, given: Entitlement, before: Entitlement | None, reader: Reader) -> str | None:
    held = None if before is None else before.value
    if given.value is None or generosity(feature, given.value) <= generosity(feature, held):
        return None
    return reader.say("bullet.named", feature=reader.name(feature.name), given=value_text(given.value, reader))


def rate_of(entitlement: Entitlement | None) -> float:
    """Return the units a day that an entitlement gives, 0 for none."""
    return 0.0 if entitlement is None else rate_per_day(CapSet(_NOBODY, entitlement.caps))
