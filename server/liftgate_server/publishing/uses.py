"""What uses each part of the catalogue, so that nothing is taken out that somebody still needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from liftgate.engine.catalogue_model import Catalogue, Entitlement, Succession, version_name
from liftgate.engine.succession import later_versions, standing
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.compiling import draft_catalogue
from liftgate_server.catalog.queries import ProductKind
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
from liftgate_server.publishing.products import Product, read_product
from liftgate_server.publishing.proposals import Proposal
from liftgate_server.usage.queries import gate_checks

# size: what keeps a part is counted from every side in one place, so that nothing can be forgotten

__all__ = ["removed_in_use", "uses", "uses_of"]

# A host that asked within a week runs the code that asks.
HOST_MEMORY: Final = timedelta(days=7)

_FOLLOWING: Final = frozenset({UseKind.HOST, UseKind.DEFAULT_PLAN})

_MOST_EXAMPLES: Final = 3

_Found = dict[str, dict[UseKind, Use]]
_Uses = Iterator[tuple[str, Use]]


def uses(environment_id: int) -> dict[str, InUse]:
    """Return what uses each plan, add-on, feature and gate of the draft and of what is published, by ``plan:pro``.

    ``InUse.holds`` is what keeps a part from being removed; the rest stands in the draft itself.
    """
    published, document = _published_now(environment_id), draft_catalogue(environment_id)
    found: _Found = {}
    for name, use in _uses_in_world(environment_id, published):
        _add(found, name, use)
    for name, kind, place in _places(document):
        _add(found, name, Use(kind, 1, (place,)))
    subjects = dict.fromkeys((*_subjects(published.catalogue), *_subjects(document), *found))
    return {subject: _in_use(subject, found) for subject in subjects}


def uses_of(environment_id: int, subject: str) -> InUse | None:
    """Return what uses one part, named like ``plan:pro``; ``None`` for what is nowhere and nobody uses.

    It says the same as ``uses``, and counts no more than it needs for that.
    """
    published, document = _published_now(environment_id), draft_catalogue(environment_id)
    found: _Found = {}
    for name, use in _uses_in_world(environment_id, published, only=subject):
        if name == subject:
            _add(found, name, use)
    for name, kind, place in _places(document):
        if name == subject:
            _add(found, name, Use(kind, 1, (place,)))
    is_known = found or any(_has(catalogue, subject) for catalogue in (published.catalogue, document))
    return _in_use(subject, found) if is_known else None


def removed_in_use(environment_id: int, proposal: Proposal) -> tuple[InUse, ...]:
    """Return what a proposal lacks of what is published although it is in use.

    A feature of another kind is another feature: the versions that people hold, and their grants, give nothing of it.
    """
    kept = frozenset(_subjects(proposal.after))
    removed = [subject for subject in _subjects(proposal.before) if subject not in kept]
    changed = [
        f"feature:{key}"
        for key, feature in proposal.before.features.items()
        if key in proposal.after.features and proposal.after.features[key].kind is not feature.kind
    ]
    if not removed and not changed:
        return ()
    version = proposal.published
    published = _Published(proposal.before, version.plan_versions, version.addon_versions)
    found: _Found = {}
    for name, use in _uses_in_world(environment_id, published):
        _add(found, name, use)
    gone = [in_use for subject in removed if (in_use := _in_use(subject, found)).holds]
    for subject in changed:
        # Hosts that ask and the default plan come along with the change; what was sold or granted does not.
        sold = tuple(use for use in _in_use(subject, found).holds if use.kind not in _FOLLOWING)
        gone += [InUse(subject, sold)] if sold else []
    return tuple(gone)


@dataclass(frozen=True, slots=True)
class _Published:
    """The catalogue that is published, with the numbers of its products' versions."""

    catalogue: Catalogue
    plan_versions: Mapping[str, int]
    addon_versions: Mapping[str, int]

    def number(self, kind: ProductKind, key: str) -> int | None:
        return (self.plan_versions if kind is ProductKind.PLAN else self.addon_versions).get(key)

    def product(self, kind: ProductKind, key: str, version: int) -> Product | None:
        """Return a version of a product if it is the current one; it need not be read from its document then."""
        if version != self.number(kind, key):
            return None
        return self.catalogue.plans.get(key) if kind is ProductKind.PLAN else self.catalogue.addons.get(key)


def _published_now(environment_id: int) -> _Published:
    snapshot = catalog.current_snapshot(environment_id)
    return _Published(snapshot.catalogue, snapshot.plan_versions, snapshot.addon_versions)


def _subjects(catalogue: Catalogue) -> Iterator[str]:
    for kind, parts in _sections(catalogue).items():
        yield from (f"{kind}:{key}" for key in parts)


def _has(catalogue: Catalogue, subject: str) -> bool:
    kind, _, key = subject.partition(":")
    return key in _sections(catalogue).get(kind, ())


def _sections(catalogue: Catalogue) -> dict[str, Mapping[str, object]]:
    return {
        "feature": catalogue.features,
        "plan": catalogue.plans,
        "addon": catalogue.addons,
        "gate": catalogue.gates,
    }


def _in_use(subject: str, found: _Found) -> InUse:
    by_kind = found.get(subject, {})
    return InUse(subject, tuple(by_kind[kind] for kind in UseKind if kind in by_kind))


def _add(found: _Found, subject: str, use: Use) -> None:
    by_kind = found.setdefault(subject, {})
    known = by_kind.get(use.kind, Use(use.kind, 0))
    examples = tuple(dict.fromkeys((*known.examples, *use.examples)))[:_MOST_EXAMPLES]
    by_kind[use.kind] = Use(use.kind, known.count + use.count, examples)


