"""Who uses a part: counted beside its page, because counting takes the longer the more customers there are."""

from __future__ import annotations

from liftgate_server.admin.catalogue.held_versions import held_versions
from liftgate_server.admin.catalogue.parts import ADDON, PLAN, Kind
from liftgate_server.admin.catalogue.showing import Shown, show
from liftgate_server.admin.catalogue.uses import uses_of
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import link

__all__ = ["show_holders"]


def show_holders(bench: Workbench, kind: Kind, key: str) -> Shown:
    """Show who uses a part: the piece that its page fetches, or a page of its own."""
    bench.part(kind.section, key)
    variable = {kind.variable: key}
    return show(
        "holders.html",
        bench,
        key=key,
        part=getattr(bench.catalogue, kind.section)[key],
        part_link=kind.link(key),
        has_versions=kind in {PLAN, ADDON},
        history=held_versions(bench, kind, key) if kind in {PLAN, ADDON} else (),
        uses=uses_of(bench.environment_id, f"{kind.subject}:{key}"),
        is_new=bench.is_new(kind.section, key),
        archive_action=link(f"catalogue.archive_{kind.subject}", **variable),
        delete_action=link(f"catalogue.delete_{kind.subject}", **variable),
    )
