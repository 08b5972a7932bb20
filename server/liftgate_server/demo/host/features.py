"""What Corkboard sells: each function stands behind a gate, and this is all the code that it takes."""

from __future__ import annotations

import liftgate
from liftgate_server.demo.host.document import board_as_pdf
from liftgate_server.demo.host.workspace import Board, Workspace

# Reads LIFTGATE_URL and LIFTGATE_API_KEY; nothing is connected before the first request binds a customer. The budget is
# generous because both processes of the demo start cold, and a newcomer's first page should not be a guess.
lg = liftgate.Client(load_budget_seconds=3)

_NEARLY_PERCENT = 80


@lg.gate("boards.create", used=lambda workspace, _title: len(workspace.boards))
def create_board(workspace: Workspace, title: str) -> Board:
    """Create a board. The host knows how many there are, so it tells the gate, and Liftgate what has become of it."""
    board = workspace.add_board(title)
    lg.set_level("boards", len(workspace.boards))
    return board


@lg.gate("boards.export", consume=1)
def export_board(board: Board) -> bytes:
    """Export a board as PDF: locked on Free, counted per month on Pro, unlimited on Business. Errors count nothing."""
    pdf = board_as_pdf(board)
    lg.record("minutes_saved", 12)
    return pdf


def exports_left() -> liftgate.Share | None:
    """Say how many exports are used, as a sentence for the page, before the last one is gone."""
    share = lg.share("boards.export")
    return share if share is not None and share.percent >= _NEARLY_PERCENT else None


def more_exports() -> None:
    """Open the offer while there is something left: the widget shows it as it shows a refusal."""
    share = exports_left()
    if share is not None:
        raise liftgate.UpgradeRequired(lg.check("boards.export"), offer=share.offer)


@lg.gate("texts.write", consume=1)
def write_text(topic: str) -> str:
    """Let AI write a text: a daily taste on Free, per person. Liftgate counts, on every server of Corkboard at once."""
    return f"“{topic}” in three sentences: why it matters, what comes first, and who to ask."


@lg.gate("seats.invite", used=lambda workspace, _name: len(workspace.people))
def invite(workspace: Workspace, name: str) -> str:
    """Invite somebody, as long as there is a seat."""
    workspace.people.append(name)
    lg.set_level("seats", len(workspace.people))
    return name


@lg.gate("settings.sso")
def single_sign_on_settings() -> str:
    """Open the settings of single sign-on."""
    return "single_sign_on"


@lg.gate("settings.audit_log")
def audit_log() -> str:
    """Open the audit log."""
    return "audit_log"
