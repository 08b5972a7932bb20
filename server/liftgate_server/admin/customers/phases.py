"""A subscription over time as lines of a page: what was held, what is, and what will be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liftgate.engine.catalogue_model import PricePer
from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.state_words import Badge, status_badge
from liftgate_server.admin.framing import ngettext
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.printing import print_money
from liftgate_server.admin.wording import interval_words, product_name
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.customers.timeline import AddOnHolding, PlanHolding, Timeline, holds

__all__ = ["PhaseLine", "PhaseTime", "money_words", "phase_lines", "plan_words"]

# Older ones say nothing about today; the ledger keeps what they were worth.
_MOST_PAST = 8


class PhaseTime(StrEnum):
    PAST = "past"
    NOW = "now"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A plan or add-on held over a stretch of time. ``status`` is ``None`` for add-ons."""

    name: str
    version: int
    details: str
    price: str
    status: Badge | None
    starts_at: datetime
    ends_at: datetime | None
    time: PhaseTime


def phase_lines(environment_id: int, timeline: Timeline, reader: Reader, *, at: datetime) -> tuple[PhaseLine, ...]:
    """Return the phases, what comes next first and the past last."""
    catalogue = current_snapshot(environment_id).catalogue
    holdings: list[PlanHolding | AddOnHolding] = [*timeline.plans, *timeline.addons]
    lines = [_line(holding, product_name(catalogue, _key(holding), reader), at) for holding in holdings]
    lines.sort(key=lambda line: line.starts_at, reverse=True)
    order = (PhaseTime.NEXT, PhaseTime.NOW, PhaseTime.PAST)
    sorted_lines = [line for time in order for line in lines if line.time is time]
    past = sum(line.time is PhaseTime.PAST for line in sorted_lines)
    return tuple(sorted_lines[: len(sorted_lines) - max(0, past - _MOST_PAST)])


def plan_words(holding: PlanHolding) -> str:
    """Say how a plan is held, such as ``per month · 3 seats``."""
    return " · ".join(_details(holding))


def money_words(amount: int, currency: str) -> str:
    """Write an amount, or that nothing is paid."""
    return print_money(amount, currency) if amount else _("free")


def _key(holding: PlanHolding | AddOnHolding) -> str:
    return holding.choice.plan if isinstance(holding, PlanHolding) else holding.choice.addon


def _line(holding: PlanHolding | AddOnHolding, name: str | None, at: datetime) -> PhaseLine:
    choice = holding.choice
    return PhaseLine(
        name=name or _key(holding),
        version=holding.choice.plan_version if isinstance(holding, PlanHolding) else holding.choice.addon_version,
        details=" · ".join(_details(holding)),
        price=money_words(choice.amount, choice.currency),
        status=status_badge(holding.status) if isinstance(holding, PlanHolding) else None,
        starts_at=holding.starts_at,
        ends_at=holding.ends_at,
        time=_time(holding, at),
    )


def _details(holding: PlanHolding | AddOnHolding) -> Iterator[str]:
    choice = holding.choice
    yield interval_words(choice.interval)
    if not isinstance(holding, PlanHolding):
        yield _("add-on × {count}", count=choice.quantity)
    elif choice.quantity > 1 or holding.choice.per is PricePer.SEAT:
        yield ngettext("{count} seat", "{count} seats", choice.quantity)


def _time(holding: PlanHolding | AddOnHolding, at: datetime) -> PhaseTime:
    if holds(holding, at):
        return PhaseTime.NOW
    return PhaseTime.NEXT if holding.starts_at > at else PhaseTime.PAST
