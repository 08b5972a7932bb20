"""The versions of a plan or add-on with the number of accounts that have each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liftgate_server.admin.catalogue.parts import Kind
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.catalog.product_history import ProductVersion, product_history
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.plumbing.clock import now
from liftgate_server.publishing.holdings import holders

__all__ = ["HeldVersion", "held_versions", "listed_versions"]


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A version of a product and how many accounts have it, ``None`` while they were not counted."""

    version: ProductVersion
    accounts: int | None
    is_current: bool


def held_versions(bench: Workbench, kind: Kind, key: str) -> tuple[HeldVersion, ...]:
    """Return the versions of a product with who has them, the newest first."""
    held = holders(bench.environment_id, now())
    product = ProductKind(kind.subject)
    return _versions(
        bench, product, key, {version: count for (of, it, version), count in held.items() if (of, it) == (product, key)}
    )


def listed_versions(bench: Workbench, kind: Kind, key: str) -> tuple[HeldVersion, ...]:
    """Return the versions of a product, the newest first, and count nobody."""
    return _versions(bench, ProductKind(kind.subject), key, None)


def _versions(bench: Workbench, kind: ProductKind, key: str, held: Mapping[int, int] | None) -> tuple[HeldVersion, ...]:
    published = bench.published.plan_versions if kind is ProductKind.PLAN else bench.published.addon_versions
    return tuple(
        HeldVersion(it, None if held is None else held.get(it.version, 0), it.version == published.get(key))
        for it in product_history(bench.environment_id, kind, key)
    )
