"""Which of two entitlements of one feature gives more. Pure.

Caps are a set of which all must hold, so they are compared period by period; a period without a cap has no limit. One
entitlement may so give more and less at once: 10 a day lets nobody use 100 in one day, and more than 100 in a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from liftgate.engine.access import generosity
from liftgate.engine.catalogue_model import Cap, Enforcement, Entitlement, Feature, FeatureKind, Recurrence, Scope

__all__ = ["SAME", "Step", "compare_entitlements", "gives_anything", "is_worth_paying_for", "level_limit"]

_UNLIMITED = float("inf")

# A limit that is not at least doubled is the same tier with another number.
_NOTICEABLE_FACTOR = 2


class Step(NamedTuple):
    """What going from one entitlement to another brings and takes."""

    gains: bool
    loses: bool


SAME = Step(gains=False, loses=False)


def compare_entitlements(feature: Feature, before: Entitlement | None, after: Entitlement | None) -> Step:
    """Say whether ``after`` gives more of the feature than ``before``, less, or both in different periods."""
    if feature.kind.is_counted:
        return _compare_caps(_ceilings(before), _ceilings(after))
    old, new = _worth(feature, before), _worth(feature, after)
    return Step(gains=new > old, loses=new < old)


def gives_anything(feature: Feature, entitlement: Entitlement | None) -> bool:
    """Tell whether there is anything of the feature in it."""
    return compare_entitlements(feature, None, entitlement).gains


def is_worth_paying_for(feature: Feature, before: Entitlement | None, after: Entitlement | None) -> bool:
    """Tell whether the gain is one that people notice: something new, or a limit at least doubled."""
    old, new = _ceilings(before), _ceilings(after)
    if not feature.kind.is_counted or old is None or new is None:
        return compare_entitlements(feature, before, after).gains
    pairs = [(old.get(key, _UNLIMITED), new.get(key, _UNLIMITED)) for key in {*old, *new}]
    return any(higher > lower and higher >= lower * _NOTICEABLE_FACTOR for lower, higher in pairs)


def level_limit(feature: Feature, entitlement: Entitlement | None) -> int | None:
    """Return how much of a capacity feature an account may hold, ``None`` for any amount."""
    if feature.kind is not FeatureKind.CAPACITY:
        return None
    if entitlement is None or not entitlement.caps:
        return 0
    limits = [cap.limit for cap in entitlement.caps if cap.limit is not None and cap.scope is Scope.CUSTOMER]
    return min(limits, default=None)


def _worth(feature: Feature, entitlement: Entitlement | None) -> int:
    if feature.kind is FeatureKind.SWITCH:
        return int(entitlement is not None and entitlement.enabled)
    return -1 if entitlement is None else generosity(feature, entitlement.value)


_Ceilings = Mapping[tuple[Recurrence, Scope], float]


def _compare_caps(before: _Ceilings | None, after: _Ceilings | None) -> Step:
    if before is None or after is None:
        return Step(gains=before is None and after is not None, loses=after is None and before is not None)
    pairs = [(before.get(key, _UNLIMITED), after.get(key, _UNLIMITED)) for key in {*before, *after}]
    return Step(gains=any(new > old for old, new in pairs), loses=any(new < old for old, new in pairs))


def _ceilings(entitlement: Entitlement | None) -> _Ceilings | None:
    """Return where each period refuses, ``None`` when nothing is given at all."""
    if entitlement is None or not entitlement.caps:
        return None
    ceilings = {(cap.recurrence, cap.scope): _ceiling(cap) for cap in entitlement.caps}
    return None if 0 in ceilings.values() else ceilings


def _ceiling(cap: Cap) -> float:
    if cap.limit is None:
        return _UNLIMITED
    if cap.enforcement is Enforcement.HARD:
        return cap.limit
    # A soft limit lets pass beyond it: up to its overage, or without an end.
    return _UNLIMITED if cap.overage is None else cap.limit + cap.overage
