"""Plans and add-ons: what their pages and actions have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from liftgate.engine.catalogue_model import AddOn, Plan
from liftgate_server.admin.catalogue.form_values import Reading
from liftgate_server.admin.catalogue.held_versions import listed_versions
from liftgate_server.admin.catalogue.listing import PAGE
from liftgate_server.admin.catalogue.matrix import cell_of
from liftgate_server.admin.catalogue.parts import Kind
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
from liftgate_server.admin.catalogue.saving import Outcome, attempt
from liftgate_server.admin.catalogue.showing import Shown, page_reader, show
from liftgate_server.admin.catalogue.words import given_words
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import link, toast
from liftgate_server.admin.framing import translate as _

# size: forms, versions, uses and words of a product meet on its page, each from its own module

__all__ = ["ProductPage"]


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
            history=listed_versions(self.bench, self.kind, self.key),
            holders_link=self.kind.holders_link(self.key),
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

    def _saved(self) -> Shown:
        toast(_("Saved in the draft"))
        return self.kind.page_of(self.key)


def _with_prices(before: Mapping[str, object], prices: tuple[PriceFields, ...]) -> Reading:
    reading = prices_document(prices)
    others = {name: value for name, value in before.items() if name != "prices"}
    return Reading({**others, "prices": reading.value} if reading.value else others, reading.problems)


def _listed_features(bench: Workbench, product: Plan | AddOn) -> list[str]:
    """Return what is given first, then what could be; the rest of a large catalogue is in the matrix."""
    given = [key for key in bench.catalogue.features if key in product.entitlements]
    others = [key for key, feature in bench.catalogue.features.items() if key not in given and not feature.archived]
    return given[:PAGE] + others[: max(0, PAGE - len(given))]
