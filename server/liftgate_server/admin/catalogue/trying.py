"""The live preview's form and its answer: who meets which gate, and what they would see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from liftgate.engine.catalogue_model import Catalogue, Plan, Snapshot
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.wire import encode_payload
from liftgate_server.admin.catalogue.form_values import FormProblem
from liftgate_server.admin.catalogue.matrix import plans_by_rank
from liftgate_server.admin.catalogue.notice_preview import NOTICE_OFFER, notice_of
from liftgate_server.admin.catalogue.preview import (
    Scenario,
    decide,
    find_scenario,
    gate_scenario,
    offer_of,
    snapshot_of,
    with_texts,
)
from liftgate_server.admin.catalogue.saving import problems_as_errors
from liftgate_server.admin.catalogue.text_forms import sent_texts, texts_reading
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import reader_language, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.plumbing.clock import now

__all__ = ["TrialForm", "answer_of", "trial_form"]

_MOST_GATES = 200

# Within the largest number that the engine counts with.
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class TrialForm:
    """What can be chosen beside a preview, and what is chosen at first; no scenario: the offer cannot happen."""

    scenario: Scenario | None
    gates: tuple[str, ...]
    plans: tuple[Plan, ...]
    languages: tuple[str, ...]
    answer: Mapping[str, object]


def trial_form(bench: Workbench, *, gate: str | None = None, offer: str | None = None, language: str = "") -> TrialForm:
    """Return the form of a preview, begun with a case in which the gate refuses, or the offer is shown."""
    snapshot, at = _snapshot(bench.catalogue), now()
    if offer is not None:
        scenario = Scenario("", None, offer=offer) if offer == NOTICE_OFFER else find_scenario(snapshot, offer, at)
    else:
        scenario = gate_scenario(snapshot, gate or "", at) or Scenario(gate or "", None)
    gates = tuple(key for key, part in bench.catalogue.gates.items() if not part.archived)[:_MOST_GATES]
    languages = tuple(sorted(bench.languages, key=lambda tag: tag != (language or reader_language())))
    shown = replace(scenario or Scenario("", None, offer=offer), language=languages[0])
    return TrialForm(scenario, gates, plans_by_rank(bench.catalogue), languages, _answer(bench.catalogue, shown))


def answer_of(bench: Workbench, form: Mapping[str, str]) -> dict[str, object]:
    """Return the payload that the widget draws, what is to be said instead, and what is wrong with typed texts."""
    catalogue, problems = _with_typed_texts(bench.catalogue, form)
    return _answer(catalogue, _sent_scenario(form), problems)


def _answer(catalogue: Catalogue, scenario: Scenario, problems: tuple[FormProblem, ...] = ()) -> dict[str, object]:
    if scenario.offer == NOTICE_OFFER:
        notice = notice_of(_snapshot(catalogue), scenario.plan, scenario.language or "", now())
        words = None if notice is None else [notice.title, notice.text, notice.incentive or ""]
        return {"payload": None, "notice": words, "says": "", "problems": problems_as_errors(problems)}
    decision = decide(_snapshot(catalogue), scenario, now(), revoke_reason=_("The reason that was given"))
    payload = decision.offer
    return {
        "payload": None if payload is None else encode_payload(payload),
        "notice": None,
        "says": _said(decision, scenario),
        "problems": problems_as_errors(problems),
    }


def _with_typed_texts(catalogue: Catalogue, form: Mapping[str, str]) -> tuple[Catalogue, tuple[FormProblem, ...]]:
    offer, language = form.get("offer", ""), form.get("editing", "")
    if not offer or language not in catalogue.languages:
        return catalogue, ()
    texts = sent_texts(form, offer, catalogue.texts.get(offer, {}), language)
    reading = texts_reading(offer, texts, catalogue.languages[0])
    wrong = {problem.field.rpartition(".")[0] for problem in reading.problems}
    return with_texts(
        catalogue, offer, {slot: own for slot, own in texts.items() if slot not in wrong}
    ), reading.problems


def _sent_scenario(form: Mapping[str, str]) -> Scenario:
    return Scenario(
        gate=form.get("try.gate", "")[:64],
        plan=form.get("try.plan") or None,
        used=_number(form.get("try.used", "")),
        units=_number(form.get("try.units", "")) or None,
        language=form.get("try.language") or None,
        may_buy=form.get("try.buyer", "yes") == "yes",
        offer=form.get("offer") or None,
    )


def _said(decision: Decision, scenario: Scenario) -> str:
    if decision.reason is Reason.UNKNOWN_GATE:
        return _("There is no such gate.")
    if decision.granted:
        return _("With these numbers the gate lets pass, so nothing is shown.")
    if scenario.offer is not None and offer_of(decision) != scenario.offer:
        return _("In this case another offer is shown.")
    return ""


def _number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def _snapshot(catalogue: Catalogue) -> Snapshot:
    return snapshot_of(visitor().environment.key, catalogue, now())
