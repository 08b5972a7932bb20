"""The published catalogue as frozen values: features, plans, add-ons, gates and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from liftgate.engine.gate_modes import FailPolicy, GateMode

__all__ = [
    "AddOn",
    "Anchor",
    "Cap",
    "Catalogue",
    "Enforcement",
    "Entitlement",
    "FailPolicy",
    "Feature",
    "FeatureKind",
    "Gate",
    "GateMode",
    "Incentive",
    "LocalisedText",
    "Match",
    "MeterFailPolicy",
    "OnUpgrade",
    "OverLimitPolicy",
    "OverLimitRule",
    "Plan",
    "Price",
    "PricePer",
    "Recurrence",
    "Requirement",
    "Scope",
    "SettingValue",
    "Snapshot",
    "Succession",
    "TrialPolicy",
    "UnitForms",
    "ValueMetric",
    "version_name",
]

LocalisedText = Mapping[str, str]
"""Language tag to text, such as ``{"en": "Boards", "de": "Boards"}``."""

SettingValue = str | int
"""The value of a setting: one of its declared values, or a whole number."""


class FeatureKind(StrEnum):
    """How a feature is held: on or off, consumed, kept at a level, or set to a value."""

    SWITCH = "switch"
    METERED = "metered"
    CAPACITY = "capacity"
    SETTING = "setting"

    @property
    def is_counted(self) -> bool:
        """Whether the feature has a used amount and a limit."""
        return self in (FeatureKind.METERED, FeatureKind.CAPACITY)


class Recurrence(StrEnum):
    """How often a limit starts anew."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    NEVER = "never"


class Anchor(StrEnum):
    """Where periods start: at calendar boundaries in a time zone, or at the subscription's billing anchor."""

    CALENDAR = "calendar"
    BILLING = "billing"


class Scope(StrEnum):
    """Whose use a limit counts: the whole account's, or each user's own."""

    CUSTOMER = "customer"
    USER = "user"


class Enforcement(StrEnum):
    """Whether a limit refuses (hard) or lets pass and marks (soft)."""

    HARD = "hard"
    SOFT = "soft"


class Match(StrEnum):
    """How many of a gate's requirements must hold."""

    ALL = "all"
    ANY = "any"


class OnUpgrade(StrEnum):
    """What becomes of what was used when a customer moves up to a higher plan within a period."""

    KEEP = "keep"
    RESET = "reset"


class OverLimitPolicy(StrEnum):
    """What applies above a limit: nothing new, nothing but reading, or some days to sort it out."""

    BLOCK_NEW = "block_new"
    READ_ONLY = "read_only"
    GRACE = "grace"


class MeterFailPolicy(StrEnum):
    """What consuming a meter does while the server cannot be reached: refuse, or let pass and count it later."""

    DENY = "deny"
    ALLOW_AND_RECORD = "allow_and_record"


class PricePer(StrEnum):
    """What a price is multiplied by: nothing, or the number of seats."""

    ACCOUNT = "account"
    SEAT = "seat"


@dataclass(frozen=True, slots=True)
class UnitForms:
    """The word for one and for several units of a counted feature, in one language."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class OverLimitRule:
    """What applies above the limit of a counted feature; ``grace_days`` is set just for ``grace``."""

    policy: OverLimitPolicy = OverLimitPolicy.BLOCK_NEW
    grace_days: int | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """Something the host app offers.

    ``values`` are a setting's values from the least to the most generous; an empty tuple on a setting means whole
    numbers. What is ``archived`` goes on working for whoever has it and is offered to nobody. ``on_upgrade`` and
    ``on_failure`` are about what is metered, ``over_limit`` about what is counted.
    """

    key: str
    kind: FeatureKind
    name: LocalisedText
    description: LocalisedText | None = None
    unit: Mapping[str, UnitForms] | None = None
    values: tuple[str, ...] = ()
    archived: bool = False
    on_upgrade: OnUpgrade = OnUpgrade.KEEP
    over_limit: OverLimitRule = OverLimitRule()
    on_failure: MeterFailPolicy = MeterFailPolicy.DENY


@dataclass(frozen=True, slots=True)
class ValueMetric:
    """A number that tells what the host app was worth, such as minutes saved: recorded, added up, never limited."""

    key: str
    name: LocalisedText
    unit: Mapping[str, UnitForms] | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit over one period. ``limit`` is in whole units; ``None`` is unlimited.

    ``overage`` is the number of units a soft cap lets pass beyond its limit, ``None`` for any number. ``warn_at`` are
    whole percentages of the limit, ascending. ``time_zone`` is an IANA name, ``None`` for the catalogue's.
    """

    limit: int | None
    recurrence: Recurrence = Recurrence.NEVER
    anchor: Anchor = Anchor.CALENDAR
    time_zone: str | None = None
    scope: Scope = Scope.CUSTOMER
    enforcement: Enforcement = Enforcement.HARD
    overage: int | None = None
    warn_at: tuple[int, ...] = ()
    display_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one source gives of one feature. Exactly one of the three is meaningful, by the feature's kind."""

    feature: str
    enabled: bool = False
    caps: tuple[Cap, ...] = ()
    value: SettingValue | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """A recurring price. ``amount`` is in minor units of ``currency`` (ISO 4217); ``interval`` is month or year."""

    interval: Recurrence
    currency: str
    amount: int
    per: PricePer = PricePer.ACCOUNT


