"""The rules of a catalogue that hold between its parts."""

from __future__ import annotations

from collections import Counter

from liftgate.engine.catalogue_model import Catalogue, Gate, Match, Plan
from liftgate.engine.document_reader import Fields, ProblemCode, shown

__all__ = ["check_catalogue"]


def check_catalogue(fields: Fields, catalogue: Catalogue) -> None:
    """Note what does not fit together."""
    _check_ranks(fields, catalogue)
    if catalogue.default_plan is not None:
        _check_plan(fields, "default_plan", catalogue.default_plan, catalogue)
        _check_default_plan(fields, catalogue.plans.get(catalogue.default_plan))
    for addon in catalogue.addons.values():
        for index, plan in enumerate(addon.plans or ()):
            _check_plan(fields, f"addons.{addon.key}.plans[{index}]", plan, catalogue)
    for gate in catalogue.gates.values():
        _check_gate(fields, gate, catalogue)


def _check_ranks(fields: Fields, catalogue: Catalogue) -> None:
    taken: dict[int, str] = {}
    noted = {problem.path for problem in fields.problems.in_order()}
    for plan in catalogue.plans.values():
        path = f"plans.{plan.key}.rank"
        # A rank that could not be read stands as 0 and must not collide with a real 0.
        if fields.at(path) in noted or fields.at(f"plans.{plan.key}") in noted:
            continue
        if plan.rank in taken:
            message = f"Rank {plan.rank} belongs to the plan {shown(taken[plan.rank])} already; ranks are unique."
            fields.refuse(path, ProblemCode.DUPLICATE, message)
        taken.setdefault(plan.rank, plan.key)


def _check_plan(fields: Fields, path: str, key: str, catalogue: Catalogue) -> None:
    if key and key not in catalogue.plans:
        message = f"There is no plan {shown(key)}.{fields.problems.suggestion(key, catalogue.plans)}"
        fields.refuse(path, ProblemCode.UNKNOWN_REFERENCE, message)


def _check_default_plan(fields: Fields, plan: Plan | None) -> None:
    if plan is not None and plan.archived:
        message = f"The plan {shown(plan.key)} is archived; new customers need one that is not."
        fields.refuse("default_plan", ProblemCode.NOT_ALLOWED, message)


def _check_gate(fields: Fields, gate: Gate, catalogue: Catalogue) -> None:
    path = f"gates.{gate.key}.requires"
    features = [requirement.feature for requirement in gate.requirements if requirement.feature]
    if gate.key in catalogue.features and features and features != [gate.key]:
        message = f"A gate with the key of the feature {shown(gate.key)} must require just that feature."
        fields.refuse(path, ProblemCode.NOT_ALLOWED, message)
    for feature, times in Counter(features).items():
        if times > 1:
            message = f"The feature {shown(feature)} is required {times} times; once is enough."
            fields.refuse(path, ProblemCode.DUPLICATE, message)
    _check_meters(fields, path, gate, catalogue)


def _check_meters(fields: Fields, path: str, gate: Gate, catalogue: Catalogue) -> None:
    counted = {
        requirement.feature
        for requirement in gate.requirements
        if requirement.feature in catalogue.features and catalogue.features[requirement.feature].kind.is_counted
    }
    if gate.match is Match.ALL and len(counted) > 1:
        names = ", ".join(sorted(counted))
        message = f"A gate counts at most one feature, but this one needs all of {names}."
        fields.refuse(path, ProblemCode.NOT_ALLOWED, message)
