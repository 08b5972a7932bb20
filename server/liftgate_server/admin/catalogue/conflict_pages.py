"""Somebody else changed the same fields: the page on which one chooses, field by field, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug import Response

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.edits import Resolution, pack_edits, unpack_edits
from liftgate_server.admin.catalogue.saving import ConflictMet, Place, save_edits, sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, page_reader, show
from liftgate_server.admin.catalogue.words import field_words, value_words
from liftgate_server.admin.framing import Role, link, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import Edit

MINE = "mine"


@dataclass(frozen=True, slots=True)
class Dispute:
    """One field of a conflict in words, and the edit that would put one's own value there."""

    thing: str
    field: str
    base: str
    theirs: str
    yours: str
    theirs_by: str | None
    theirs_at: datetime | None
    edit: str


@area.errorhandler(ConflictMet)
def meet_conflict(conflict: ConflictMet) -> tuple[str, int]:
    """Show what it was, what theirs is and what yours is, for each field that both have changed."""
    text, _status = _show(conflict.resolution, conflict)
    return text, 409


@area.action("/conflict", least=Role.EDITOR)
def settle_conflict() -> Shown | Response:
    """Save what somebody chose. Should others have changed it again, that is the next conflict."""
    back = _own_address(request.form.get("back", ""))
    clear = unpack_edits(request.form.get("clear", "[]"))
    disputed = [edit for text in request.form.getlist("disputed") for edit in unpack_edits(text)]
    chosen = [edit for index, edit in enumerate(disputed) if request.form.get(f"choice[{index}]") == MINE]
    edits: list[Edit] = [*clear, *chosen]
    outcome = save_edits(edits, sent_base(), Place((), back=back))
    if outcome.is_saved:
        toast(_("Saved in the draft") if edits else _("Nothing of yours was left to save"))
    else:
        toast(" ".join(outcome.errors.values()), "error")
    return redirect(back, 303)


def _show(resolution: Resolution, conflict: ConflictMet) -> tuple[str, int]:
    bench = bench_of_visitor()
    reader = page_reader(bench)
    disputes = []
    for field, edit in zip(conflict.fields, resolution.disputed, strict=True):
        thing, name = field_words(field.path)
        base, theirs, yours = (
            value_words(field.path, value, bench.catalogue, reader) for value in (field.base, field.theirs, field.yours)
        )
        disputes.append(Dispute(thing, name, base, theirs, yours, field.theirs_by, field.theirs_at, pack_edits([edit])))
    return show(
        "conflict.html",
        bench,
        disputes=disputes,
        clear=pack_edits(resolution.clear),
        others=len(resolution.clear),
        back=conflict.back,
    )


def _own_address(text: str) -> str:
    """Return an address of the admin pages; anything else becomes the matrix."""
    parts = urlsplit(text)
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith("/admin/") and "\\" not in text
    return text if is_own else link("catalogue.matrix")
