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
from liftgate_server.catalog.generosity import SAME, Step, compare_entitlements
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.catalog.words import entitlement_words
from liftgate_server.publishing.facts import Effect

__all__ = [
    "Consequences",
    "Entitlements",
    "Extra",
    "Level",
    "Levels",
    "PinnedVersion",
    "Shift",
    "compare_products",
    "features_of",
    "shift_words",
]

Entitlements = Mapping[str, Entitlement]
PinnedVersion = tuple[str, int]


class Level(NamedTuple):
    """How much of a level the plans of ``pinned`` give, without add-ons: ``before`` (``None``: any) and ``after``.

    ``follows`` tells whether that is true of those without a subscription as well.
    """

    feature: str
    before: int | None
    after: int
    pinned: tuple[PinnedVersion, ...]
    follows: bool


class Extra(NamedTuple):
    """What one piece of an add-on adds to a level, before and after."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels that fall for somebody, by plan, and what each add-on version on file adds to them, by feature."""

    of_plans: tuple[Level, ...] = ()
    extras: Mapping[str, Mapping[PinnedVersion, Extra]] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(level.feature for level in self.of_plans))


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
    before: Entitlements
    after: Entitlements
    follows: bool = False

    @property
    def gains(self) -> tuple[str, ...]:
        return tuple(feature for feature, step in self.steps.items() if step.gains)

    @property
    def losses(self) -> tuple[str, ...]:
        return tuple(feature for feature, step in self.steps.items() if step.loses)

    def features(self, effect: Effect) -> tuple[str, ...]:
        """Return the features in which the shift has that effect: a gain or a loss."""
        return self.gains if effect is Effect.GAINS else self.losses


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything that shifts: those without a subscription at ``now``, the others at ``at``."""

    now: datetime
    at: datetime
    shifts: tuple[Shift, ...]
    levels: Levels = field(default_factory=Levels)

    def of_kind(self, kind: ProductKind) -> tuple[Shift, ...]:
        """Return the shifts of pinned versions of plans, or of add-ons."""
        return tuple(shift for shift in self.shifts if shift.kind is kind and not shift.follows)

    @property
    def following(self) -> Shift | None:
        """The shift of those who have no subscription."""
        return next((shift for shift in self.shifts if shift.follows), None)


def compare_products(features: Mapping[str, Feature], before: Entitlements, after: Entitlements) -> Mapping[str, Step]:
    """Say what goes up or down, feature by feature; ``features`` are those of both catalogues together."""
    steps: dict[str, Step] = {}
    for key in dict.fromkeys((*before, *after)):
        feature = features.get(key)
        step = SAME if feature is None else compare_entitlements(feature, before.get(key), after.get(key))
        if step != SAME:
            steps[key] = step
    return steps


def features_of(before: Catalogue, after: Catalogue) -> dict[str, Feature]:
    """Return the features of both catalogues, the later kind of one that is in both."""
    return {**before.features, **after.features}


def shift_words(shift: Shift, features: Mapping[str, Feature], wanted: Iterable[str], language: str) -> Iterator[str]:
    """Say what becomes of features: ``exports 100 per month → unlimited``."""
    for key in wanted:
        kind = features[key].kind
        old = entitlement_words(shift.before.get(key), kind, language)
        yield f"{key} {old} → {entitlement_words(shift.after.get(key), kind, language)}"
