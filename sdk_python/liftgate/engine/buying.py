"""Who reads an offer, as far as prices depend on it."""

from __future__ import annotations

from datetime import datetime

from liftgate.engine.catalogue_model import AddOn, Recurrence
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.holdings import HeldPlan, is_running
from liftgate.engine.pricing import Buyer
from liftgate.engine.steps import Step, customer_currency

__all__ = ["buyer_of"]


def buyer_of(state: CustomerState, held: HeldPlan | None, step: Step | None, *, at: datetime, may_buy: bool) -> Buyer:
    """Return the buyer of a step: currency, seats and intervals as the customer has them at the instant."""
    phase = None if held is None else held.phase
    addon = None if step is None else step.addon
    return Buyer(
        may_buy,
        customer_currency(state, at),
        seats=1 if phase is None else phase.quantity,
        interval=None if phase is None else phase.interval,
        addon_interval=None if addon is None else _held_interval(state, addon, at),
    )


def _held_interval(state: CustomerState, addon: AddOn, at: datetime) -> Recurrence | None:
    running = (phase for phase in state.addons if is_running(phase.starts_at, phase.ends_at, at))
    return next((phase.interval for phase in running if phase.addon == addon.key), None)
