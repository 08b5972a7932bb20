"""Tables of what hosts report and of the ledger. A customer or gate in them need not be known: hosts are quicker.

``gate_totals`` and ``refused_accounts`` say again what ``gate_hours`` says, so that pages need not add up every
customer's rows; one transaction writes all three. In the same way ``usage_counters`` and ``usage_days`` say again what
``usage_events`` says.

The tables of the ledger lead with the environment and the customer, so that they can be partitioned by customer, and
point at no other: every consume would have to lock the row of its environment to prove that it is there.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import Model

__all__ = [
    "GateHourRow",
    "GateTotalRow",
    "RefusedAccountRow",
    "ReportBatchRow",
    "ReportedLevelRow",
    "UsageCompactionRow",
    "UsageCounterRow",
    "UsageCrossingRow",
    "UsageDayRow",
    "UsageEventRow",
    "UsageReservationRow",
]

_ID_LENGTH = 128
_KEY_LENGTH = 64
_WORD_LENGTH = 32
_ENTRY_LENGTH = 128
# `bucket:<grant or add-on>:<recurrence>:<start>+<reset>` with room to spare.
_WINDOW_LENGTH = 255


class GateHourRow(Model):
    """How often a customer met a gate with one outcome for one reason, within the hour that began at ``hour``."""

    __tablename__ = "gate_hours"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    gate: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(_WORD_LENGTH), primary_key=True)
    reason: Mapped[str] = mapped_column(String(_WORD_LENGTH), primary_key=True)
    times: Mapped[int]
    last_at: Mapped[datetime]

    __table_args__ = (Index("ix_gate_hours_hour", "environment_id", "hour"),)


class GateTotalRow(Model):
    """The same of all customers together."""

    __tablename__ = "gate_totals"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    gate: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(_WORD_LENGTH), primary_key=True)
    reason: Mapped[str] = mapped_column(String(_WORD_LENGTH), primary_key=True)
    times: Mapped[int]
    last_at: Mapped[datetime]


class RefusedAccountRow(Model):
    """When a customer was last refused at a gate, and last let pass although it would have been refused."""

    __tablename__ = "refused_accounts"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    gate: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    refused_at: Mapped[datetime | None]
    observed_at: Mapped[datetime | None]
    last_at: Mapped[datetime]

    __table_args__ = (Index("ix_refused_accounts_last_at", "environment_id", "gate", "last_at", "customer"),)


class ReportedLevelRow(Model):
    """The last count of a feature that the host has told of a customer."""

    __tablename__ = "reported_levels"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    feature: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    used: Mapped[int]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_reported_levels_used", "environment_id", "feature", "used"),)


class ReportBatchRow(Model):
    """A batch that has been counted; ``digest`` tells a repetition from another batch of the same name."""

    __tablename__ = "report_batches"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    received_at: Mapped[datetime]

    __table_args__ = (Index("ix_report_batches_received_at", "environment_id", "received_at"),)


class UsageEventRow(Model):
    """One entry of the ledger; entries are added and never changed.

    - ``key``: the idempotency key, of a commit that of its reservation. ``digest``: tells the payload from another one.
    - ``quantity``: signed; nothing where it was refused. ``base_quantity``: the part of it that the base gave, which is
      what the counters of periods add up. ``uses``: 1 for each act of using, more where compaction merged several.
    - ``at``: when it was used (a commit when it was reserved, a refund when what it gives back was); ``received_at``:
      when we heard of it.
    - ``receipt``: see ``posting_records``. ``of_key``: the entry that a refund gives back.
    """

    __tablename__ = "usage_events"

    environment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    key: Mapped[str] = mapped_column(String(_ENTRY_LENGTH), primary_key=True)
    operation: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    gate: Mapped[str | None] = mapped_column(String(_KEY_LENGTH))
    feature: Mapped[str] = mapped_column(String(_KEY_LENGTH))
    user: Mapped[str] = mapped_column(String(_ID_LENGTH))
    quantity: Mapped[int]
    base_quantity: Mapped[int]
    uses: Mapped[int]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    refused: Mapped[bool] = mapped_column(Boolean)
    of_key: Mapped[str | None] = mapped_column(String(_ENTRY_LENGTH))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    properties: Mapped[dict[str, Any] | None]
    receipt: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index("ix_usage_events_feature_at", "environment_id", "customer", "feature", "at"),
        Index("ix_usage_events_at", "environment_id", "customer", "at", "key"),
        Index(
            "ix_usage_events_of_key",
            "environment_id",
            "customer",
            "of_key",
            sqlite_where=text("of_key IS NOT NULL"),
            postgresql_where=text("of_key IS NOT NULL"),
        ),
    )


class UsageCounterRow(Model):
    """What a window stands at: ``used`` by the ledger, ``held`` by open reservations.

    - ``user``: empty for the account's. ``starts_at``, ``ends_at``: ``facts.BEGINNING`` and ``facts.FOREVER`` where
      the window has no bounds.
    - ``level_at``: the instant of the last level that was set, of a capacity.

    A counter that ``facts.is_kept_by_ledger`` is a cache: ``used`` is the sum of ``base_quantity`` of the customer's
    entries for the feature within ``[starts_at, ends_at)`` (of the user's, where it is a user's), and ``held`` that of
    ``base_units`` of the open reservations made within them. It holds for every such row at all times, whichever
    windows the terms name today, so an entry counts into all rows that it lies within. A row that is missing is made
    from the ledger. The other counters start at nothing and count what names them.
    """

    __tablename__ = "usage_counters"

    environment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    feature: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    user: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    window: Mapped[str] = mapped_column(String(_WINDOW_LENGTH), primary_key=True)
    used: Mapped[int]
    held: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    level_at: Mapped[datetime | None]

    __table_args__ = (
        # The windows that are over stay behind; this finds the running ones however many those are.
        Index("ix_usage_counters_ends_at", "environment_id", "customer", "feature", "user", "ends_at"),
        # Whom a lower limit of a level would hit, over all customers.
        Index(
            "ix_usage_counters_level",
            "environment_id",
            "feature",
            "customer",
            sqlite_where=text("\"window\" = 'never' AND \"user\" = ''"),
            postgresql_where=text("\"window\" = 'never' AND \"user\" = ''"),
        ),
        # Counters are changed in place again and again: with room in the page no index has to follow.
        {"postgresql_with": {"fillfactor": 60}},
    )


class UsageReservationRow(Model):
    """Units that are held: counted as used until they are committed or released, or until ``expires_at``.

    - ``base_units``: the part that the base gave. ``settled``: what was committed in the end.
    """

    __tablename__ = "usage_reservations"

    environment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    key: Mapped[str] = mapped_column(String(_ENTRY_LENGTH), primary_key=True)
    gate: Mapped[str | None] = mapped_column(String(_KEY_LENGTH))
    feature: Mapped[str] = mapped_column(String(_KEY_LENGTH))
    user: Mapped[str] = mapped_column(String(_ID_LENGTH))
    units: Mapped[int]
    base_units: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    properties: Mapped[dict[str, Any] | None]
    receipt: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    settled: Mapped[int | None]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_usage_reservations_open",
            "environment_id",
            "customer",
            "feature",
            "expires_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_usage_reservations_due",
            "expires_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class UsageCrossingRow(Model):
    """A threshold that fired: once per window and percentage, 100 being the limit itself.

    ``announced`` is false while the customer's readers have yet to be told: when it fired, and again whenever a limit
    that was reached is reached no longer, or once more.
    """

    __tablename__ = "usage_crossings"

    environment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    feature: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    user: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    window: Mapped[str] = mapped_column(String(_WINDOW_LENGTH), primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    limit: Mapped[int]
    used: Mapped[int]
    at: Mapped[datetime]
    announced: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        Index(
            "ix_usage_crossings_unannounced",
            "environment_id",
            "customer",
            sqlite_where=text("NOT announced"),
            postgresql_where=text("NOT announced"),
        ),
    )


class UsageDayRow(Model):
    """What was used on one day in UTC, by the instants of use; it survives changes of plan and compaction."""

    __tablename__ = "usage_days"

    environment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    feature: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    user: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    units: Mapped[int]
    uses: Mapped[int]
    last_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_usage_days_day", "environment_id", "customer", "feature", "day"),
        {"postgresql_with": {"fillfactor": 60}},
    )


class UsageCompactionRow(Model):
    """How far an environment's old entries have been merged.

    ``done_until``: of every customer, all before it. ``running_until``: how far the present run goes, ``reached``: the
    last customer that it is done with.
    """

    __tablename__ = "usage_compactions"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    done_until: Mapped[datetime]
    running_until: Mapped[datetime]
    reached: Mapped[str] = mapped_column(String(_ID_LENGTH))
