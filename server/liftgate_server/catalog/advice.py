"""Whether the plans make sense beside each other: the distance between tiers, before anybody is asked to pay for it.

Pure. Plans are compared with the next one by rank; archived plans are not sold, so nobody compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from liftgate.engine.catalogue_model import Catalogue, Feature, Plan
from liftgate_server.catalog.generosity import compare_entitlements, is_worth_paying_for
from liftgate_server.catalog.words import entitlement_words, money_words

__all__ = ["TierWarning", "WarningCode", "tier_warnings"]


class WarningCode(StrEnum):
    """What is odd about a plan beside a lower one."""

    NOTHING_NEW = "nothing_new"
    HARDLY_DIFFERENT = "hardly_different"
    GIVES_LESS = "gives_less"
    LACKS_FEATURE = "lacks_feature"
    NOT_DEARER = "not_dearer"


@dataclass(frozen=True, slots=True)
class TierWarning:
    """One oddity: ``plan`` is the higher one, ``other`` the lower. ``values`` hold what the sentence is made of.

    - ``lacks_feature``, ``gives_less``: ``feature``, ``lower``, ``higher`` (what each gives, in words);
    - ``hardly_different``: ``features``, in which the plan gives more, but less than twice as much;
    - ``not_dearer``: ``interval``, ``currency``, ``lower``, ``higher`` (amounts in minor units, as text).
    """

    code: WarningCode
    plan: str
    other: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


def tier_warnings(catalogue: Catalogue) -> tuple[TierWarning, ...]:
    """List what is odd about each plan beside the next lower one, from the lowest pair up."""
    sold = sorted((plan for plan in catalogue.plans.values() if not plan.archived), key=lambda plan: plan.rank)
    features = {key: feature for key, feature in catalogue.features.items() if not feature.archived}
    return tuple(
        warning for lower, higher in pairwise(sold) for warning in _warnings(features, lower=lower, higher=higher)
    )


def _warnings(features: Mapping[str, Feature], *, lower: Plan, higher: Plan) -> Iterator[TierWarning]:
    steps = {
        key: compare_entitlements(feature, lower.entitlements.get(key), higher.entitlements.get(key))
        for key, feature in features.items()
    }
    gained = [features[key] for key, step in steps.items() if step.gains]
    yield from _distance(gained, lower=lower, higher=higher)
    for key, step in steps.items():
        if step.loses:
            yield _shortfall(features[key], lower=lower, higher=higher)
    yield from _prices(lower=lower, higher=higher)


def _distance(gained: list[Feature], *, lower: Plan, higher: Plan) -> Iterator[TierWarning]:
    if not gained:
        message = f"Plan {higher.key} gives nothing that {lower.key} does not give."
        yield TierWarning(WarningCode.NOTHING_NEW, higher.key, lower.key, message)
    elif not any(_is_noticed(feature, lower=lower, higher=higher) for feature in gained):
        names = ", ".join(feature.key for feature in gained)
        message = f"Plan {higher.key} hardly differs from {lower.key}: it gives only a little more of {names}."
        yield TierWarning(WarningCode.HARDLY_DIFFERENT, higher.key, lower.key, message, {"features": names})


def _is_noticed(feature: Feature, *, lower: Plan, higher: Plan) -> bool:
    return is_worth_paying_for(feature, lower.entitlements.get(feature.key), higher.entitlements.get(feature.key))


def _shortfall(feature: Feature, *, lower: Plan, higher: Plan) -> TierWarning:
    less, more = higher.entitlements.get(feature.key), lower.entitlements.get(feature.key)
    values = {
        "feature": feature.key,
        "lower": entitlement_words(more, feature.kind),
        "higher": entitlement_words(less, feature.kind),
    }
    if compare_entitlements(feature, None, less).gains:
        message = (
            f"Plan {higher.key} has less of {feature.key} ({values['higher']}) than {lower.key} ({values['lower']})."
        )
        return TierWarning(WarningCode.GIVES_LESS, higher.key, lower.key, message, values)
    message = f"Plan {higher.key} lacks {feature.key}, which {lower.key} has."
    return TierWarning(WarningCode.LACKS_FEATURE, higher.key, lower.key, message, values)


def _prices(*, lower: Plan, higher: Plan) -> Iterator[TierWarning]:
    above = {(price.interval, price.currency, price.per): price.amount for price in higher.prices}
    for price in lower.prices:
        amount = above.get((price.interval, price.currency, price.per))
        if amount is None or amount > price.amount:
            continue
        values = {
            "interval": price.interval.value,
            "currency": price.currency,
            "lower": str(price.amount),
            "higher": str(amount),
        }
        message = (
            f"Plan {higher.key} is not dearer than {lower.key}: {money_words(amount, price.currency)} and "
            f"{money_words(price.amount, price.currency)} a {price.interval}."
        )
        yield TierWarning(WarningCode.NOT_DEARER, higher.key, lower.key, message, values)
