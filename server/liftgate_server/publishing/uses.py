"""What uses each part of the catalogue, so that nothing is taken out that somebody still needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue, Succession, version_name
from liftgate.engine.succession import later_versions, standing
from liftgate_server.catalog import drafts
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.successions import successions_by_version
from liftgate_server.plumbing.clock import now
from liftgate_server.publishing.facts import InUse, Use, UseKind
from liftgate_server.publishing.holdings import (
    GrantUse,
    Holding,
    ProductVersion,
    accounts_without_subscription,
    grants_in_use,
    holdings,
    product_documents,
)
from liftgate_server.publishing.products import read_product
from liftgate_server.usage.queries import gate_activity

__all__ = ["removed_in_use", "uses"]

# A host that asked within a week runs the code that asks.
HOST_MEMORY: Final = timedelta(days=7)

_MOST_EXAMPLES: Final = 3

_Found = dict[str, dict[UseKind, Use]]


def uses(environment_id: int) -> dict[str, InUse]:
    """Return what uses each plan, add-on, feature and gate of the draft and of what is published, by ``plan:pro``.

    ``InUse.holds`` is what keeps a part from being removed; the rest stands in the draft itself.
    """
    published = catalog.current_version(environment_id)
    document = read_catalogue(drafts.open_draft(environment_id).document)
    found = _uses_in_world(environment_id, published)
    for subject, use in _uses_in_document(document):
        _add(found, subject, use)
    subjects = dict.fromkeys((*_subjects(read_catalogue(published.document)), *_subjects(document), *found))
    return {subject: _in_use(subject, found) for subject in subjects}


def removed_in_use(environment_id: int, published: catalog.CatalogueVersion, after: Catalogue) -> tuple[InUse, ...]:
    """Return what a catalogue lacks of the published one although it is in use."""
    kept = frozenset(_subjects(after))
    removed = [subject for subject in _subjects(read_catalogue(published.document)) if subject not in kept]
    if not removed:
        return ()
    found = _uses_in_world(environment_id, published)
    return tuple(in_use for subject in removed if (in_use := _in_use(subject, found)).holds)


def _subjects(catalogue: Catalogue) -> Iterator[str]:
    yield from (f"feature:{key}" for key in catalogue.features)
    yield from (f"plan:{key}" for key in catalogue.plans)
    yield from (f"addon:{key}" for key in catalogue.addons)
    yield from (f"gate:{key}" for key in catalogue.gates)


def _in_use(subject: str, found: _Found) -> InUse:
    by_kind = found.get(subject, {})
    return InUse(subject, tuple(by_kind[kind] for kind in UseKind if kind in by_kind))


def _add(found: _Found, subject: str, use: Use) -> None:
    by_kind = found.setdefault(subject, {})
    known = by_kind.get(use.kind, Use(use.kind, 0))
    examples = tuple(dict.fromkeys((*known.examples, *use.examples)))[:_MOST_EXAMPLES]
    by_kind[use.kind] = Use(use.kind, known.count + use.count, examples)


def _uses_in_document(catalogue: Catalogue) -> Iterator[tuple[str, Use]]:
    for plan in catalogue.plans.values():
        for feature in plan.entitlements:
            yield f"feature:{feature}", Use(UseKind.PLAN, 1, (plan.key,))
    for addon in catalogue.addons.values():
        for feature in addon.entitlements:
            yield f"feature:{feature}", Use(UseKind.ADDON, 1, (addon.key,))
        for plan_key in addon.plans or ():
            yield f"plan:{plan_key}", Use(UseKind.ADDON, 1, (addon.key,))
    for gate in catalogue.gates.values():
        for feature in dict.fromkeys(requirement.feature for requirement in gate.requirements):
            yield f"feature:{feature}", Use(UseKind.GATE, 1, (gate.key,))
    if catalogue.default_plan is not None:
        yield f"plan:{catalogue.default_plan}", Use(UseKind.SETTING, 1, ("default_plan",))


def _uses_in_world(environment_id: int, published: catalog.CatalogueVersion) -> _Found:
    at = now()
    found: _Found = {}
    held = _HeldVersions(environment_id, at)
    for holding in held.all:
        kind, key, pinned = holding.product
        _add(found, f"{kind}:{key}", Use(holding.how, holding.accounts, holding.examples))
        if pinned != _current_number(published, kind, key):
            name = version_name(key, pinned)
            _add(found, f"{kind}:{key}", Use(UseKind.PINNED_VERSION, holding.accounts, (name,)))
    for subject, use in (
        *_features_held(environment_id, published, held),
        *_uses_by_default(environment_id, published, at),
        *_uses_by_grants(held.grants),
        *_uses_by_hosts(environment_id, at),
    ):
        _add(found, subject, use)
    return found


def _current_number(published: catalog.CatalogueVersion, kind: catalog.ProductKind, key: str) -> int | None:
    return (published.plan_versions if kind is catalog.ProductKind.PLAN else published.addon_versions).get(key)


class _HeldVersions:
    """Who holds which version on file, and which versions that means now and in time."""

    def __init__(self, environment_id: int, at: datetime) -> None:
        on_file = catalog.successions(environment_id)
        self._successions = {kind: successions_by_version(on_file, kind) for kind in catalog.ProductKind}
        self._at = at
        self.grants = grants_in_use(environment_id, at)
        trials = [
            Holding(
                (catalog.ProductKind.PLAN, grant.plan, grant.plan_version),
                UseKind.TRIAL,
                grant.accounts,
                grant.examples,
            )
            for grant in self.grants
            if grant.plan is not None and grant.plan_version is not None
        ]
        self.all = [*holdings(environment_id, at), *trials]

    def meant_by(self, product: ProductVersion) -> tuple[int, ...]:
        """Return the version that holders of one on file have now, and those that they will come to have."""
        kind, key, pinned = product
        successions: Mapping[str, Succession] = self._successions[kind]
        held = standing(successions, key, pinned, at=self._at).version
        return (held, *later_versions(successions, key, held))


def _features_held(
    environment_id: int, published: catalog.CatalogueVersion, held: _HeldVersions
) -> Iterator[tuple[str, Use]]:
    accounts: dict[ProductVersion, int] = defaultdict(int)
    for holding in held.all:
        kind, key, _ = holding.product
        for version in held.meant_by(holding.product):
            accounts[kind, key, version] += holding.accounts
    for (kind, key, version), document in product_documents(environment_id, accounts).items():
        how = UseKind.SUBSCRIPTION if version == _current_number(published, kind, key) else UseKind.PINNED_VERSION
        use = Use(how, accounts[kind, key, version], (version_name(key, version),))
        for feature in _features_in(kind, key, document):
            yield f"feature:{feature}", use


def _features_in(kind: catalog.ProductKind, key: str, document: str) -> list[str]:
    return [
        feature
        for feature, given in read_product(kind, key, document).entitlements.items()
        if given.enabled or given.caps or given.value is not None
    ]


def _uses_by_default(
    environment_id: int, published: catalog.CatalogueVersion, at: datetime
) -> Iterator[tuple[str, Use]]:
    catalogue = read_catalogue(published.document)
    if catalogue.default_plan is None:
        return
    accounts = accounts_without_subscription(environment_id, at)
    if accounts:
        plan = catalogue.plans[catalogue.default_plan]
        yield f"plan:{plan.key}", Use(UseKind.DEFAULT_PLAN, accounts)
        for feature in plan.entitlements:
            yield f"feature:{feature}", Use(UseKind.DEFAULT_PLAN, accounts, (plan.key,))


def _uses_by_grants(grants: Iterable[GrantUse]) -> Iterator[tuple[str, Use]]:
    for grant in grants:
        if grant.feature is not None:
            yield f"feature:{grant.feature}", Use(UseKind.GRANT, grant.accounts, grant.examples)


def _uses_by_hosts(environment_id: int, at: datetime) -> Iterator[tuple[str, Use]]:
    for gate, activity in gate_activity(environment_id, since=at - HOST_MEMORY).items():
        checks = activity.granted + activity.refused + activity.observed
        # Every feature has a gate of its own key, so its own checks keep it as well.
        yield f"gate:{gate}", Use(UseKind.HOST, checks)
        yield f"feature:{gate}", Use(UseKind.HOST, checks)
