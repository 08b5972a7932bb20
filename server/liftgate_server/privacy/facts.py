"""What was erased, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["EXPORT_SCHEMA", "Erasure", "ErasureKind", "ErasureState"]

# Of the lines of an export. Fields may be added under the same number; none is taken away or changes its meaning.
EXPORT_SCHEMA = 1


class ErasureKind(StrEnum):
    """Whom an erasure forgets: a whole account, or one person in it."""

    CUSTOMER = "customer"
    USER = "user"


class ErasureState(StrEnum):
    """Running while rows are still to be moved; the account itself is unknown from its beginning on."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. It does not say who was forgotten, only the ``pseudonym`` under which counts and money go on.

    ``rows`` counts by table what was moved, blanked or dropped so far.
    """

    id: str
    kind: ErasureKind
    pseudonym: str
    state: ErasureState
    rows: Mapping[str, int]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
