"""What may be started or bought today, whatever it would cost: nothing that is archived."""

from __future__ import annotations

from liftgate_server.customers.choices import Situation
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid

__all__ = ["check_addon_is_sold", "check_plan_is_sold", "trial_days_of"]


def check_plan_is_sold(situation: Situation, plan: str) -> None:
    """Refuse an archived plan to whoever does not hold it already."""
    held = situation.plan
    offered = situation.snapshot().catalogue.plans.get(plan)
    if offered is not None and offered.archived and (held is None or held.choice.plan != plan):
        raise _archived(f"The plan '{plan}'")


def check_addon_is_sold(situation: Situation, addon: str) -> None:
    """Refuse an archived add-on, and more of one that is held."""
    offered = situation.snapshot().catalogue.addons.get(addon)
    if offered is not None and offered.archived:
        raise _archived(f"The add-on '{addon}'")


def trial_days_of(situation: Situation, plan: str) -> int | None:
    """Return how long the plan may be tried; raises where it may not be."""
    offered = situation.snapshot().catalogue.plans.get(plan)
    if offered is None:
        return None  # the plan is refused where it is looked up
    if offered.trial is None:
        message = f"The plan '{plan}' has no trial; name 'trial_days' to give one."
        raise Invalid("no_trial", message, errors=[FieldError("trial", "not_allowed", message)])
    return offered.trial.days


def _archived(what: str) -> Conflict:
    return Conflict("archived", f"{what} is archived: who has it keeps it, and nobody else can have it.")
