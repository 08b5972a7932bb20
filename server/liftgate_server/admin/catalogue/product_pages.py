"""Plans and add-ons: what their pages and actions have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from liftgate.engine.catalogue_model import AddOn, Plan
from liftgate_server.admin.catalogue.form_values import Reading
from liftgate_server.admin.catalogue.matrix import Wanted, cell_of, is_found
from liftgate_server.admin.catalogue.parts import Kind, add_part
from liftgate_server.admin.catalogue.product_forms import (
    PriceFields,
    ProductFields,
    price_fields_of,
    prices_document,
    product_document,
    product_fields,
    product_fields_of_form,
    sent_prices,
)
from liftgate_server.admin.catalogue.saving import Outcome, attempt, problems_as_errors
from liftgate_server.admin.catalogue.showing import Shown, page_reader, show
from liftgate_server.admin.catalogue.uses import uses_of
from liftgate_server.admin.catalogue.words import given_words
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import link, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.product_history import ProductVersion, product_history
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.plumbing.clock import now
from liftgate_server.publishing.holdings import holders

# size: the forms, the versions and the words of a product meet on its page

__all__ = ["HeldVersion", "PartsPage", "ProductPage", "add_product", "page_of_parts"]

PAGE = 50


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A version of a product and how many accounts have it."""

    version: ProductVersion
    accounts: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class PartsPage:
    """One page of a list of parts."""

    items: tuple[Any, ...]
    page: int
    pages: int
    found: int
    hidden: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """The page of one plan or add-on; ``actions`` are the endpoints of its forms by name."""

    bench: Workbench
    kind: Kind
    key: str
    template: str
    actions: Mapping[str, str]

    @property
    def _variable(self) -> dict[str, str]:
        return {self.kind.variable: self.key}

    @property
    def document(self) -> Mapping[str, object]:
        return self.bench.part(self.kind.section, self.key)

    @property
    def product(self) -> Plan | AddOn:
        catalogue = self.bench.catalogue
        return catalogue.plans[self.key] if self.kind.section == "plans" else catalogue.addons[self.key]

    def shown(
        self,
        outcome: Outcome | None = None,
        *,
        fields: ProductFields | None = None,
        prices: tuple[PriceFields, ...] | None = None,
    ) -> tuple[str, int]:
        """Show the page; after a refusal with what was sent."""
        reader = page_reader(self.bench)
        document = self.document
        catalogue, live = self.bench.catalogue, self.bench.live
        return show(
            self.template,
            self.bench,
            outcome=outcome,
            key=self.key,
            kind=self.kind,
            product=self.product,
            **{f"{name}_action": link(endpoint, **self._variable) for name, endpoint in self.actions.items()},
            fields=fields or product_fields(document),
            prices=price_fields_of(document) if prices is None else prices,
            cells=[
                cell_of(catalogue, live, self.kind.section, self.key, feature)
                for feature in _listed_features(self.bench, self.product)
            ],
            given=lambda feature, entitlement: given_words(feature, entitlement, reader),
            has_more=len(catalogue.features) > PAGE,
            history=self._history(),
            uses=uses_of(self.bench.environment_id, f"{self.kind.subject}:{self.key}"),
            is_new=self.bench.is_new(self.kind.section, self.key),
            is_changed=self.bench.is_changed(self.kind.section, self.key),
        )

    def save_details(self) -> Shown:
        fields = product_fields_of_form(request.form, self.bench.languages, request.form.getlist("plans"))
        is_plan = self.kind.section == "plans"
        outcome = attempt(
            self.bench, self.kind.place(self.key), lambda before: product_document(fields, before, is_plan=is_plan)
        )
        return self._saved() if outcome.is_saved else self.shown(outcome, fields=fields)

    def save_prices(self) -> Shown:
        prices = sent_prices(request.form)
        if "more" in request.form:
            return self.shown(prices=(*prices, PriceFields(currency=prices[-1].currency if prices else "EUR")))
        outcome = attempt(self.bench, self.kind.place(self.key), lambda before: _with_prices(before, prices))
        return self._saved() if outcome.is_saved else self.shown(outcome, prices=prices)

    def _history(self) -> tuple[HeldVersion, ...]:
        bench, product = self.bench, ProductKind(self.kind.subject)
        held = holders(bench.environment_id, now())
        published = bench.published
        numbers = published.plan_versions if product is ProductKind.PLAN else published.addon_versions
        return tuple(
            HeldVersion(it, held.get((product, self.key, it.version), 0), it.version == numbers.get(self.key))
            for it in product_history(bench.environment_id, product, self.key)
        )

    def _saved(self) -> Shown:
        toast(_("Saved in the draft"))
        return self.kind.page_of(self.key)


def add_product(bench: Workbench, kind: Kind, template: str) -> Shown:
    """Add a plan or add-on of the key and name that were sent, empty or with all that another one has."""
    key, source = request.form.get("key", "").strip(), request.form.get("source", "")
    begun = bench.part(kind.section, source) if source else {}
    copied = product_fields(begun)
    sent = product_fields_of_form(request.form, bench.languages)
    fields = replace(copied, name=sent.name, rank=sent.rank)
    before = {name: value for name, value in begun.items() if name not in {"name", "archived"}}
    reading = product_document(fields, before, is_plan=kind.section == "plans")
    outcome = Outcome(errors=problems_as_errors(reading.problems))
    if not reading.problems:
        outcome = add_part(bench, kind, key, reading.value)
    if not outcome.is_saved:
        return show(template, bench, outcome=outcome, key=key, fields=fields, source=source)
    toast(_("Added to the draft"))
    return kind.page_of(key)


def page_of_parts(parts: Iterable[Any], wanted: Wanted) -> PartsPage:
    """Return a page of plans, features, add-ons or gates that were searched for."""
    every = list(parts)
    kept = [part for part in every if wanted.with_archived or not part.archived]
    found = [part for part in kept if is_found(wanted.words, part.key, part.name)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(wanted.page, 1), pages)
    return PartsPage(tuple(found[(page - 1) * PAGE : page * PAGE]), page, pages, len(found), len(every) - len(kept))


def _with_prices(before: Mapping[str, object], prices: tuple[PriceFields, ...]) -> Reading:
    reading = prices_document(prices)
    others = {name: value for name, value in before.items() if name != "prices"}
    return Reading({**others, "prices": reading.value} if reading.value else others, reading.problems)


def _listed_features(bench: Workbench, product: Plan | AddOn) -> list[str]:
    """Return what is given first, then what could be; the rest of a large catalogue is in the matrix."""
    given = [key for key in bench.catalogue.features if key in product.entitlements]
    others = [key for key, feature in bench.catalogue.features.items() if key not in given and not feature.archived]
    return given[:PAGE] + others[: max(0, PAGE - len(given))]
