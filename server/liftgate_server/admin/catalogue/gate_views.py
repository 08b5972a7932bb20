"""What the pages of gates show: the fields, what happened at the gate, and what a developer pastes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from flask import request

from liftgate.engine.catalogue_model import GateMode
from liftgate_server.admin.catalogue.gate_forms import GateFields, RequirementFields, gate_fields
from liftgate_server.admin.catalogue.listing import page_of_parts
from liftgate_server.admin.catalogue.matrix_pages import wanted_of_request
from liftgate_server.admin.catalogue.naming import mode_names, reason_name
from liftgate_server.admin.catalogue.parts import GATE
from liftgate_server.admin.catalogue.saving import Outcome
from liftgate_server.admin.catalogue.showing import page_reader, show
from liftgate_server.admin.catalogue.snippets import python_snippet, yaml_snippet
from liftgate_server.admin.catalogue.trying import trial_form
from liftgate_server.admin.catalogue.uses import uses_of
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import link
from liftgate_server.admin.wording import name_of, requirement_words
from liftgate_server.customers.queries import customer_names
from liftgate_server.plumbing.clock import now
from liftgate_server.usage.facts import GateActivity
from liftgate_server.usage.facts import Outcome as GateOutcome
from liftgate_server.usage.queries import gate_activity, refused_accounts

# size: everything that is known of a gate meets on its page, each from its own module

__all__ = ["gate_page", "new_gate_page", "show_gates", "with_another"]

_LOOKED_BACK: Final = timedelta(days=7)
_MOST_REQUIREMENTS: Final = 20
_ACCOUNTS: Final = 20


def show_gates(bench: Workbench) -> tuple[str, int]:
    """Show the list, with what happened at each gate of late."""
    wanted, names = wanted_of_request(), _feature_names(bench)
    parts = page_of_parts(bench.catalogue.gates.values(), wanted)
    return show(
        "gates.html",
        bench,
        parts=parts,
        wanted=wanted,
        activity=gate_activity(bench.environment_id, since=_since(), gates=[part.key for part in parts.items]),
        nothing=GateActivity(),
        requires=lambda part: requirement_words(part, names, page_reader(bench)),
        mode_names=mode_names(),
    )


def new_gate_page(bench: Workbench, key: str, fields: GateFields, outcome: Outcome | None = None) -> tuple[str, int]:
    """Show the form of a new gate."""
    return show("new_gate.html", bench, outcome=outcome, key=key, fields=fields, **_choices(bench))


def gate_page(
    bench: Workbench, key: str, fields: GateFields | None = None, outcome: Outcome | None = None
) -> tuple[str, int]:
    """Show one gate; after a refusal with what was sent."""
    document = bench.part(GATE.section, key)
    part = bench.catalogue.gates[key]
    since = _since()
    activity = gate_activity(bench.environment_id, since=since, gates=[key]).get(key, GateActivity())
    cursor = request.args.get("cursor") if request.method == "GET" else None
    is_observed = part.mode is GateMode.OBSERVE or bool(activity.observed and not activity.refused)
    outcome_shown = GateOutcome.OBSERVED if is_observed else GateOutcome.REFUSED
    accounts = refused_accounts(
        bench.environment_id, key, since=since, outcome=outcome_shown, cursor=cursor, limit=_ACCOUNTS
    )
    return show(
        "gate.html",
        bench,
        outcome=outcome,
        key=key,
        part=part,
        fields=fields or gate_fields(document),
        activity=activity,
        is_observed=is_observed,
        accounts=accounts,
        account_names=customer_names(bench.environment_id, [account.customer for account in accounts.items]),
        customer_link=lambda customer: link("customers.account", customer=customer),
        reason_name=reason_name,
        python=python_snippet(part, bench.catalogue),
        yaml=yaml_snippet(GATE.section, key, document),
        # Here a few statements that do not grow with the customers; a piece fetched later would be one request more.
        uses=uses_of(bench.environment_id, f"{GATE.subject}:{key}"),
        archive_action=link("catalogue.archive_gate", gate=key),
        delete_action=link("catalogue.delete_gate", gate=key),
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


def with_another(fields: GateFields) -> GateFields:
    """Return the form with one more line to require a feature."""
    if len(fields.requirements) >= _MOST_REQUIREMENTS:
        return fields
    return replace(fields, requirements=(*fields.requirements, RequirementFields()))


def _feature_names(bench: Workbench) -> dict[str, str]:
    reader = page_reader(bench)
    return {key: name_of(part.name, key, reader) for key, part in bench.catalogue.features.items()}


def _since() -> datetime:
    return now() - _LOOKED_BACK
