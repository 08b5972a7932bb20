"""Old plan and add-on versions that customers still hold, kept when a newer snapshot arrives.

A state comes with the versions that the server's snapshot lacked at that moment. When a publication replaces a plan,
the states in the cache suddenly point at a version that only our own previous snapshot has; without it a paying
customer would look like one without a plan.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from liftgate.engine.catalogue_model import AddOn, Plan, Snapshot, Succession
    from liftgate.engine.customer_state import CustomerState

__all__ = ["VersionArchive", "is_complete"]

_Version = TypeVar("_Version", "Plan", "AddOn")

_MAX_ARCHIVED: Final = 2_000
"""Versions kept: hundreds of publications of a catalogue with a handful of plans."""


class VersionArchive:
    """The versions of earlier snapshots. Not thread-safe; the cache's lock guards it."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._addons: OrderedDict[str, AddOn] = OrderedDict()

    def remember(self, snapshot: Snapshot) -> None:
        """Keep the versions of a snapshot that is about to be replaced."""
        catalogue = snapshot.catalogue
        for key, plan in catalogue.plans.items():
            self._plans[f"{key}@{snapshot.plan_versions.get(key)}"] = plan
        for key, addon in catalogue.addons.items():
            self._addons[f"{key}@{snapshot.addon_versions.get(key)}"] = addon
        for archive in (self._plans, self._addons):
            while len(archive) > _MAX_ARCHIVED:
                archive.popitem(last=False)

    def complete(self, state: CustomerState, snapshot: Snapshot) -> CustomerState:
        """Pin to a state what it holds and neither it nor the snapshot has, as far as we know it."""
        plans = self._found(_missing_plans(state, snapshot), self._plans)
        addons = self._found(_missing_addons(state, snapshot), self._addons)
        if not plans and not addons:
            return state
        return replace(
            state,
            pinned_plans={**state.pinned_plans, **plans},
            pinned_addons={**state.pinned_addons, **addons},
        )

    @staticmethod
    def _found(names: Iterator[str], archive: Mapping[str, _Version]) -> dict[str, _Version]:
        return {name: archive[name] for name in names if name in archive}


def is_complete(state: CustomerState, snapshot: Snapshot) -> bool:
    """Whether every version that the state holds can be found."""
    return not any(_missing_plans(state, snapshot)) and not any(_missing_addons(state, snapshot))


def _missing_plans(state: CustomerState, snapshot: Snapshot) -> Iterator[str]:
    held = [(phase.plan, phase.plan_version) for phase in state.phases]
    held += [(grant.plan, grant.plan_version) for grant in state.grants if grant.plan and grant.plan_version]
    for plan, version in _with_what_follows(held, snapshot.plan_successions):
        if snapshot.plan_versions.get(plan) != version and f"{plan}@{version}" not in state.pinned_plans:
            yield f"{plan}@{version}"


def _missing_addons(state: CustomerState, snapshot: Snapshot) -> Iterator[str]:
    held = [(phase.addon, phase.addon_version) for phase in state.addons]
    for addon, version in _with_what_follows(held, snapshot.addon_successions):
        if snapshot.addon_versions.get(addon) != version and f"{addon}@{version}" not in state.pinned_addons:
            yield f"{addon}@{version}"


def _with_what_follows(held: list[tuple[str, int]], successions: Mapping[str, Succession]) -> Iterator[tuple[str, int]]:
    """Yield what is held and the versions that will be held in its place without anybody changing anything."""
    yield from held
    if not successions:
        return
    # The engine is loaded with the first data; without any there are no successions.
    from liftgate.engine.succession import later_versions  # noqa: PLC0415 - keeps the SDK's start free of the engine

    for key, version in held:
        yield from ((key, later) for later in later_versions(successions, key, version))
