"""What is reported, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = ["RETENTION", "GateActivity", "GateReport", "LevelReport", "MetGate", "Outcome", "RefusedAccount", "Report"]

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
class Report:
    """What one reporter counted. ``batch`` names it for good: sent again, it counts once; ``digest`` is its content."""

    batch: str
    digest: bytes
    gates: tuple[GateReport, ...] = ()
    levels: tuple[LevelReport, ...] = ()


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
