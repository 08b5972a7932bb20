"""What plans, features, add-ons and gates have in common: they are added, put away, taken back and deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request

from liftgate.engine.document_reader import KEY_PATTERN
from liftgate_server.admin.catalogue.form_values import FormProblem
from liftgate_server.admin.catalogue.saving import Outcome, Place, problems_as_errors, save_edits, sent_base
from liftgate_server.admin.catalogue.showing import Shown
from liftgate_server.admin.catalogue.uses import uses_of
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import go_to, link, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import REMOVED, Edit
from liftgate_server.plumbing.errors import Conflict

__all__ = ["Kind", "add_part", "archive_part", "delete_part", "key_problem"]

_ARCHIVED: Final = "archived"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of part: its section of the document, how uses name it, and its pages."""

    section: str
    subject: str
    page: str
    list_page: str
    variable: str

    def place(self, key: str) -> Place:
        return Place((self.section, key), back=self.link(key), back_when_gone=link(self.list_page))

    def page_of(self, key: str) -> Shown:
        return go_to(self.page, **{self.variable: key})

    def link(self, key: str) -> str:
        return link(self.page, **{self.variable: key})

    def holders_link(self, key: str) -> str:
        """Give the address of who uses a part, which is counted once its page is there."""
        return link(f"{self.page}_holders", **{self.variable: key})


PLAN = Kind("plans", "plan", "catalogue.plan", "catalogue.plans", "plan")
FEATURE = Kind("features", "feature", "catalogue.feature", "catalogue.features", "feature")
ADDON = Kind("addons", "addon", "catalogue.addon", "catalogue.addons", "addon")
GATE = Kind("gates", "gate", "catalogue.gate", "catalogue.gates", "gate")


def key_problem(bench: Workbench, kind: Kind, key: str) -> Outcome | None:
    """Say what is wrong with the key of a part that is to be added, if anything is."""
    if not KEY_PATTERN.fullmatch(key):
        message = "A key begins with a letter and has up to 64 of a-z, 0-9, _ . and -."
    elif key in bench.section(kind.section):
        message = "This key is taken."
    else:
        return None
    return Outcome(errors=problems_as_errors([FormProblem("key", message)]))


def add_part(bench: Workbench, kind: Kind, key: str, document: object) -> Outcome:
    """Add a part to the draft; raises ``ConflictMet`` when somebody else added one of that key."""
    return key_problem(bench, kind, key) or save_edits(
        [Edit((kind.section, key), document)], sent_base(), kind.place(key)
    )


def archive_part(bench: Workbench, kind: Kind, key: str) -> Shown:
    """Archive a part, or take it back when the form says so."""
    bench.part(kind.section, key)
    is_archived = request.form.get(_ARCHIVED) == "yes"
    edit = Edit((kind.section, key, _ARCHIVED), True if is_archived else REMOVED)
    outcome = save_edits([edit], sent_base(), kind.place(key))
    if not outcome.is_saved:
        toast(" ".join(outcome.errors.values()), "error")
    else:
        toast(_("Archived in the draft") if is_archived else _("Taken back in the draft"))
    return kind.page_of(key)


def delete_part(bench: Workbench, kind: Kind, key: str) -> Shown:
    """Take a part out of the draft; refused while anybody uses it."""
    bench.part(kind.section, key)
    if uses_of(bench.environment_id, f"{kind.subject}:{key}").holds and not bench.is_new(kind.section, key):
        raise Conflict("in_use", "This is in use. Archive it: it goes on working for whoever has it.")
    outcome = save_edits([Edit((kind.section, key), REMOVED)], sent_base(), kind.place(key))
    if outcome.is_saved:
        toast(_("Deleted from the draft"))
        return go_to(kind.list_page)
    toast(" ".join(outcome.errors.values()), "error")
    return kind.page_of(key)
