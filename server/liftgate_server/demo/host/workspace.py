"""What Corkboard keeps about its accounts. A real app has a database here; the demo keeps it in memory."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

__all__ = ["Account", "Board", "Workspace", "account_named", "accounts", "fresh_workspaces"]

ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Account:
    """An account of the demo and the story it tells. The ids are those that the server was seeded with."""

    id: str
    name: str
    story: str
    language: str = "en"


@dataclass
class Board:
    """A board: a title and a few notes."""

    id: int
    title: str
    notes: tuple[str, ...] = ()


@dataclass
class Workspace:
    """One account's boards and people. What is used up is Liftgate's to count."""

    account: Account
    boards: list[Board] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add_board(self, title: str) -> Board:
        """Create a board; this is what a limit on boards guards."""
        with self.lock:
            board = Board(id=max((board.id for board in self.boards), default=0) + 1, title=title)
            self.boards.append(board)
            return board

    def board(self, number: int) -> Board | None:
        """Return the board of that number."""
        return next((board for board in self.boards if board.id == number), None)


def accounts() -> tuple[Account, ...]:
    """Return the demo's accounts in the order of the switcher."""
    return _ACCOUNTS


def account_named(account_id: str | None) -> Account:
    """Return the account of that id, the first one for an unknown id."""
    return next((account for account in _ACCOUNTS if account.id == account_id), _ACCOUNTS[0])


def fresh_workspaces() -> dict[str, Workspace]:
    """Return every account's workspace as the demo begins."""
    return {account.id: _workspace(account) for account in _ACCOUNTS}


_ACCOUNTS = (
    Account("blue-kite", "Blue Kite Studio", "Free, with room for one more board"),
    Account("tall-pines", "Tall Pines Co-op", "Free, at the board limit"),
    Account("kranich", "Kranich GmbH", "Free, in German", language="de"),
    Account("harbour", "Harbour Lights", "Pro, nearly out of PDF exports"),
    Account("redwood", "Redwood Clinic", "trying Business"),
    Account("lantern", "Lantern Press", "Pro, going back to Free at the end of the period"),
)

_BOARDS = {
    "blue-kite": (
        ("Spring campaign", ("Moodboard", "Budget draft", "Photographer shortlist")),
        ("Website relaunch", ("Sitemap", "Copy for the start page")),
    ),
    "tall-pines": (
        ("Harvest plan", ("Field 3 first", "Order crates")),
        ("Market stalls", ("Saturday rota", "New signs")),
        ("Members' meeting", ("Agenda", "Room booked")),
    ),
    "kranich": (
        ("Messe Hannover", ("Standplan", "Visitenkarten")),
        ("Onboarding", ("Laptop bestellen", "Zugänge")),
        ("Produktideen", ("Sensor 2.0", "Kundeninterviews")),
    ),
    "harbour": (
        ("Autumn season", ("Menu tasting", "Staffing")),
        ("Refit of the terrace", ("Heaters", "Permit")),
        ("Suppliers", ("Fish", "Wine list")),
        ("Events", ("Jazz night", "Wedding on the 12th")),
    ),
    "redwood": (
        ("New wing", ("Floor plan", "Equipment list")),
        ("Certification", ("Audit dates", "Documents")),
        ("Duty roster", ("December", "Holidays")),
        ("Research", ("Ethics form",)),
    ),
    "lantern": (
        ("Winter list", ("Cover drafts", "Proofs")),
        ("Book fair", ("Booth", "Readings")),
        ("Back list", ("Reprints",)),
        ("Translations", ("Rights", "Samples")),
        ("Press", ("Review copies",)),
    ),
}


def _workspace(account: Account) -> Workspace:
    boards = [Board(number, title, notes) for number, (title, notes) in enumerate(_BOARDS[account.id], start=1)]
    people = (
        ["owner", "member"] if account.id != "harbour" else ["owner", "member", *(f"crew-{n}" for n in range(1, 7))]
    )
    return Workspace(account, boards, people)
