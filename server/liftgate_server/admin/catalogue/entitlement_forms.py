"""What a plan or add-on gives of one feature: document to form fields, and form fields to document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from liftgate.engine.catalogue_model import Anchor, Enforcement, Feature, FeatureKind, Recurrence, Scope
from liftgate_server.admin.catalogue.form_values import FormProblem, Reading, rows_of
from liftgate_server.catalog.drafts import REMOVED

__all__ = ["CapFields", "EntitlementFields", "entitlement_document", "fields_of_document", "fields_of_form"]

UNLIMITED: Final = "unlimited"

# How much of a counted feature there is; a switch knows `none` and `on`, a setting only its value.
NONE, ON, LIMITED = "none", "on", "limited"

_NUMBERS = ("limit", "overage", "display_limit")
_DEFAULTS: Final[Mapping[str, str]] = {
    "scope": Scope.CUSTOMER.value,
    "anchor": Anchor.CALENDAR.value,
    "enforcement": Enforcement.HARD.value,
}


@dataclass(frozen=True, slots=True)
class CapFields:
    """One limit as it stands in the form, all of it text."""

    limit: str = ""
    per: str = Recurrence.MONTH.value
    scope: str = Scope.CUSTOMER.value
    anchor: str = Anchor.CALENDAR.value
    enforcement: str = Enforcement.HARD.value
    overage: str = ""
    warn_at: str = ""
    display_limit: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class EntitlementFields:
    """The form of one entitlement."""

    given: str = NONE
    value: str = ""
    caps: tuple[CapFields, ...] = (CapFields(),)


def fields_of_document(feature: Feature, document: object) -> EntitlementFields:
    """Return the form filled with what the document says; ``REMOVED`` for a feature that is not included."""
    if document is REMOVED or document is False:
        return EntitlementFields()
    if document is True:
        return EntitlementFields(given=ON)
    if feature.kind is FeatureKind.SETTING:
        return EntitlementFields(given=ON, value=str(document))
    if document == UNLIMITED:
        return EntitlementFields(given=UNLIMITED)
    caps = document if isinstance(document, list) else [document]
    return EntitlementFields(given=LIMITED, caps=tuple(map(_cap_fields, caps)))


def fields_of_form(form: Mapping[str, str]) -> EntitlementFields:
    """Return the form as it was sent, so that it can be shown again."""
    names = tuple(CapFields.__dataclass_fields__)
    caps = tuple(
        CapFields(**{name: row[name].strip() for name in names if name in row}) for row in rows_of(form, "", names)
    )
    # A row that was emptied beside others is one that was taken away.
    kept = tuple(cap for cap in caps if cap.limit)
    return EntitlementFields(
        given=form.get("given", NONE),
        value=form.get("value", "").strip(),
        caps=kept or caps[:1] or (CapFields(),),
    )


def entitlement_document(feature: Feature, fields: EntitlementFields) -> Reading:
    """Return the entitlement as a document, ``REMOVED`` for a feature that is not included."""
    if feature.kind is FeatureKind.SWITCH:
        return Reading(True if fields.given == ON else REMOVED)
    if feature.kind is FeatureKind.SETTING:
        return _setting_document(feature, fields.value)
    if fields.given == NONE:
        return Reading(REMOVED)
    if fields.given == UNLIMITED:
        return Reading(UNLIMITED)
    readings = [_cap_document(cap, index, feature.kind) for index, cap in enumerate(fields.caps)]
    problems = tuple(problem for reading in readings for problem in reading.problems)
    caps = [reading.value for reading in readings]
    return Reading(caps[0] if len(caps) == 1 else caps, problems)


def _cap_fields(cap: object) -> CapFields:
    if not isinstance(cap, Mapping):
        return CapFields(limit=str(cap), per=Recurrence.NEVER.value)
    fields = {name: str(value) for name, value in cap.items() if name != "warn_at"}
    warnings = ", ".join(map(str, cap.get("warn_at", ())))
    return CapFields(**{"per": Recurrence.NEVER.value, **fields, "warn_at": warnings})


def _setting_document(feature: Feature, value: str) -> Reading:
    if not value:
        return Reading(REMOVED)
    if feature.values or not value.isascii() or not value.isdecimal():
        problem = () if feature.values else (FormProblem("value", "Write a whole number, such as 100."),)
        return Reading(value, problem)
    return Reading(int(value))


def _cap_document(fields: CapFields, index: int, kind: FeatureKind) -> Reading:
    document: dict[str, object] = {}
    problems: list[FormProblem] = []
    for name in _NUMBERS:
        text = str(getattr(fields, name))
        if name == "limit" and text.casefold() == UNLIMITED:
            document[name] = UNLIMITED
        elif text or name == "limit":
            reading = Reading.whole_number(text, f"[{index}].{name}")
            document[name] = reading.value
            problems.extend(reading.problems)
    warnings = _warnings(fields.warn_at, index)
    problems.extend(warnings.problems)
    if kind is FeatureKind.METERED:
        document["per"] = fields.per
    document |= {name: text for name, usual in _DEFAULTS.items() if (text := str(getattr(fields, name))) != usual}
    document |= {"time_zone": fields.time_zone} if fields.time_zone else {}
    document |= {"warn_at": warnings.value} if warnings.value else {}
    is_bare = kind is FeatureKind.CAPACITY and len(document) == 1
    return Reading(document["limit"] if is_bare else document, tuple(problems))


def _warnings(text: str, index: int) -> Reading:
    parts = text.replace("%", " ").replace(",", " ").replace(";", " ").split()
    if all(part.isascii() and part.isdecimal() for part in parts):
        return Reading(sorted({int(part) for part in parts}))
    problem = FormProblem(f"[{index}].warn_at", "Write percentages with commas between them, such as 80, 95.")
    return Reading([], (problem,))
