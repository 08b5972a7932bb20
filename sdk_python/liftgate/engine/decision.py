"""The answer to a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # For annotations only: a client that has no data yet answers without the two heavier models.
    from liftgate.engine.catalogue_model import OverLimitPolicy, SettingValue
    from liftgate.engine.payload_model import Payload

__all__ = ["Decision", "OverLimit", "Reason", "Source", "SourceKind"]


class Reason(StrEnum):
    """Why a decision is what it is. The last four are *unknown*: no data, so nothing is ever offered."""

    ENTITLED = "entitled"
    WITHIN_OVERAGE = "within_overage"
    GATE_OPEN = "gate_open"
    OBSERVED = "observed"
    NOT_INCLUDED = "not_included"
    LIMIT_REACHED = "limit_reached"
    VALUE_TOO_LOW = "value_too_low"
    OVER_LIMIT = "over_limit"
    REVOKED = "revoked"
    GATE_CLOSED = "gate_closed"
    UNKNOWN_GATE = "unknown_gate"
    UNKNOWN_FEATURE = "unknown_feature"
    NO_CUSTOMER = "no_customer"
    UNAVAILABLE = "unavailable"

    @property
    def is_unknown(self) -> bool:
        """Whether the reason says that data was missing."""
        return self in _UNKNOWN


_UNKNOWN = frozenset({Reason.UNKNOWN_GATE, Reason.UNKNOWN_FEATURE, Reason.NO_CUSTOMER, Reason.UNAVAILABLE})


class SourceKind(StrEnum):
    """Where access comes from, or what took it away."""

    PLAN = "plan"
    TRIAL = "trial"
    ADDON = "addon"
    PROMOTION = "promotion"
    OVERRIDE = "override"
    REVOKE = "revoke"
    DEFAULT_PLAN = "default_plan"


@dataclass(frozen=True, slots=True)
class Source:
    """One contribution: its kind, its key (``pro@3``, ``extra_exports@1``, a grant id) and when it ends."""

    kind: SourceKind
    key: str
    ends_at: datetime | None = None

    @property
    def name(self) -> str:
        """Return ``kind:key``, as in ``decided_by``."""
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True, slots=True)
class OverLimit:
    """That more is used than the limit allows: by how many units, and what applies.

    ``until`` is when the grace ends or ended, ``None`` for another policy and where nothing tells when it began.
    """

    policy: OverLimitPolicy
    over: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a check; truthy when granted.

    ``used``, ``limit`` and ``remaining`` are whole units of the tightest cap, ``None`` for features that are not
    counted; ``limit`` and ``remaining`` are also ``None`` when unlimited. ``over_limit`` is set when more is used than
    that, as after a downgrade. ``valid_until`` is the first instant at which
    the answer may change without anybody changing anything.

    >>> decision = Decision(granted=False, reason=Reason.NOT_INCLUDED, gate="sso", feature="sso")
    >>> bool(decision)
    False
    """

    granted: bool
    reason: Reason
    gate: str
    feature: str | None = None
    used: int | None = None
    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    value: SettingValue | None = None
    sources: tuple[Source, ...] = ()
    decided_by: str | None = None
    observed: Reason | None = None
    message: str | None = None
    valid_until: datetime | None = None
    catalogue_version: int | None = None
    customer_version: int | None = None
    stale: bool = False
    fallback: bool = False
    over_limit: OverLimit | None = None
    _build_offer: Callable[[Decision], Payload | None] | None = field(default=None, repr=False, compare=False)
    _offer: Payload | None = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.granted

    def __reduce__(self) -> tuple[type[Decision], tuple[object, ...]]:
        # What would build the offer cannot be sent to another process, the offer itself can.
        built = replace(self, _build_offer=None, _offer=self.offer)
        return Decision, tuple(getattr(built, part.name) for part in fields(built))

    @property
    def unknown(self) -> bool:
        """Whether data was missing; an unknown answer never offers anything."""
        return self.reason.is_unknown

    @property
    def offer(self) -> Payload | None:
        """The modal payload of a refusal, built when first asked for; ``None`` when there is nothing true to say."""
        build_offer = self._build_offer
        if build_offer is not None:
            # The builder is pure, so remembering its result is invisible; a race builds the same value twice. It is
            # read once, because another thread may drop it meanwhile.
            object.__setattr__(self, "_offer", build_offer(self))
            object.__setattr__(self, "_build_offer", None)
        return self._offer
