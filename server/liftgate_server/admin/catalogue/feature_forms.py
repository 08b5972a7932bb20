"""Features: document to form fields, and form fields to document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liftgate.engine.catalogue_model import FeatureKind
from liftgate_server.admin.catalogue.form_values import Reading, texts_document, texts_of

__all__ = ["FeatureFields", "feature_document", "feature_fields", "feature_fields_of_form", "moved"]

Document = Mapping[str, object]

_COUNTED = (FeatureKind.METERED.value, FeatureKind.CAPACITY.value)


@dataclass(frozen=True, slots=True)
class FeatureFields:
    """A feature as it stands in the form; ``values`` is a text with one value a line."""

    kind: str = FeatureKind.SWITCH.value
    name: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    one: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)
    values: str = ""


def feature_fields(document: Document) -> FeatureFields:
    """Return the form filled with what the document says."""
    unit, values = document.get("unit"), document.get("values")
    forms = unit if isinstance(unit, Mapping) else {}
    return FeatureFields(
        kind=str(document.get("kind", FeatureKind.SWITCH.value)),
        name=_texts(document.get("name")),
        description=_texts(document.get("description")),
        one={tag: str(words["one"]) for tag, words in forms.items()},
        other={tag: str(words["other"]) for tag, words in forms.items()},
        values="\n".join(map(str, values)) if isinstance(values, list) else "",
    )


def feature_fields_of_form(form: Mapping[str, str], languages: Sequence[str]) -> FeatureFields:
    """Return the form as it was sent, so that it can be shown again."""
    forms = {part: {tag: form.get(f"unit.{tag}.{part}", "").strip() for tag in languages} for part in ("one", "other")}
    return FeatureFields(
        kind=form.get("kind", FeatureKind.SWITCH.value),
        name=texts_of(form, "name", languages),
        description=texts_of(form, "description", languages),
        one=forms["one"],
        other=forms["other"],
        values="\n".join(line.strip() for line in form.get("values", "").splitlines() if line.strip()),
    )


def feature_document(fields: FeatureFields, before: Document) -> Reading:
    """Return the feature as a document; what its kind cannot have is left out."""
    unit = _unit(fields) if fields.kind in _COUNTED else {}
    values = fields.values.splitlines() if fields.kind == FeatureKind.SETTING.value else []
    parts: dict[str, object] = {
        "kind": fields.kind,
        "name": texts_document(fields.name, before.get("name")),
        "description": texts_document(fields.description, before.get("description")),
        "unit": unit,
        "values": values,
    }
    kept = {name: value for name, value in before.items() if name not in parts}
    needed = ("kind", "name")
    return Reading({name: value for name, value in parts.items() if value or name in needed} | kept)


def moved(keys: Sequence[str], key: str, steps: int) -> list[str]:
    """Return the keys with one of them moved up (negative) or down, as far as there is room.

    >>> moved(["boards", "exports", "sso"], "sso", -1)
    ['boards', 'sso', 'exports']
    """
    others = [other for other in keys if other != key]
    at = min(max(keys.index(key) + steps, 0), len(others))
    return [*others[:at], key, *others[at:]]


def _unit(fields: FeatureFields) -> dict[str, object]:
    return {
        tag: {"one": fields.one.get(tag, ""), "other": fields.other.get(tag, "")}
        for tag in fields.one
        if fields.one.get(tag) or fields.other.get(tag)
    }


def _texts(document: object) -> dict[str, str]:
    return {str(tag): str(text) for tag, text in document.items()} if isinstance(document, Mapping) else {}
