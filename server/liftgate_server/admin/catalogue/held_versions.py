"""The versions of a plan or add-on with the number of accounts that have each."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.catalog.product_history import ProductVersion, product_history
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.plumbing.clock import now
from liftgate_server.publishing.holdings import holders

__all__ = ["HeldVersion", "held_versions"]


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A version of a product and how many accounts have it."""

    version: ProductVersion
    accounts: int
    is_current: bool


def held_versions(bench: Workbench, kind: ProductKind, key: str) -> tuple[HeldVersion, ...]:
    """Return the versions of a product, the newest first."""
    held = holders(bench.environment_id, now())
    published = bench.published.plan_versions if kind is ProductKind.PLAN else bench.published.addon_versions
    return tuple(
        HeldVersion(it, held.get((kind, key, it.version), 0), it.version == published.get(key))
        for it in product_history(bench.environment_id, kind, key)
    )
