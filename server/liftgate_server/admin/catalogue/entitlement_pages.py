"""One cell: what a plan or an add-on gives of one feature. In the matrix it opens in place, else it is a page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import make_response, request

from liftgate.engine.catalogue_model import AddOn, Feature, Plan, Recurrence
from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.edits import value_at
from liftgate_server.admin.catalogue.entitlement_forms import (
    CapFields,
    EntitlementFields,
    entitlement_document,
    fields_of_document,
    fields_of_form,
)
from liftgate_server.admin.catalogue.matrix import cell_of
from liftgate_server.admin.catalogue.naming import period_names
from liftgate_server.admin.catalogue.saving import Outcome, Place, attempt
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, page_reader, show
from liftgate_server.admin.catalogue.words import given_words
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role, go_to, link, toast, wants_piece
from liftgate_server.admin.framing import translate as _
from liftgate_server.plumbing.errors import NotFound

_MOST_CAPS = 16


@dataclass(frozen=True, slots=True)
class _CellPage:
    """The product and the feature a cell is about, and where it stands in the document."""

    bench: Workbench
    section: str
    product: Plan | AddOn
    feature: Feature

    @property
    def place(self) -> Place:
        path = (self.section, self.product.key, "entitlements", self.feature.key)
        return Place(path, back=_product_link(self.section, self.product.key), field_of=_field_of)

    @property
    def action(self) -> str:
        return _cell_link(self.section, self.product.key, self.feature.key)


@area.page("/plans/<plan>/entitlements/<feature>", least=Role.VIEWER)
def plan_entitlement(plan: str, feature: str) -> Shown:
    return _show(_cell("plans", plan, feature))


@area.action("/plans/<plan>/entitlements/<feature>", least=Role.EDITOR)
def save_plan_entitlement(plan: str, feature: str) -> Shown:
    return _save(_cell("plans", plan, feature))


@area.page("/addons/<addon>/entitlements/<feature>", least=Role.VIEWER)
def addon_entitlement(addon: str, feature: str) -> Shown:
    return _show(_cell("addons", addon, feature))


@area.action("/addons/<addon>/entitlements/<feature>", least=Role.EDITOR)
def save_addon_entitlement(addon: str, feature: str) -> Shown:
    return _save(_cell("addons", addon, feature))


def _cell(section: str, key: str, feature: str) -> _CellPage:
    bench = bench_of_visitor()
    products = bench.catalogue.plans if section == "plans" else bench.catalogue.addons
    if key not in products or feature not in bench.catalogue.features:
        raise NotFound("unknown_key", "There is no such cell in the draft.")
    return _CellPage(bench, section, products[key], bench.catalogue.features[feature])


def _save(cell: _CellPage) -> Shown:
    fields = fields_of_form(request.form)
    if "more" in request.form and len(fields.caps) < _MOST_CAPS:
        return _show(cell, replace(fields, caps=(*fields.caps, CapFields(per=_free_period(fields)))))
    outcome = attempt(cell.bench, cell.place, lambda _before: entitlement_document(cell.feature, fields))
    if not outcome.is_saved:
        return _show(cell, fields, outcome)
    if wants_piece():
        return _saved_piece(cell)
    toast(_("Saved in the draft"))
    return go_to(_SINGLE[cell.section][0], **{_SINGLE[cell.section][1]: cell.product.key})


def _saved_piece(cell: _CellPage) -> Shown:
    """Return the saved cell, which takes the place of the old one, and tell the script to close the editor."""
    saved = _cell(cell.section, cell.product.key, cell.feature.key)
    text, _status = show(
        "saved_cell.html",
        saved.bench,
        cell=cell_of(saved.bench.catalogue, saved.bench.live, cell.section, cell.product.key, cell.feature.key),
        given=lambda feature, entitlement: given_words(feature, entitlement, page_reader(saved.bench)),
    )
    response = make_response(text)
    response.headers["HX-Trigger"] = "cell-saved"
    return response


def _show(cell: _CellPage, fields: EntitlementFields | None = None, outcome: Outcome | None = None) -> tuple[str, int]:
    bench = cell.bench
    document = value_at(bench.draft.document, cell.place.path)
    shown = cell_of(bench.catalogue, bench.live, cell.section, cell.product.key, cell.feature.key)
    reader = page_reader(bench)
    return show(
        "entitlement.html",
        bench,
        outcome=outcome,
        cell=cell,
        fields=fields or fields_of_document(cell.feature, document),
        periods=list(period_names().items()),
        back=_product_link(cell.section, cell.product.key),
        before=given_words(cell.feature, shown.before, reader).full if shown.is_changed else "",
        now_words=given_words(cell.feature, shown.entitlement, reader).full,
        in_place=wants_piece(),
    )


def _free_period(fields: EntitlementFields) -> str:
    """Return a period that has no limit yet, so that an added limit is not refused as a second of its kind."""
    taken = {cap.per for cap in fields.caps}
    usual = (Recurrence.MONTH, Recurrence.DAY, Recurrence.YEAR, *Recurrence)
    return next((period.value for period in usual if period.value not in taken), Recurrence.MONTH.value)


def _field_of(path: str) -> str:
    """Return the field of a path within an entitlement: a single limit is the first of the form."""
    if path.startswith("["):
        return path
    return f"[0].{path}" if path else "value"


_SINGLE = {"plans": ("catalogue.plan", "plan"), "addons": ("catalogue.addon", "addon")}


def _product_link(section: str, key: str) -> str:
    endpoint, name = _SINGLE[section]
    return link(endpoint, **{name: key})


def _cell_link(section: str, key: str, feature: str) -> str:
    endpoint, name = _SINGLE[section]
    return link(f"{endpoint}_entitlement", **{name: key, "feature": feature})
