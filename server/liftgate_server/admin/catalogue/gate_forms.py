"""Gates: document to form fields, and form fields to document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from liftgate.engine.catalogue_model import Catalogue, FailPolicy, GateMode, Match
from liftgate_server.admin.catalogue.form_values import FormProblem, Reading, rows_of, texts_document, texts_of

__all__ = ["GateFields", "RequirementFields", "gate_document", "gate_fields", "gate_fields_of_form"]

Document = Mapping[str, object]

_NAMES: Final = ("feature", "units", "at_least")


@dataclass(frozen=True, slots=True)
class RequirementFields:
    """What a gate asks of one feature, as it stands in the form."""

    feature: str = ""
    units: str = ""
    at_least: str = ""


@dataclass(frozen=True, slots=True)
class GateFields:
    """A gate as it stands in the form."""

    name: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[RequirementFields, ...] = (RequirementFields(),)
    match: str = Match.ALL.value
    mode: str = GateMode.ENFORCE.value
    on_failure: str = FailPolicy.CLOSED.value
    placement: str = ""


def gate_fields(document: Document) -> GateFields:
    """Return the form filled with what the document says."""
    match, items = _requires(document.get("requires"))
    name = document.get("name")
    return GateFields(
        name={str(tag): str(text) for tag, text in name.items()} if isinstance(name, Mapping) else {},
        requirements=tuple(map(_requirement_fields, items)) or (RequirementFields(),),
        match=match,
        mode=str(document.get("mode", GateMode.ENFORCE.value)),
        on_failure=str(document.get("on_failure", FailPolicy.CLOSED.value)),
        placement=str(document.get("placement", "")),
    )


def gate_fields_of_form(form: Mapping[str, str], languages: Sequence[str]) -> GateFields:
    """Return the form as it was sent; a requirement without a feature is one that was taken away."""
    rows = [RequirementFields(**row) for row in rows_of(form, "requires", _NAMES)]
    return GateFields(
        name=texts_of(form, "name", languages),
        requirements=tuple(row for row in rows if row.feature.strip()) or (RequirementFields(),),
        match=form.get("match", Match.ALL.value),
        mode=form.get("mode", GateMode.ENFORCE.value),
        on_failure=form.get("on_failure", FailPolicy.CLOSED.value),
        placement=form.get("placement", "").strip(),
    )


def gate_document(fields: GateFields, before: Document, catalogue: Catalogue) -> Reading:
    """Return the gate as a document; what is usual is left out."""
    readings = [_requirement(row, index, catalogue) for index, row in enumerate(fields.requirements)]
    items = [reading.value for reading in readings]
    is_single = len(items) == 1 and fields.match == Match.ALL.value
    parts: dict[str, object] = {
        "name": texts_document(fields.name, before.get("name")),
        "requires": items[0] if is_single else {fields.match: items},
        "mode": "" if fields.mode == GateMode.ENFORCE.value else fields.mode,
        "on_failure": "" if fields.on_failure == FailPolicy.CLOSED.value else fields.on_failure,
        "placement": fields.placement,
    }
    kept = {name: value for name, value in before.items() if name not in parts}
    problems = tuple(problem for reading in readings for problem in reading.problems)
    return Reading({name: value for name, value in parts.items() if value} | kept, problems)


def _requires(document: object) -> tuple[str, Sequence[object]]:
    if isinstance(document, Mapping) and "feature" not in document:
        match = Match.ANY if Match.ANY.value in document else Match.ALL
        items = document.get(match.value)
        return match.value, items if isinstance(items, list) else ()
    return Match.ALL.value, () if document is None else (document,)


def _requirement_fields(item: object) -> RequirementFields:
    if not isinstance(item, Mapping):
        return RequirementFields(feature=str(item))
    return RequirementFields(**{name: str(item.get(name, "")) for name in _NAMES})


def _requirement(row: RequirementFields, index: int, catalogue: Catalogue) -> Reading:
    """Return one requirement: units where the feature is counted, a least value where it is a setting."""
    where, key = f"requires[{index}]", row.feature.strip()
    if not key:
        return Reading("", (FormProblem(f"{where}.feature", "Choose a feature."),))
    feature = catalogue.features.get(key)
    document: dict[str, object] = {"feature": key}
    problems: tuple[FormProblem, ...] = ()
    if feature is not None and feature.kind.is_counted and row.units.strip() not in {"", "1"}:
        units = Reading.whole_number(row.units, f"{where}.units")
        document["units"], problems = units.value, units.problems
    elif feature is not None and not feature.kind.is_counted and row.at_least.strip():
        least = (
            Reading(row.at_least.strip()) if feature.values else Reading.whole_number(row.at_least, f"{where}.at_least")
        )
        document["at_least"], problems = least.value, least.problems
    return Reading(document if len(document) > 1 else key, problems)
