"""What is reported and what is counted, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from liftgate.engine.allocation import Counters, Crossing, Part
from liftgate.engine.allowance_model import Allowance
from liftgate_server.plumbing.errors import FieldError

__all__ = [
    "BEGINNING",
    "FOREVER",
    "RETENTION",
    "GateActivity",
    "GateReport",
    "LevelReport",
    "MetGate",
    "Operation",
    "Outcome",
    "Posted",
    "Posting",
    "Proof",
    "Receipt",
    "Refusal",
    "RefusedAccount",
    "Report",
    "ReservationState",
    "StaleTerms",
    "UseReport",
    "is_kept_by_ledger",
]

# As long as the record of a batch is kept: one that is sent again later brings nothing that would still be counted.
RETENTION = timedelta(days=35)


class Outcome(StrEnum):
    """How a call through a gate ended; observed is one that went through and would have been refused."""

    GRANTED = "granted"
    REFUSED = "refused"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class GateReport:
    """So many calls of one customer through one gate within the hour that began at ``hour``."""

    gate: str
    customer: str
    hour: datetime
    outcome: Outcome
    reason: str
    times: int


@dataclass(frozen=True, slots=True)
class LevelReport:
    """How much of a counted feature the host said a customer used, and when it said so."""

    customer: str
    feature: str
    used: int
    at: datetime


@dataclass(frozen=True, slots=True)
class UseReport:
    """So many times a customer used a feature within the hour that began at ``hour``; the user, where one was known."""

    customer: str
    user: str | None
    feature: str
    hour: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one reporter counted. ``batch`` names it for good: sent again, it counts once; ``digest`` is its content."""

    batch: str
    digest: bytes
    gates: tuple[GateReport, ...] = ()
    levels: tuple[LevelReport, ...] = ()
    uses: tuple[UseReport, ...] = ()


@dataclass(frozen=True, slots=True)
class GateActivity:
    """What happened at one gate.

    ``reasons`` are those of the calls that were refused or would have been; ``accounts`` are whom they happened to,
    counted up to ``queries.MOST_ACCOUNTS_COUNTED``.
    """

    granted: int = 0
    refused: int = 0
    observed: int = 0
    accounts: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedAccount:
    """A customer that was refused, or would have been: how often, and why most often."""

    customer: str
    reason: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class MetGate:
    """How often one customer was refused at a gate for a reason, or would have been."""

    gate: str
    outcome: Outcome
    reason: str
    count: int
    last_at: datetime


# The bounds of a counter whose window has none, so that "within" is one comparison in every statement and index.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class Operation(StrEnum):
    """What an entry of the ledger does.

    ``ADJUST`` is bookkeeping of our own: what compaction puts in the place of entries, and what a repair writes.
    """

    RECORD = "record"
    CONSUME = "consume"
    COMMIT = "commit"
    REFUND = "refund"
    LEVEL = "level"
    INCREMENT = "increment"
    ADJUST = "adjust"


class ReservationState(StrEnum):
    OPEN = "open"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Proof:
    """What an allowance was made from; the statement that counts compares it with what holds at that moment.

    ``catalogue`` and ``access`` are the marks of ``plumbing.changes``; without ``access`` it is not looked at. The
    version of a customer that nobody has told of is 0.
    """

    catalogue: int
    access: int | None
    customer_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One change that the ledger is asked to make.

    - ``quantity``: units; of ``LEVEL`` the new level, of ``INCREMENT`` the difference. ``forced``: counted whatever the
      limits say.
    - ``at``: when it was used, ``received_at``: when we were told.
    - ``digest``: 32 bytes that tell the payload as sent from another one; ``sent``: its fields, to name a difference.
    - ``allowance``: what holds at ``at``; ``None`` for what is never limited. ``document``: the same as compact JSON
      where the caller remembers it.
    - ``context``: what else the answer to a repetition needs; kept with the receipt.
    """

    customer: str
    key: str
    operation: Operation
    feature: str
    quantity: int
    at: datetime
    received_at: datetime
    digest: bytes
    allowance: Allowance | None
    proof: Proof
    gate: str | None = None
    user: str | None = None
    properties: Mapping[str, Any] | None = None
    forced: bool = False
    sent: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken from which bucket, and what every window of the allowance then stood at (used and held).

    With the allowance it was judged by: a repetition is answered from the receipt alone. ``parts`` of a refund are
    negative. ``expires_at`` is that of a reservation; ``context`` is the posting's.
    """

    parts: tuple[Part, ...]
    counters: Counters
    at: datetime
    allowance: Allowance | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a posting.

    ``crossed`` are the thresholds that fired for the first time in their window. ``to_announce``: something happened
    that the customer's other readers should hear of (those, or a limit that is reached again, or no longer).
    """

    granted: bool
    replayed: bool
    receipt: Receipt
    crossed: tuple[Crossing, ...] = ()
    to_announce: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A posting of a batch that could not be taken; nothing of it is counted."""

    code: str
    message: str
    errors: tuple[FieldError, ...] = ()


class StaleTerms(Exception):
    """The catalogue, the credentials or the customer have changed since the allowance was made: make it anew."""


def is_kept_by_ledger(window: str) -> bool:
    """Whether a window's counter is the sum of what the ledger's entries of its time took from the base.

    The others (of buckets, and of trials by uses) count what names them, and start at nothing.
    """
    return not window.startswith(("bucket:", "trial:"))
