"""Which versions shift to which when a catalogue is published, by what is on file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from liftgate.engine.catalogue_model import Catalogue, Feature, LocalisedText
from liftgate.engine.succession import standing
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.successions import successions_by_version
from liftgate_server.plumbing.clock import now
from liftgate_server.publishing.effects import (
    Consequences,
    Entitlements,
    Levels,
    PinnedVersion,
    Shift,
    compare_products,
    features_of,
)
from liftgate_server.publishing.facts import Audience, Terms
from liftgate_server.publishing.holdings import ProductVersion, holders, product_documents
from liftgate_server.publishing.levels import falling_features, levels_of
from liftgate_server.publishing.products import Product, read_product, texts_of_addons, texts_of_plans

__all__ = ["Foresight", "localised"]


@dataclass
class Foresight:
    """What is published, what would be, and on which terms; the rest is read when it is asked for."""

    environment_id: int
    published: catalog.CatalogueVersion
    before: Catalogue
    after: Catalogue
    terms: Terms
    language: str = "en"
    now: datetime = field(default_factory=now)

    @property
    def at(self) -> datetime:
        """When subscribers move."""
        return self.terms.starts_at or self.now

    @cached_property
    def held(self) -> Mapping[ProductVersion, int]:
        """The accounts by the product version on file."""
        return holders(self.environment_id, self.at)

    @cached_property
    def consequences(self) -> Consequences:
        shifts = [*self._follow(), *self._moves(catalog.ProductKind.PLAN), *self._moves(catalog.ProductKind.ADDON)]
        return Consequences(self.now, self.at, tuple(shifts), self._levels(shifts))

    @cached_property
    def features(self) -> Mapping[str, Feature]:
        return features_of(self.before, self.after)

    def accounts(self, shift: Shift) -> int:
        """Count the subscribers that a shift moves."""
        return sum(self.held.get((shift.kind, shift.key, version), 0) for version in shift.pinned)

    def keeping(self) -> int:
        """Count the holdings of products that change and whose holders keep the version they have."""
        moved = {(shift.kind, shift.key, version) for shift in self.consequences.shifts for version in shift.pinned}
        return sum(
            accounts
            for (kind, key, version), accounts in self.held.items()
            if (kind, key, version) not in moved and key in self._new_numbers[kind]
        )

    @cached_property
    def _new_numbers(self) -> Mapping[catalog.ProductKind, Mapping[str, int]]:
        """The versions that publishing would make, of what changes."""
        return {
            catalog.ProductKind.PLAN: dict(self._numbered(catalog.ProductKind.PLAN, texts_of_plans(self.after))),
            catalog.ProductKind.ADDON: dict(self._numbered(catalog.ProductKind.ADDON, texts_of_addons(self.after))),
        }

    def _numbered(self, kind: catalog.ProductKind, texts: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        latest = catalog.latest_products(self.environment_id, kind)
        for key, text in texts.items():
            number, known = latest.get(key, (0, ""))
            if text != known:
                yield key, number + 1

    def _follow(self) -> Iterator[Shift]:
        old = self.before.plans.get(self.before.default_plan or "")
        new = self.after.plans.get(self.after.default_plan or "")
        if old == new or (old is None and new is None):
            return
        before, after = ({} if plan is None else plan.entitlements for plan in (old, new))
        shown = old or new
        if shown is None:
            return
        steps = compare_products(self.features, before, after)
        if steps:
            yield Shift(
                kind=catalog.ProductKind.PLAN,
                key=shown.key,
                name=localised(shown.name, self.language),
                from_version=self.published.plan_versions.get(shown.key, 0),
                to_version=None if new is None else self._number_of(new.key),
                pinned=(),
                steps=steps,
                before=before,
                after=after,
                follows=True,
            )

    def _number_of(self, plan: str) -> int:
        return self._new_numbers[catalog.ProductKind.PLAN].get(plan, self.published.plan_versions.get(plan, 0))

    def _moves(self, kind: catalog.ProductKind) -> Iterator[Shift]:
        if self.terms.audience is Audience.NEW:
            return
        products: Mapping[str, Product] = self.after.plans if kind is catalog.ProductKind.PLAN else self.after.addons
        pinned = self._pinned(kind)
        documents = product_documents(self.environment_id, [(kind, key, version) for key, version in pinned])
        for (key, version), on_file in pinned.items():
            document = documents.get((kind, key, version))
            if document is not None:
                held = read_product(kind, key, document)
                yield self._move(kind, held, products[key], (version, tuple(on_file)))

    def _pinned(self, kind: catalog.ProductKind) -> dict[tuple[str, int], list[int]]:
        """Return the versions of what changes that are held at the time, with those on file that mean them."""
        successions = successions_by_version(catalog.successions(self.environment_id), kind)
        found: dict[tuple[str, int], list[int]] = defaultdict(list)
        for held_kind, key, version in self.held:
            if held_kind is kind and key in self._new_numbers[kind]:
                found[key, standing(successions, key, version, at=self.at).version].append(version)
        return found

    def _move(
        self, kind: catalog.ProductKind, held: Product, new: Product, versions: tuple[int, tuple[int, ...]]
    ) -> Shift:
        return Shift(
            kind=kind,
            key=new.key,
            name=localised(new.name, self.language),
            from_version=versions[0],
            to_version=self._new_numbers[kind][new.key],
            pinned=versions[1],
            steps=compare_products(self.features, held.entitlements, new.entitlements),
            before=held.entitlements,
            after=new.entitlements,
        )

    def _levels(self, shifts: list[Shift]) -> Levels:
        if not falling_features(self.features, shifts):
            return Levels()
        default = self.before.plans.get(self.before.default_plan or "")
        return levels_of(
            self.features,
            shifts,
            plans=self._entitlements_held(catalog.ProductKind.PLAN),
            default={} if default is None else default.entitlements,
            addons=self._entitlements_held(catalog.ProductKind.ADDON),
        )

    def _entitlements_held(self, kind: catalog.ProductKind) -> dict[PinnedVersion, Entitlements]:
        """Return what each version on file gives at the time if nothing is published."""
        successions = successions_by_version(catalog.successions(self.environment_id), kind)
        means = {
            (key, version): (kind, key, standing(successions, key, version, at=self.at).version)
            for held_kind, key, version in self.held
            if held_kind is kind
        }
        documents = product_documents(self.environment_id, set(means.values()))
        return {
            pinned: read_product(kind, pinned[0], documents[product]).entitlements
            for pinned, product in means.items()
            if product in documents
        }


def localised(text: LocalisedText, language: str) -> str:
    """Return a text in a language, else in the first that it has."""
    return text.get(language) or next(iter(text.values()), "")
