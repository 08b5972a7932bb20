"""From a form to a saved draft, or to what is to be said of its fields; nothing that was typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import request

from liftgate_server.admin.catalogue.edits import Resolution, edits_between, value_at
from liftgate_server.admin.catalogue.form_values import FormProblem, Reading
from liftgate_server.admin.catalogue.workbench import Base, Workbench, look
from liftgate_server.admin.framing import problem_text, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import REMOVED, Draft, Edit, EditConflict, FieldConflict, edit_draft
from liftgate_server.plumbing.errors import FieldError, Invalid, Problem

__all__ = ["ConflictMet", "Outcome", "Place", "attempt", "problems_as_errors", "save_edits", "sent_base"]

Path = tuple[str, ...]

# As much as the draft keeps of who saved it.
_LONGEST_NAME = 64

# ("plans", "pro") is a part; what is longer is a field of one.
_LONGER_THAN_A_PART = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form's thing stands in the document, and how a problem's path becomes the name of a field.

    ``back`` is the page to return to when a conflict has been settled, ``back_when_gone`` the one if somebody else has
    deleted the thing meanwhile.
    """

    path: Path
    back: str
    field_of: Callable[[str], str] = str
    back_when_gone: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form: saved, or the words at its fields; those of no field of the form stand at ``""``."""

    draft: Draft | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_saved(self) -> bool:
        return self.draft is not None


class ConflictMet(Exception):
    """Somebody else changed the same fields; the area answers it with the page on which one chooses."""

    def __init__(self, resolution: Resolution, fields: Sequence[FieldConflict], back: str) -> None:
        super().__init__(back)
        self.resolution = resolution
        self.fields = tuple(fields)
        self.back = back


def sent_base() -> Base:
    """Return the state of the draft that the sent form was filled from."""
    return Base.read(request.form.get("base", ""))


def attempt(bench: Workbench, place: Place, make: Callable[[Mapping[str, object]], Reading]) -> Outcome:
    """Save what a form says of its thing, or say what is wrong with it; raises ``ConflictMet``.

    ``make`` returns the thing as the form wants it, given the thing that the form was filled from.
    """
    base = sent_base()
    before = value_at(bench.document_at(base), place.path)
    reading = make(before if isinstance(before, Mapping) else {})
    if reading.problems:
        return Outcome(errors=problems_as_errors(reading.problems))
    return save_edits(edits_between(place.path, before, reading.value), base, place)


def save_edits(edits: Sequence[Edit], base: Base, place: Place) -> Outcome:
    """Save edits of the draft; raises ``ConflictMet``."""
    person = visitor()
    if not edits:
        return Outcome(look(person.environment.id).draft)
    try:
        draft = edit_draft(
            person.environment.id,
            edits,
            base_revision=base.revision,
            base_version=base.version if base.revision == 0 else None,
            by=person.name[:_LONGEST_NAME],
        )
    except EditConflict as conflict:
        back = place.back_when_gone if place.back_when_gone and any(map(_is_gone, conflict.fields)) else place.back
        raise ConflictMet(Resolution.of(edits, conflict.fields), conflict.fields, back) from conflict
    except Invalid as refusal:
        return Outcome(errors=_refusal_errors(refusal, place))
    return Outcome(draft)


def _is_gone(field: FieldConflict) -> bool:
    return field.theirs is REMOVED and len(field.path) < _LONGER_THAN_A_PART


def problems_as_errors(problems: Iterable[FormProblem]) -> dict[str, str]:
    """Return the words at each field, the first problem of each."""
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.field, _(problem.message, name=problem.name) if problem.name else _(problem.message))
    return errors


def _refusal_errors(refusal: Invalid, place: Place) -> dict[str, str]:
    errors: dict[str, str] = {}
    for problem in refusal.errors or (FieldError("", refusal.code, refusal.detail),):
        prefix = ".".join(place.path)
        if problem.path == prefix or problem.path.startswith((f"{prefix}.", f"{prefix}[")):
            name, words = place.field_of(problem.path.removeprefix(prefix).removeprefix(".")), _said(refusal, problem)
        else:
            # Something elsewhere in the document objects: a gate that asks for the feature that goes, say.
            name, words = "", f"{problem.path}: {_said(refusal, problem)}" if problem.path else _said(refusal, problem)
        errors[name] = words if name not in errors else f"{errors[name]} {words}" if not name else errors[name]
    return errors


def _said(refusal: Problem, problem: FieldError) -> str:
    return problem_text(f"{refusal.code}.{problem.code}", problem.message)
