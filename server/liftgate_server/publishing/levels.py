"""How much of a level accounts may have before a publication and after it, by plan and by add-on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from liftgate.engine.catalogue_model import Entitlement, Feature
from liftgate_server.catalog.generosity import level_limit
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.publishing.effects import Entitlements, Extra, Level, Levels, PinnedVersion, Shift

__all__ = ["falling_features", "levels_of"]

# More than any level, and small enough that a database can add many of them up.
_ENDLESS = 2**40


def falling_features(features: Mapping[str, Feature], shifts: Iterable[Shift]) -> frozenset[str]:
    """Return the features of which some plan or add-on will give less."""
    return frozenset(
        key
        for shift in shifts
        for key in shift.losses
        if _limit(features[key], shift.after) < _limit(features[key], shift.before)
    )


def levels_of(
    features: Mapping[str, Feature],
    shifts: Sequence[Shift],
    *,
    plans: Mapping[PinnedVersion, Entitlements],
    default: Entitlements,
    addons: Mapping[PinnedVersion, Entitlements],
) -> Levels:
    """Return the levels of all held versions in every feature that falls; plans and add-ons are given as they are.

    ``default`` is what those without a subscription have.
    """
    falling = sorted(falling_features(features, shifts))
    plan_pairs = _before_and_after(
        {None: default}, plans, [shift for shift in shifts if shift.kind is ProductKind.PLAN]
    )
    addon_pairs = _before_and_after({}, addons, [shift for shift in shifts if shift.kind is ProductKind.ADDON])
    extras: dict[str, dict[PinnedVersion, Extra]] = defaultdict(dict)
    for feature in falling:
        for version, (before, after) in addon_pairs.items():
            if version is not None and (feature in before or feature in after):
                extras[feature][version] = Extra(*(_limit(features[feature], given) for given in (before, after)))
    return Levels(tuple(_plan_levels(features, falling, plan_pairs, extras)), extras)


def _plan_levels(
    features: Mapping[str, Feature],
    falling: Iterable[str],
    plans: Mapping[PinnedVersion | None, tuple[Entitlements, Entitlements]],
    extras: Mapping[str, Mapping[PinnedVersion, Extra]],
) -> Iterator[Level]:
    for feature in falling:
        known = features[feature]
        alike: dict[tuple[int | None, int], list[PinnedVersion | None]] = defaultdict(list)
        is_less_on_top = any(extra.after < extra.before for extra in extras.get(feature, {}).values())
        for version, (before, after) in plans.items():
            old, new = level_limit(known, before.get(feature)), level_limit(known, after.get(feature))
            if new is not None and (is_less_on_top or old is None or new < old):
                alike[old, new].append(version)
        for (old, new), versions in alike.items():
            yield Level(feature, old, new, tuple(version for version in versions if version), None in versions)


def _before_and_after(
    by_default: Mapping[None, Entitlements], held: Mapping[PinnedVersion, Entitlements], shifts: Iterable[Shift]
) -> dict[PinnedVersion | None, tuple[Entitlements, Entitlements]]:
    pairs: dict[PinnedVersion | None, tuple[Entitlements, Entitlements]] = {
        version: (given, given) for version, given in chain(by_default.items(), held.items())
    }
    for shift in shifts:
        for version in (None,) if shift.follows else tuple((shift.key, number) for number in shift.pinned):
            pairs[version] = (shift.before, shift.after)
    return pairs


def _limit(feature: Feature, given: Mapping[str, Entitlement]) -> int:
    limit = level_limit(feature, given.get(feature.key))
    return _ENDLESS if limit is None else limit
