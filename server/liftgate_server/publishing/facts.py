"""What this room tells others: frozen values, never table rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from liftgate.engine.catalogue_model import Incentive
from liftgate_server.catalog.advice import TierWarning
from liftgate_server.catalog.queries import ProductKind

__all__ = [
    "AffectedAccount",
    "Audience",
    "Effect",
    "Impact",
    "InUse",
    "PlanImpact",
    "Review",
    "ScheduleState",
    "ScheduledPublication",
    "Terms",
    "Use",
    "UseKind",
]


class Audience(StrEnum):
    """Whom a new version of a plan or add-on is for.

    - ``new``: those who subscribe from now on; whoever has an older version keeps it.
    - ``all``: those with an older version too, from a date on.
    """

    NEW = "new"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms something is published; all but the audience is about ``Audience.ALL``.

    ``starts_at`` is when subscribers move, at once when it is ``None``. They are told ``notice_days`` days before, and
    who moves early by choice gets the ``incentive``.
    """

    audience: Audience = Audience.NEW
    starts_at: datetime | None = None
    notice_days: int = 30
    incentive: Incentive | None = None


class Effect(StrEnum):
    """What a publication does to an account."""

    GAINS = "gains"
    LOSSES = "losses"
    OVER_LIMIT = "over_limit"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class PlanImpact:
    """What becomes of those who hold one version of a plan or add-on.

    ``follows`` tells the holders of the default plan, who have no subscription and follow at once whatever the
    audience. ``gains`` and ``losses`` are sentences, one for each feature.
    """

    plan: str
    name: str
    from_version: int
    accounts: int
    gains: tuple[str, ...]
    losses: tuple[str, ...]
    over_limit: int
    kind: ProductKind = ProductKind.PLAN
    follows: bool = False
    to_version: int | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """How many accounts a publication touches, each counted once, and how it is spread over plan versions.

    An account whose overrides and revokes cover everything that its plan gains or loses neither gains nor loses.
    ``keeping`` counts the holders of what changes who keep the version they have.
    """

    gaining: int = 0
    losing: int = 0
    over_limit: int = 0
    moving: int = 0
    keeping: int = 0
    plans: tuple[PlanImpact, ...] = ()


class UseKind(StrEnum):
    """What uses a part of the catalogue. The second group stands in the document, the others are out in the world."""

    SUBSCRIPTION = "subscription"
    SCHEDULED = "scheduled"
    TRIAL = "trial"
    PINNED_VERSION = "pinned_version"
    DEFAULT_PLAN = "default_plan"
    GRANT = "grant"
    HOST = "host"

    PLAN = "plan"
    ADDON = "addon"
    GATE = "gate"
    TEXT = "text"
    SETTING = "setting"

    @property
    def is_in_document(self) -> bool:
        return self in _IN_DOCUMENT


_IN_DOCUMENT = frozenset({UseKind.PLAN, UseKind.ADDON, UseKind.GATE, UseKind.TEXT, UseKind.SETTING})


@dataclass(frozen=True, slots=True)
class Use:
    """How many accounts (or checks of hosts, or places of the document) use something, and a few of them."""

    kind: UseKind
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InUse:
    """A part of the catalogue, named like ``plan:pro``, and what uses it."""

    subject: str
    by: tuple[Use, ...] = ()

    @property
    def holds(self) -> tuple[Use, ...]:
        """What keeps it from being removed: the uses that no change of the document ends."""
        return tuple(use for use in self.by if not use.kind.is_in_document)


@dataclass(frozen=True, slots=True)
class Review:
    """Everything a person wants to know before publishing.

    ``base_version`` is what is published now; ``revision`` is the draft's, ``None`` for a document that was given.
    ``blocked`` is what would be removed although it is in use: publishing is refused while there is any.
    """

    base_version: int
    revision: int | None
    changes: tuple[str, ...]
    unified: str
    warnings: tuple[TierWarning, ...]
    impact: Impact
    blocked: tuple[InUse, ...] = ()
    terms: Terms = field(default_factory=Terms)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to publish."""
        return not self.unified


@dataclass(frozen=True, slots=True)
class AffectedAccount:
    """One account that a publication touches, with what changes for it in words."""

    customer: str
    name: str | None
    plan: str | None
    version: int | None
    details: tuple[str, ...]


class ScheduleState(StrEnum):
    WAITING = "waiting"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class ScheduledPublication:
    """A publication that happens by itself at ``at``; ``code`` and ``reason`` say why it did not."""

    id: str
    at: datetime
    state: ScheduleState
    base_version: int
    terms: Terms
    message: str
    created_by: str | None
    created_at: datetime
    decided_at: datetime | None
    version: int | None
    code: str | None
    reason: str | None
