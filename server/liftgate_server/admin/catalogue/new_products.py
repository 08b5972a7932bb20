"""A new plan or add-on: empty, or with all that another one has."""

from __future__ import annotations

from dataclasses import replace

from flask import request

from liftgate_server.admin.catalogue.parts import Kind, add_part
from liftgate_server.admin.catalogue.product_forms import product_document, product_fields, product_fields_of_form
from liftgate_server.admin.catalogue.saving import Outcome, problems_as_errors
from liftgate_server.admin.catalogue.showing import Shown, show
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import toast
from liftgate_server.admin.framing import translate as _

__all__ = ["add_product"]


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
