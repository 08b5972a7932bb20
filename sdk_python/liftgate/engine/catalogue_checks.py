"""The rules of a catalogue that hold between its parts."""

from __future__ import annotations

from collections import Counter

from liftgate.engine.catalogue_model import Catalogue, Gate, Match
from liftgate.engine.document_reader import ProblemCode, Problems, shown

__all__ = ["check_catalogue"]


def check_catalogue(problems: Problems, catalogue: Catalogue) -> None:
    """Note what does not fit together."""
    _check_ranks(problems, catalogue)
    if catalogue.default_plan is not None:
        _check_plan(problems, "default_plan", catalogue.default_plan, catalogue)
    for addon in catalogue.addons.values():
        for index, plan in enumerate(addon.plans or ()):
            _check_plan(problems, f"addons.{addon.key}.plans[{index}]", plan, catalogue)
    for gate in catalogue.gates.values():
        _check_gate(problems, gate, catalogue)


def _check_ranks(problems: Problems, catalogue: Catalogue) -> None:
    taken: dict[int, str] = {}
    noted = {problem.path for problem in problems.in_order()}
    for plan in catalogue.plans.values():
        path = f"plans.{plan.key}.rank"
        # A rank that could not be read stands as 0 and must not collide with a real 0.
        if path in noted or f"plans.{plan.key}" in noted:
            continue
        if plan.rank in taken:
            message = f"Rank {plan.rank} belongs to the plan {shown(taken[plan.rank])} already; ranks are unique."
            problems.add(path, ProblemCode.DUPLICATE, message)
        taken.setdefault(plan.rank, plan.key)


def _check_plan(problems: Problems, path: str, key: str, catalogue: Catalogue) -> None:
    if key and key not in catalogue.plans:
        message = f"There is no plan {shown(key)}.{problems.suggestion(key, catalogue.plans)}"
        problems.add(path, ProblemCode.UNKNOWN_REFERENCE, message)


def _check_gate(problems: Problems, gate: Gate, catalogue: Catalogue) -> None:
    path = f"gates.{gate.key}.requires"
    features = [requirement.feature for requirement in gate.requirements if requirement.feature]
    if gate.key in catalogue.features and features and features != [gate.key]:
        message = f"A gate with the key of the feature {shown(gate.key)} must require just that feature."
        problems.add(path, ProblemCode.NOT_ALLOWED, message)
    for feature, times in Counter(features).items():
        if times > 1:
            message = f"The feature {shown(feature)} is required {times} times; once is enough."
            problems.add(path, ProblemCode.DUPLICATE, message)
    _check_meters(problems, path, gate, catalogue)


def _check_meters(problems: Problems, path: str, gate: Gate, catalogue: Catalogue) -> None:
    counted = {
        requirement.feature
        for requirement in gate.requirements
        if requirement.feature in catalogue.features and catalogue.features[requirement.feature].kind.is_counted
    }
    if gate.match is Match.ALL and len(counted) > 1:
        names = ", ".join(sorted(counted))
        message = f"A gate counts at most one feature, but this one needs all of {names}."
        problems.add(path, ProblemCode.NOT_ALLOWED, message)
