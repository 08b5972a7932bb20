"""What a publication does to each version of a plan or add-on that somebody holds. Pure.

Whoever has a subscription keeps the version it was made with, unless the publication is for all; who has none follows
the default plan at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from liftgate.engine.catalogue_model import Catalogue, Entitlement, Feature
from liftgate_server.catalog.generosity import SAME, Step, compare_entitlements, level_limit
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.catalog.words import entitlement_words
from liftgate_server.publishing.facts import Effect

__all__ = ["Consequences", "Limit", "Shift", "compare_products", "features_of", "shift_words"]

_Entitlements = Mapping[str, Entitlement]


class Limit(NamedTuple):
    """A level that falls from ``before`` (``None``: none) to ``after``."""

    feature: str
    before: int | None
    after: int


@dataclass(frozen=True, slots=True)
class Shift:
    """The holders of one version of a product come to hold another.

    ``pinned`` are the versions on file that mean ``from_version`` by now; empty for the holders of the default plan,
    who are those without a subscription (``follows``).
    """

    kind: ProductKind
    key: str
    name: str
    from_version: int
    to_version: int | None
    pinned: tuple[int, ...]
    steps: Mapping[str, Step]
    before: _Entitlements
    after: _Entitlements
    limits: tuple[Limit, ...] = ()
    follows: bool = False

    @property
    def gains(self) -> tuple[str, ...]:
        return tuple(feature for feature, step in self.steps.items() if step.gains)

    @property
    def losses(self) -> tuple[str, ...]:
        return tuple(feature for feature, step in self.steps.items() if step.loses)

    def features(self, effect: Effect) -> tuple[str, ...]:
        """Return the features in which the shift has that effect."""
        if effect is Effect.GAINS:
            return self.gains
        return self.losses if effect is Effect.LOSSES else tuple(limit.feature for limit in self.limits)


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything that shifts: those without a subscription at ``now``, the others at ``at``.

    ``extras`` is what one piece of each add-on version on file adds to a level: feature to version to units.
    """

    now: datetime
    at: datetime
    shifts: tuple[Shift, ...]
    extras: Mapping[str, Mapping[tuple[str, int], int]] = field(default_factory=dict)

    def of_kind(self, kind: ProductKind) -> tuple[Shift, ...]:
        """Return the shifts of pinned versions of plans, or of add-ons."""
        return tuple(shift for shift in self.shifts if shift.kind is kind and not shift.follows)

    @property
    def following(self) -> Shift | None:
        """The shift of those who have no subscription."""
        return next((shift for shift in self.shifts if shift.follows), None)


class Comparison(NamedTuple):
    """What was given and what will be, feature by feature."""

    steps: Mapping[str, Step]
    limits: tuple[Limit, ...]


def compare_products(features: Mapping[str, Feature], before: _Entitlements, after: _Entitlements) -> Comparison:
    """Compare two products' entitlements; ``features`` are those of both catalogues together."""
    steps: dict[str, Step] = {}
    limits: list[Limit] = []
    for key in dict.fromkeys((*before, *after)):
        feature = features.get(key)
        step = SAME if feature is None else compare_entitlements(feature, before.get(key), after.get(key))
        if feature is None or step == SAME:
            continue
        steps[key] = step
        limits += _fallen_level(feature, before.get(key), after.get(key))
    return Comparison(steps, tuple(limits))


def features_of(before: Catalogue, after: Catalogue) -> dict[str, Feature]:
    """Return the features of both catalogues, the later kind of one that is in both."""
    return {**before.features, **after.features}


def shift_words(shift: Shift, features: Mapping[str, Feature], wanted: Iterable[str], language: str) -> Iterator[str]:
    """Say what becomes of features: ``exports 100 per month → unlimited``."""
    for key in wanted:
        kind = features[key].kind
        old = entitlement_words(shift.before.get(key), kind, language)
        yield f"{key} {old} → {entitlement_words(shift.after.get(key), kind, language)}"


def _fallen_level(feature: Feature, before: Entitlement | None, after: Entitlement | None) -> Iterator[Limit]:
    old, new = level_limit(feature, before), level_limit(feature, after)
    if new is not None and (old is None or new < old):
        yield Limit(feature.key, old, new)
