"""Access resolution of one feature: revoke, base (override or the most generous source), add-ons, promotions.

The order is the product's; see "Access" in docs/rules.md. Nothing here depends on the order of grants in the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from liftgate.engine.catalogue_model import Entitlement, Feature, FeatureKind, OnUpgrade, SettingValue
from liftgate.engine.customer_state import Grant, GrantKind
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.holdings import Holdings
from liftgate.engine.limits import TRIAL_WINDOW, CapSet, TrialUses, raise_caps

__all__ = ["Access", "Contribution", "generosity", "resolve_access"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one source gives of the feature, × ``times`` for an add-on.

    ``restarts`` says that moving up to a higher plan begins its windows anew; ``uses`` is what ends a trial by uses.
    """

    source: Source
    entitlement: Entitlement
    times: int = 1
    restarts: bool = False
    uses: TrialUses | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that bears on one feature at one instant.

    ``bases`` are the alternatives for the base (one when an override decides), ``addons`` and ``promotions`` come on
    top. A revoke takes everything away.
    """

    feature: Feature
    revoke: Grant | None
    bases: tuple[Contribution, ...]
    addons: tuple[Contribution, ...]
    promotions: tuple[Contribution, ...]

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """All sources, the base first."""
        return (*self.bases, *self.addons, *self.promotions)

    def cap_sets(self) -> tuple[tuple[CapSet, ...], tuple[CapSet, ...]]:
        """Return the alternatives for the base, add-ons of like periods included, and the buckets beside them."""
        bases = tuple(
            CapSet(base.source, base.entitlement.caps, restarts=base.restarts, uses=base.uses) for base in self.bases
        )
        buckets: list[CapSet] = []
        for addon in self.addons:
            raised = tuple(raise_caps(base, addon.entitlement.caps, addon.times) for base in bases)
            # Raising only some alternatives would make the add-on's worth depend on which of them is chosen.
            if bases and all(raised):
                bases = tuple(cap_set for cap_set in raised if cap_set is not None)
            else:
                buckets.append(_bucket(addon))
        return bases, (*buckets, *(_bucket(promotion) for promotion in self.promotions))


def resolve_access(feature: Feature, holdings: Holdings) -> Access:
    """Gather what the holdings say about a feature; pure selection, nothing is counted yet."""
    revokes = _grants(holdings, feature, GrantKind.REVOKE)
    overrides = _grants(holdings, feature, GrantKind.OVERRIDE)
    bases = (_from_grant(overrides[0], SourceKind.OVERRIDE),) if overrides else tuple(_bases(feature, holdings))
    promotions = _grants(holdings, feature, GrantKind.PROMOTION)
    # Buckets burn earliest expiry first; one without an end burns last.
    burning = sorted(promotions, key=lambda grant: (grant.ends_at is None, grant.ends_at or grant.created_at, grant.id))
    return Access(
        feature=feature,
        revoke=revokes[0] if revokes else None,
        bases=bases,
        addons=tuple(_from_addons(feature, holdings)),
        promotions=tuple(_from_grant(grant, SourceKind.PROMOTION) for grant in burning),
    )


def generosity(feature: Feature, value: SettingValue | None) -> int:
    """Return the place of a setting's value in its order, −1 for no value or one that the feature no longer has."""
    if isinstance(value, int) and not feature.values:
        return value
    return feature.values.index(value) if isinstance(value, str) and value in feature.values else -1


def _bases(feature: Feature, holdings: Holdings) -> Iterator[Contribution]:
    for held in holdings.plans:
        entitlement = held.plan.entitlements.get(feature.key)
        if entitlement is not None and _gives_something(feature, entitlement):
            # What a grant lends does not come from the subscription, so it does not begin anew with it either.
            restarts = feature.on_upgrade is OnUpgrade.RESET and held is holdings.base
            yield Contribution(held.source, entitlement, restarts=restarts)
    for grant in _grants(holdings, feature, GrantKind.TRIAL):
        yield replace(_from_grant(grant, SourceKind.TRIAL), uses=_trial_uses(grant))


def _from_addons(feature: Feature, holdings: Holdings) -> Iterator[Contribution]:
    for held in sorted(holdings.addons, key=lambda held: held.source.key):
        entitlement = held.addon.entitlements.get(feature.key)
        if entitlement is not None:
            yield Contribution(held.source, entitlement, held.quantity)


def _grants(holdings: Holdings, feature: Feature, kind: GrantKind) -> list[Grant]:
    """Return the running grants of a kind on the feature, the newest first."""
    if not holdings.grants:
        return []
    found = [grant for grant in holdings.grants if grant.kind is kind and grant.feature == feature.key]
    return sorted(found, key=lambda grant: (grant.created_at, grant.id), reverse=True)


def _from_grant(grant: Grant, kind: SourceKind) -> Contribution:
    entitlement = grant.entitlement or Entitlement(feature=grant.feature or "")
    return Contribution(Source(kind, grant.id, grant.ends_at), entitlement)


def _trial_uses(grant: Grant) -> TrialUses | None:
    if grant.max_uses is None:
        return None
    return TrialUses(f"{TRIAL_WINDOW}{grant.id}", grant.max_uses, grant.starts_at)


def _gives_something(feature: Feature, entitlement: Entitlement) -> bool:
    if feature.kind is FeatureKind.SWITCH:
        return entitlement.enabled
    if feature.kind is FeatureKind.SETTING:
        return entitlement.value is not None
    return bool(entitlement.caps)


def _bucket(contribution: Contribution) -> CapSet:
    caps = contribution.entitlement.caps
    if contribution.times != 1:
        once = CapSet(contribution.source, caps)
        caps = (raise_caps(once, caps, contribution.times - 1) or once).caps
    return CapSet(contribution.source, caps, bucket=f"bucket:{contribution.source.key}")
