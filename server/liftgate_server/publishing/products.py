"""Plans and add-ons as the texts that are on file."""

from __future__ import annotations

import orjson

from liftgate.engine.catalogue import read_addon, read_plan, write_addon, write_plan
from liftgate.engine.catalogue_model import AddOn, Catalogue, Plan
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.catalog.service import product_text

__all__ = ["Product", "read_product", "texts_of_addons", "texts_of_plans"]

Product = Plan | AddOn


def read_product(kind: ProductKind, key: str, document: str) -> Product:
    """Return the product of a document on file."""
    content = orjson.loads(document)
    if kind is ProductKind.PLAN:
        return read_plan(key, content, strict=False)
    return read_addon(key, content, strict=False)


def texts_of_plans(catalogue: Catalogue) -> dict[str, str]:
    """Return the text of every plan as it would be on file."""
    return {plan.key: product_text(write_plan(plan)) for plan in catalogue.plans.values()}


def texts_of_addons(catalogue: Catalogue) -> dict[str, str]:
    """Return the text of every add-on as it would be on file."""
    return {addon.key: product_text(write_addon(addon)) for addon in catalogue.addons.values()}
