"""Gates: the list with what happened at each, the page of one, a new one, from observing to enforcing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask import request

from liftgate.engine.catalogue_model import GateMode
from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.gate_forms import (
    GateFields,
    RequirementFields,
    gate_document,
    gate_fields,
    gate_fields_of_form,
)
from liftgate_server.admin.catalogue.matrix_pages import wanted_of_request
from liftgate_server.admin.catalogue.naming import mode_names, reason_name
from liftgate_server.admin.catalogue.parts import GATE, add_part, archive_part, delete_part, key_problem
from liftgate_server.admin.catalogue.product_pages import page_of_parts
from liftgate_server.admin.catalogue.saving import Outcome, attempt, problems_as_errors, save_edits, sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, page_reader, show
from liftgate_server.admin.catalogue.snippets import python_snippet, yaml_snippet
from liftgate_server.admin.catalogue.trying import trial_form
from liftgate_server.admin.catalogue.uses import uses_of
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role, link, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import name_of, requirement_words
from liftgate_server.catalog.drafts import REMOVED, Edit
from liftgate_server.plumbing.clock import now
from liftgate_server.usage.facts import GateActivity
from liftgate_server.usage.facts import Outcome as GateOutcome
from liftgate_server.usage.queries import gate_activity, refused_accounts

# size: the engine's words, the forms, the draft and what hosts reported meet on the gate's page

_LOOKED_BACK: Final = timedelta(days=7)
_MOST_REQUIREMENTS: Final = 20
_ACCOUNTS: Final = 20


@area.page("/gates", least=Role.VIEWER)
def gates() -> Shown:
    bench = bench_of_visitor()
    wanted, names = wanted_of_request(), _feature_names(bench)
    return show(
        "gates.html",
        bench,
        parts=page_of_parts(bench.catalogue.gates.values(), wanted),
        wanted=wanted,
        activity=gate_activity(bench.environment_id, since=_since()),
        nothing=GateActivity(),
        requires=lambda part: requirement_words(part, names, page_reader(bench)),
        mode_names=mode_names(),
    )


@area.page("/gates/-/new", least=Role.EDITOR)
def new_gate() -> Shown:
    return _new(bench_of_visitor(), "", GateFields())


@area.action("/gates/-/new", least=Role.EDITOR)
def add_gate() -> Shown:
    bench = bench_of_visitor()
    key = request.form.get("key", "").strip()
    fields = gate_fields_of_form(request.form, bench.languages)
    if "more" in request.form:
        return _new(bench, key, _with_another(fields))
    reading = gate_document(fields, {}, bench.catalogue)
    outcome = Outcome(errors=problems_as_errors(reading.problems))
    if key_problem(bench, GATE, key) or not reading.problems:
        outcome = add_part(bench, GATE, key, reading.value)
    if not outcome.is_saved:
        return _new(bench, key, fields, outcome)
    toast(_("Added to the draft"))
    return GATE.page_of(key)


@area.page("/gates/<gate>", least=Role.VIEWER)
def gate(gate: str) -> Shown:
    return _show(bench_of_visitor(), gate)


@area.action("/gates/<gate>", least=Role.EDITOR)
def save_gate(gate: str) -> Shown:
    bench = bench_of_visitor()
    bench.require_known(GATE.section, gate, sent_base())
    fields = gate_fields_of_form(request.form, bench.languages)
    if "more" in request.form:
        return _show(bench, gate, _with_another(fields))
    outcome = attempt(bench, GATE.place(gate), lambda before: gate_document(fields, before, bench.catalogue))
    if not outcome.is_saved:
        return _show(bench, gate, fields, outcome)
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


def _new(bench: Workbench, key: str, fields: GateFields, outcome: Outcome | None = None) -> tuple[str, int]:
    return show("new_gate.html", bench, outcome=outcome, key=key, fields=fields, **_choices(bench))


def _show(
    bench: Workbench, key: str, fields: GateFields | None = None, outcome: Outcome | None = None
) -> tuple[str, int]:
    document = bench.part(GATE.section, key)
    part = bench.catalogue.gates[key]
    since = _since()
    activity = gate_activity(bench.environment_id, since=since).get(key, GateActivity())
    cursor = request.args.get("cursor") if request.method == "GET" else None
    is_observed = part.mode is GateMode.OBSERVE or bool(activity.observed and not activity.refused)
    return show(
        "gate.html",
        bench,
        outcome=outcome,
        key=key,
        part=part,
        fields=fields or gate_fields(document),
        activity=activity,
        is_observed=is_observed,
        accounts=refused_accounts(
            bench.environment_id,
            key,
            since=since,
            outcome=GateOutcome.OBSERVED if is_observed else GateOutcome.REFUSED,
            cursor=cursor,
            limit=_ACCOUNTS,
        ),
        customer_link=lambda customer: link("customers.customer", customer=customer),
        reason_name=reason_name,
        python=python_snippet(part, bench.catalogue),
        yaml=yaml_snippet(GATE.section, key, document),
        uses=uses_of(bench.environment_id, f"{GATE.subject}:{key}"),
        is_new=bench.is_new(GATE.section, key),
        is_changed=bench.is_changed(GATE.section, key),
        live_mode=bench.live.gates[key].mode if key in bench.live.gates else None,
        trial=trial_form(bench, gate=key),
        gate_fixed=key,
        language_fixed="",
        is_notice=False,
        **_choices(bench),
    )


def _choices(bench: Workbench) -> dict[str, object]:
    return {
        "modes": list(GateMode),
        "mode_names": mode_names(),
        "features": [part for part in bench.catalogue.features.values() if not part.archived],
    }


def _with_another(fields: GateFields) -> GateFields:
    if len(fields.requirements) >= _MOST_REQUIREMENTS:
        return fields
    return GateFields(
        name=fields.name,
        requirements=(*fields.requirements, RequirementFields()),
        match=fields.match,
        mode=fields.mode,
        on_failure=fields.on_failure,
        placement=fields.placement,
    )


def _feature_names(bench: Workbench) -> dict[str, str]:
    reader = page_reader(bench)
    return {key: name_of(part.name, key, reader) for key, part in bench.catalogue.features.items()}


def _since() -> datetime:
    return now() - _LOOKED_BACK
