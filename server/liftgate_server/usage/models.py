"""Tables of what hosts report. A customer or gate in them need not be known: hosts report before they upsert.

``gate_totals`` and ``refused_accounts`` say again what ``gate_hours`` says, so that pages need not add up every
customer's rows; one transaction writes all three.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import Model

__all__ = ["GateHourRow", "GateTotalRow", "RefusedAccountRow", "ReportBatchRow", "ReportedLevelRow"]

_ID_LENGTH = 128
_KEY_LENGTH = 64
_WORD_LENGTH = 32


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
