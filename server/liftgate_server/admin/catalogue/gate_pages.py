"""Gates: the list, the page of one, a new one, from observing to enforcing."""

from __future__ import annotations

from flask import request

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.gate_forms import GateFields, gate_document, gate_fields_of_form
from liftgate_server.admin.catalogue.gate_views import gate_page, new_gate_page, show_gates, with_another
from liftgate_server.admin.catalogue.parts import GATE, add_part, archive_part, delete_part, key_problem
from liftgate_server.admin.catalogue.saving import Outcome, attempt, problems_as_errors, save_edits, sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor
from liftgate_server.admin.framing import Role, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import REMOVED, Edit


@area.page("/gates", least=Role.VIEWER)
def gates() -> Shown:
    return show_gates(bench_of_visitor())


@area.page("/gates/-/new", least=Role.EDITOR)
def new_gate() -> Shown:
    return new_gate_page(bench_of_visitor(), "", GateFields())


@area.action("/gates/-/new", least=Role.EDITOR)
def add_gate() -> Shown:
    bench = bench_of_visitor()
    key = request.form.get("key", "").strip()
    fields = gate_fields_of_form(request.form, bench.languages)
    if "more" in request.form:
        return new_gate_page(bench, key, with_another(fields))
    reading = gate_document(fields, {}, bench.catalogue)
    outcome = Outcome(errors=problems_as_errors(reading.problems))
    if key_problem(bench, GATE, key) or not reading.problems:
        outcome = add_part(bench, GATE, key, reading.value)
    if not outcome.is_saved:
        return new_gate_page(bench, key, fields, outcome)
    toast(_("Added to the draft"))
    return GATE.page_of(key)


@area.page("/gates/<gate>", least=Role.VIEWER)
def gate(gate: str) -> Shown:
    return gate_page(bench_of_visitor(), gate)


@area.action("/gates/<gate>", least=Role.EDITOR)
def save_gate(gate: str) -> Shown:
    bench = bench_of_visitor()
    bench.require_known(GATE.section, gate, sent_base())
    fields = gate_fields_of_form(request.form, bench.languages)
    if "more" in request.form:
        return gate_page(bench, gate, with_another(fields))
    outcome = attempt(bench, GATE.place(gate), lambda before: gate_document(fields, before, bench.catalogue))
    if not outcome.is_saved:
        return gate_page(bench, gate, fields, outcome)
    toast(_("Saved in the draft"))
    return GATE.page_of(gate)


@area.action("/gates/<gate>/enforce", least=Role.EDITOR)
def enforce_gate(gate: str) -> Shown:
    """Let a gate that was observed refuse from the next publication on."""
    bench = bench_of_visitor()
    bench.part(GATE.section, gate)
    outcome = save_edits([Edit((GATE.section, gate, "mode"), REMOVED)], sent_base(), GATE.place(gate))
    if outcome.is_saved:
        toast(_("The draft enforces this gate. It refuses once the draft is published."))
    else:
        toast(" ".join(outcome.errors.values()), "error")
    return GATE.page_of(gate)


@area.action("/gates/<gate>/archive", least=Role.EDITOR)
def archive_gate(gate: str) -> Shown:
    return archive_part(bench_of_visitor(), GATE, gate)


@area.action("/gates/<gate>/delete", least=Role.EDITOR)
def delete_gate(gate: str) -> Shown:
    return delete_part(bench_of_visitor(), GATE, gate)
