"""What gives an account its access, by the names people know: plans, add-ons and grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from liftgate.engine.catalogue_model import AddOn, Plan, Snapshot
from liftgate.engine.customer_state import CustomerState, Grant
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.formats import format_date
from liftgate.engine.reader import Reader
from liftgate_server.admin.framing import translate as _

__all__ = ["Sources", "sources_of"]

_Product = TypeVar("_Product", Plan, AddOn)


@dataclass(frozen=True, slots=True)
class Sources:
    """The names of what one account holds."""

    snapshot: Snapshot
    state: CustomerState
    reader: Reader
    grants: Mapping[str, Grant]

    def short(self, source: Source) -> str:
        """Return a name fit for a badge."""
        if source.kind in _GRANTED and source.key in self.grants:
            return self._granted(source)
        return self._product_name(source)[0]

    def long(self, source: Source) -> str:
        """Return the name with what a reader needs to find it: the version, the reason, the end."""
        if source.kind in _GRANTED and source.key in self.grants:
            return self._until(self._with_reason(self._granted(source), self.grants[source.key].reason), source)
        name, version = self._product_name(source)
        patterns = {
            SourceKind.PLAN: _("The plan {name} (version {version})", name=name, version=version),
            SourceKind.DEFAULT_PLAN: _("The default plan {name}", name=name),
            SourceKind.TRIAL: _("The trial of {name} (version {version})", name=name, version=version),
            SourceKind.ADDON: _("The add-on {name} (version {version})", name=name, version=version),
        }
        return self._until(patterns.get(source.kind, name), source)

    def _granted(self, source: Source) -> str:
        grant = self.grants[source.key]
        if source.kind is SourceKind.TRIAL and grant.plan is not None:
            plan = self.snapshot.catalogue.plans.get(grant.plan)
            return _("Trial of {name}", name=grant.plan if plan is None else self.reader.name(plan.name))
        return {
            SourceKind.OVERRIDE: _("Override"),
            SourceKind.PROMOTION: _("Promotion"),
            SourceKind.REVOKE: _("Revocation"),
        }.get(source.kind, _("Trial"))

    def _product_name(self, source: Source) -> tuple[str, str]:
        key, _at, version = source.key.partition("@")
        if source.kind is SourceKind.ADDON:
            addon = _version_of(source.key, version, self.snapshot.addon_versions, self.state.pinned_addons)
            found: Plan | AddOn | None = addon or self.snapshot.catalogue.addons.get(key)
        else:
            plan = _version_of(source.key, version, self.snapshot.plan_versions, self.state.pinned_plans)
            found = plan or self.snapshot.catalogue.plans.get(key)
        return (key if found is None else self.reader.name(found.name)), version

    def _until(self, name: str, source: Source) -> str:
        if source.ends_at is None:
            return name
        return _("{source}, until {day}", source=name, day=format_date(source.ends_at.date(), self.reader.formats))

    def _with_reason(self, name: str, reason: str | None) -> str:
        return name if reason is None else _("{source} (“{reason}”)", source=name, reason=reason)


_GRANTED = frozenset({SourceKind.OVERRIDE, SourceKind.PROMOTION, SourceKind.REVOKE, SourceKind.TRIAL})


def sources_of(snapshot: Snapshot, state: CustomerState, reader: Reader) -> Sources:
    """Return the names of what an account holds."""
    return Sources(snapshot, state, reader, {grant.id: grant for grant in state.grants})


def _version_of(name: str, version: str, current: Mapping[str, int], pinned: Mapping[str, _Product]) -> _Product | None:
    """Return the version that is pinned, ``None`` for the current one."""
    key = name.partition("@")[0]
    return None if str(current.get(key)) == version else pinned.get(name)
