"""What holds for the whole catalogue: its languages, its time zone and the default plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.edits import edits_between
from liftgate_server.admin.catalogue.matrix import plans_by_rank
from liftgate_server.admin.catalogue.saving import Outcome, Place, save_edits, sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, show
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role, go_to, link, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import REMOVED

_NAMES = ("languages", "time_zone", "default_plan")


@dataclass(frozen=True, slots=True)
class SettingsFields:
    """The settings as they stand in the form; ``languages`` has commas between the tags."""

    languages: str
    time_zone: str
    default_plan: str


@area.page("/catalogue", least=Role.VIEWER)
def settings() -> Shown:
    return _show(bench_of_visitor())


@area.action("/catalogue", least=Role.EDITOR)
def save_settings() -> Shown:
    bench = bench_of_visitor()
    base = sent_base()
    before = bench.document_at(base)
    fields = SettingsFields(*(request.form.get(name, "").strip() for name in _NAMES))
    edits = [
        edit
        for name, value in _settings_document(fields).items()
        for edit in edits_between((name,), _setting(before, name), value)
    ]
    outcome = save_edits(edits, base, Place((), back=link("catalogue.settings"), field_of=_field_of))
    if not outcome.is_saved:
        return _show(bench, fields, outcome)
    toast(_("Saved in the draft"))
    return go_to("catalogue.settings")


def _show(bench: Workbench, fields: SettingsFields | None = None, outcome: Outcome | None = None) -> tuple[str, int]:
    catalogue = bench.catalogue
    stored = SettingsFields(", ".join(catalogue.languages), catalogue.time_zone, catalogue.default_plan or "")
    plans = [plan for plan in plans_by_rank(catalogue) if not plan.archived]
    return show("settings.html", bench, outcome=outcome, fields=fields or stored, plans=plans)


def _settings_document(fields: SettingsFields) -> dict[str, object]:
    tags = [tag for tag in fields.languages.replace(",", " ").split() if tag]
    return {
        "languages": tags,
        "time_zone": REMOVED if fields.time_zone in {"", "UTC"} else fields.time_zone,
        "default_plan": fields.default_plan or REMOVED,
    }


def _setting(document: Mapping[str, object], name: str) -> object:
    return document.get(name, REMOVED)


def _field_of(path: str) -> str:
    """Return the field of a path; the languages are one field, whichever of them is wrong."""
    return path.partition("[")[0]