def _places(catalogue: Catalogue) -> Iterator[tuple[str, UseKind, str]]:
    """Yield every place of a document that names a part: which one, the kind of place, and its key."""
    for plan in catalogue.plans.values():
        for feature in plan.entitlements:
            yield f"feature:{feature}", UseKind.PLAN, plan.key
    for addon in catalogue.addons.values():
        for feature in addon.entitlements:
            yield f"feature:{feature}", UseKind.ADDON, addon.key
        for plan_key in addon.plans or ():
            yield f"plan:{plan_key}", UseKind.ADDON, addon.key
    for gate in catalogue.gates.values():
        for feature in dict.fromkeys(requirement.feature for requirement in gate.requirements):
            yield f"feature:{feature}", UseKind.GATE, gate.key
    if catalogue.default_plan is not None:
        yield f"plan:{catalogue.default_plan}", UseKind.SETTING, "default_plan"


def _uses_in_world(environment_id: int, published: _Published, *, only: str | None = None) -> _Uses:
    """Yield who and what uses parts out there; with ``only`` all that one part needs, and perhaps more."""
    at = now()
    kind, _, key = (only or "").partition(":")
    is_product = kind in set(ProductKind)
    if kind != "gate":
        held = _HeldVersions(environment_id, at, of=(ProductKind(kind), key) if is_product else None)
        yield from _uses_by_holders(published, held)
        yield from _uses_by_default(environment_id, published, at, only)
        if not is_product:
            yield from _features_held(environment_id, published, held)
            yield from _uses_by_grants(held.grants)
    if not is_product:
        yield from _uses_by_hosts(environment_id, at, key or None)


class _HeldVersions:
    """Who holds which version on file, and which versions that means now and in time."""

    def __init__(self, environment_id: int, at: datetime, of: tuple[ProductKind, str] | None) -> None:
        on_file = catalog.successions(environment_id)
        self._successions = {kind: successions_by_version(on_file, kind) for kind in ProductKind}
        self._at = at
        self.grants = grants_in_use(environment_id, at, of=of)
        trials = [
            Holding((ProductKind.PLAN, grant.plan, grant.plan_version), UseKind.TRIAL, grant.accounts, grant.examples)
            for grant in self.grants
            if grant.plan is not None and grant.plan_version is not None
        ]
        self.all = [*holdings(environment_id, at, of=of), *trials]

    def meant_by(self, product: ProductVersion) -> tuple[int, ...]:
        """Return the version that holders of one on file have now, and those that they will come to have."""
        kind, key, pinned = product
        successions: Mapping[str, Succession] = self._successions[kind]
        held = standing(successions, key, pinned, at=self._at).version
        return (held, *later_versions(successions, key, held))


def _uses_by_holders(published: _Published, held: _HeldVersions) -> _Uses:
    for holding in held.all:
        kind, key, pinned = holding.product
        yield f"{kind}:{key}", Use(holding.how, holding.accounts, holding.examples)
        if pinned != published.number(kind, key):
            yield f"{kind}:{key}", Use(UseKind.PINNED_VERSION, holding.accounts, (version_name(key, pinned),))


def _features_held(environment_id: int, published: _Published, held: _HeldVersions) -> _Uses:
    accounts: dict[ProductVersion, int] = defaultdict(int)
    for holding in held.all:
        kind, key, _ = holding.product
        for version in held.meant_by(holding.product):
            accounts[kind, key, version] += holding.accounts
    older = []
    for product, count in accounts.items():
        current = published.product(*product)
        if current is None:
            older.append(product)
        else:
            yield from _uses_of_features(_given(current.entitlements), UseKind.SUBSCRIPTION, product, count)
    for product, document in product_documents(environment_id, older).items():
        given = _given_by_document(product[0], product[1], document)
        yield from _uses_of_features(given, UseKind.PINNED_VERSION, product, accounts[product])


def _uses_of_features(features: Iterable[str], how: UseKind, product: ProductVersion, accounts: int) -> _Uses:
    use = Use(how, accounts, (version_name(product[1], product[2]),))
    for feature in features:
        yield f"feature:{feature}", use


def _given(entitlements: Mapping[str, Entitlement]) -> tuple[str, ...]:
    return tuple(
        feature for feature, given in entitlements.items() if given.enabled or given.caps or given.value is not None
    )


@lru_cache(maxsize=128)
def _given_by_document(kind: ProductKind, key: str, document: str) -> tuple[str, ...]:
    # A version never changes, and reading a large one takes long.
    return _given(read_product(kind, key, document).entitlements)


def _uses_by_default(environment_id: int, published: _Published, at: datetime, only: str | None) -> _Uses:
    plan = published.catalogue.plans.get(published.catalogue.default_plan or "")
    if plan is None:
        return
    name, features = f"plan:{plan.key}", [f"feature:{feature}" for feature in plan.entitlements]
    if only not in {None, name, *features}:
        return
    accounts = accounts_without_subscription(environment_id, at)
    if accounts:
        yield name, Use(UseKind.DEFAULT_PLAN, accounts)
        for feature in features:
            yield feature, Use(UseKind.DEFAULT_PLAN, accounts, (plan.key,))


def _uses_by_grants(grants: Iterable[GrantUse]) -> _Uses:
    for grant in grants:
        if grant.feature is not None:
            yield f"feature:{grant.feature}", Use(UseKind.GRANT, grant.accounts, grant.examples)


def _uses_by_hosts(environment_id: int, at: datetime, gate: str | None) -> _Uses:
    for asked, checks in gate_checks(environment_id, since=at - HOST_MEMORY, gate=gate).items():
        # Every feature has a gate of its own key, so its own checks keep it as well.
        yield f"gate:{asked}", Use(UseKind.HOST, checks)
        yield f"feature:{asked}", Use(UseKind.HOST, checks)