@dataclass(frozen=True, slots=True)
class TrialPolicy:
    """How long a plan may be tried before it is paid for."""

    days: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A tier. ``rank`` is its only order; a higher rank is the larger plan. An ``archived`` one is no longer sold."""

    key: str
    name: LocalisedText
    rank: int
    entitlements: Mapping[str, Entitlement]
    prices: tuple[Price, ...] = ()
    description: LocalisedText | None = None
    trial: TrialPolicy | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class AddOn:
    """Grants on top of a plan, multiplied by quantity. ``plans`` is ``None`` when every plan may carry it."""

    key: str
    name: LocalisedText
    entitlements: Mapping[str, Entitlement]
    prices: tuple[Price, ...] = ()
    max_quantity: int = 1
    plans: tuple[str, ...] | None = None
    description: LocalisedText | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a gate asks of one feature: that it is on, has ``units`` left, or is at least ``at_least``."""

    feature: str
    units: int = 1
    at_least: SettingValue | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A named check point in the host app."""

    key: str
    requirements: tuple[Requirement, ...]
    match: Match = Match.ALL
    mode: GateMode = GateMode.ENFORCE
    on_failure: FailPolicy = FailPolicy.CLOSED
    placement: str | None = None
    name: LocalisedText | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One valid catalogue document. Mappings keep the document's order.

    ``texts`` is what built-in offers say instead of the shipped words: offer to slot to text (see ``offer_slots``).
    """

    languages: tuple[str, ...]
    time_zone: str
    default_plan: str | None
    features: Mapping[str, Feature]
    plans: Mapping[str, Plan]
    addons: Mapping[str, AddOn]
    gates: Mapping[str, Gate]
    texts: Mapping[str, Mapping[str, LocalisedText]] = field(default_factory=dict)
    value_metrics: Mapping[str, ValueMetric] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incentive:
    """What a subscriber is given for moving to the new version early: an extra of one feature, for some days."""

    feature: str
    entitlement: Entitlement
    days: int


@dataclass(frozen=True, slots=True)
class Succession:
    """The end of a version: whoever is pinned to it holds ``to_version`` from ``at`` on.

    Subscribers are told from ``notice_at`` on, never when it is ``None``.
    """

    to_version: int
    at: datetime
    notice_at: datetime | None = None
    incentive: Incentive | None = None


def version_name(key: str, version: int) -> str:
    """Return how one version of a plan or add-on is named.

    >>> version_name("pro", 2)
    'pro@2'
    """
    return f"{key}@{version}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published catalogue with the version of every plan and add-on in it.

    ``plan_successions`` and ``addon_successions`` are keyed ``"<key>@<version>"`` by the version that ends.
    """

    environment: str
    version: int
    published_at: datetime
    catalogue: Catalogue
    plan_versions: Mapping[str, int]
    addon_versions: Mapping[str, int]
    plan_successions: Mapping[str, Succession] = field(default_factory=dict)
    addon_successions: Mapping[str, Succession] = field(default_factory=dict)

    def gate(self, key: str) -> Gate | None:
        """Return the declared gate of that key, else the implicit gate of a feature of that key, else ``None``.

        The implicit gate of a counted feature asks for one unit more, which is what creating something needs.
        """
        declared = self.catalogue.gates.get(key)
        if declared is not None or key not in self.catalogue.features:
            return declared
        return Gate(key=key, requirements=(Requirement(feature=key),))
