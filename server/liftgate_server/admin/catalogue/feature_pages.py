"""Features: the list in their order, the page of one, a new one, archive."""

from __future__ import annotations

from flask import request

from liftgate.engine.catalogue_model import FeatureKind
from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.feature_forms import (
    FeatureFields,
    feature_document,
    feature_fields,
    feature_fields_of_form,
    moved,
)
from liftgate_server.admin.catalogue.holders import show_holders
from liftgate_server.admin.catalogue.listing import page_of_parts
from liftgate_server.admin.catalogue.matrix_pages import wanted_of_request
from liftgate_server.admin.catalogue.parts import FEATURE, add_part, archive_part, delete_part
from liftgate_server.admin.catalogue.saving import ConflictMet, Outcome, Place, attempt, save_edits, sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, show
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role, go_to, link, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import Edit

_LONGEST_MOVE = 4


@area.page("/features", least=Role.VIEWER)
def features() -> Shown:
    bench = bench_of_visitor()
    wanted = wanted_of_request()
    return show(
        "features.html",
        bench,
        parts=page_of_parts(bench.catalogue.features.values(), wanted),
        wanted=wanted,
        plans_with=lambda key: sum(key in plan.entitlements for plan in bench.catalogue.plans.values()),
    )


@area.page("/features/-/new", least=Role.EDITOR)
def new_feature() -> Shown:
    return _new(bench_of_visitor(), "", FeatureFields())


@area.action("/features/-/new", least=Role.EDITOR)
def add_feature() -> Shown:
    bench = bench_of_visitor()
    key = request.form.get("key", "").strip()
    fields = feature_fields_of_form(request.form, bench.languages)
    outcome = add_part(bench, FEATURE, key, feature_document(fields, {}).value)
    if not outcome.is_saved:
        return _new(bench, key, fields, outcome)
    toast(_("Added to the draft"))
    return FEATURE.page_of(key)


@area.page("/features/<feature>", least=Role.VIEWER)
def feature(feature: str) -> Shown:
    return _show(bench_of_visitor(), feature)


@area.page("/features/<feature>/holders", least=Role.VIEWER)
def feature_holders(feature: str) -> Shown:
    return show_holders(bench_of_visitor(), FEATURE, feature)


@area.action("/features/<feature>", least=Role.EDITOR)
def save_feature(feature: str) -> Shown:
    bench = bench_of_visitor()
    bench.require_known(FEATURE.section, feature, sent_base())
    fields = feature_fields_of_form(request.form, bench.languages)
    outcome = attempt(bench, FEATURE.place(feature), lambda before: feature_document(fields, before))
    if not outcome.is_saved:
        return _show(bench, feature, fields, outcome)
    toast(_("Saved in the draft"))
    return FEATURE.page_of(feature)


@area.action("/features/<feature>/archive", least=Role.EDITOR)
def archive_feature(feature: str) -> Shown:
    return archive_part(bench_of_visitor(), FEATURE, feature)


@area.action("/features/<feature>/delete", least=Role.EDITOR)
def delete_feature(feature: str) -> Shown:
    return delete_part(bench_of_visitor(), FEATURE, feature)


@area.action("/features/<feature>/move", least=Role.EDITOR)
def move_feature(feature: str) -> Shown:
    """Move a feature in the order in which benefits are listed."""
    bench = bench_of_visitor()
    bench.part(FEATURE.section, feature)
    section = bench.document_at(sent_base()).get(FEATURE.section)
    documents = section if isinstance(section, dict) else {}
    if feature in documents:
        order = moved(list(documents), feature, _steps(request.form.get("steps", "")))
        edit = Edit((FEATURE.section,), {key: documents[key] for key in order})
        _save_order(edit)
    return go_to("catalogue.features", **request.args)


def _save_order(edit: Edit) -> None:
    try:
        save_edits([edit], sent_base(), Place(edit.path, back=link("catalogue.features")))
    except ConflictMet:
        toast(_("Somebody else has changed the order in the meantime. Look again."), "error")


def _steps(text: str) -> int:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_MOVE else 0


def _new(bench: Workbench, key: str, fields: FeatureFields, outcome: Outcome | None = None) -> tuple[str, int]:
    return show("new_feature.html", bench, outcome=outcome, key=key, fields=fields, kinds=list(FeatureKind))


def _show(
    bench: Workbench, key: str, fields: FeatureFields | None = None, outcome: Outcome | None = None
) -> tuple[str, int]:
    document = bench.part(FEATURE.section, key)
    return show(
        "feature.html",
        bench,
        outcome=outcome,
        key=key,
        part=bench.catalogue.features[key],
        fields=fields or feature_fields(document),
        kinds=list(FeatureKind),
        holders_link=FEATURE.holders_link(key),
        is_new=bench.is_new(FEATURE.section, key),
        is_changed=bench.is_changed(FEATURE.section, key),
    )
