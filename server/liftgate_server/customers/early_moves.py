"""Moving to today's version of one's own plan before the version that is held ends."""

from __future__ import annotations

from dataclasses import replace

from liftgate.engine.succession import standing
from liftgate_server.customers.choices import PlanWish, Situation, choose_current_version
from liftgate_server.customers.endings import endings_of, ends_by
from liftgate_server.customers.timeline import PlanChoice

__all__ = ["early_move", "is_early_move", "not_ended"]


def early_move(situation: Situation, wish: PlanWish) -> PlanChoice | None:
    """Return today's version of the plan to who orders it just as they have it, in a version that is going to end.

    More seats or another interval is an order like any other, and leaves the version that is held alone.
    """
    held = None if situation.plan is None else situation.plan.choice
    if held is None or held.plan != wish.plan or not _is_ending(situation, held):
        return None
    wanted = (wish.interval or held.interval, wish.quantity or held.quantity, wish.currency or held.currency)
    if wanted != (held.interval, held.quantity, held.currency):
        return None
    return choose_current_version(situation, held)


def is_early_move(situation: Situation, choice: PlanChoice) -> bool:
    """Tell whether the choice is a later version of what is held, which is going to end."""
    held = None if situation.plan is None else situation.plan.choice
    return (
        held is not None
        and (held.plan, held.interval, held.currency) == (choice.plan, choice.interval, choice.currency)
        and held.plan_version < choice.plan_version
        and _is_ending(situation, held)
    )


def not_ended(situation: Situation, choice: PlanChoice) -> PlanChoice:
    """Return what was ordered; where its version has ended since, the one that follows, at the price agreed on."""
    endings = endings_of(situation.environment_id, situation.snapshot())
    version = standing(endings.plans, choice.plan, choice.plan_version, at=situation.at).version
    return replace(choice, plan_version=version)


def _is_ending(situation: Situation, held: PlanChoice) -> bool:
    endings = endings_of(situation.environment_id, situation.snapshot())
    return ends_by(endings, held, at=situation.at) is not None
