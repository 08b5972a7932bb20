"""Parts of the draft in the words of whoever looks at the page: cells of the matrix, and the fields of a conflict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from liftgate.engine.catalogue import InvalidCatalogue, read_entitlement
from liftgate.engine.catalogue_model import Cap, Catalogue, Enforcement, Entitlement, Feature
from liftgate.engine.formats import format_money
from liftgate.engine.reader import Reader
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import entitlement_words
from liftgate_server.catalog.drafts import REMOVED
from liftgate_server.catalog.yaml_writer import write_yaml

__all__ = ["Given", "field_words", "given_words", "value_words"]


@dataclass(frozen=True, slots=True)
class Given:
    """What is given of a feature: ``state`` is on, off, limit, unlimited or value; ``full`` says all of it."""

    state: str
    lines: tuple[str, ...] = ()
    is_soft: bool = False
    full: str = ""


def given_words(feature: Feature, entitlement: Entitlement | None, reader: Reader) -> Given:
    """Return what a plan or add-on gives, one limit a line and the fine points only in the full words."""
    full = entitlement_words(feature, entitlement, reader)
    if entitlement is None:
        return Given("off", full=full)
    if feature.kind.is_counted and entitlement.caps:
        unlimited = all(cap.limit is None for cap in entitlement.caps)
        lines = tuple(
            entitlement_words(feature, replace(entitlement, caps=(_bare(cap),)), reader) for cap in entitlement.caps
        )
        soft = any(cap.enforcement is Enforcement.SOFT for cap in entitlement.caps)
        return Given("unlimited" if unlimited else "limit", lines, soft, full)
    if not feature.kind.is_counted and entitlement.value is not None:
        return Given("value", (full,), full=full)
    return Given("on" if entitlement.enabled else "off", full=full)


def field_words(path: Sequence[str]) -> tuple[str, str]:
    """Return of what thing, and of which field of it, a path of the document speaks."""
    sections: Final = {
        "features": _("Feature"),
        "plans": _("Plan"),
        "addons": _("Add-on"),
        "gates": _("Gate"),
        "texts": _("Offer text"),
    }
    if len(path) == 1 or path[0] not in sections:
        return _("Catalogue"), _field(path)
    return f"{sections[path[0]]} {path[1]}", _field(path[2:])


def value_words(path: Sequence[str], value: object, catalogue: Catalogue, reader: Reader) -> str:
    """Return a value that stands at a path as a person reads it."""
    if value is REMOVED:
        return _("nothing")
    if len(path) > 1 and path[-2] == "entitlements":
        return _entitlement_value(path[-1], value, catalogue, reader)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if path[-1] == "prices" and isinstance(value, list):
        return "; ".join(_price_value(price, reader) for price in value) or _("nothing")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return write_yaml(value).strip() if isinstance(value, Mapping) else str(value)


def _field(path: Sequence[str]) -> str:
    if not path:
        return _("as a whole")
    fields: Final = {
        "name": _("Name"),
        "description": _("Description"),
        "rank": _("Rank"),
        "prices": _("Prices"),
        "trial": _("Trial"),
        "entitlements": _("Entitlement"),
        "max_quantity": _("Largest quantity"),
        "plans": _("Plans"),
        "kind": _("Kind"),
        "unit": _("Unit"),
        "values": _("Values"),
        "requires": _("Requires"),
        "mode": _("Mode"),
        "on_failure": _("Without data"),
        "placement": _("Placement"),
        "archived": _("Archived"),
        "languages": _("Languages"),
        "time_zone": _("Time zone"),
        "default_plan": _("Default plan"),
    }
    return " · ".join((fields.get(path[0], path[0]), *path[1:]))


def _bare(cap: Cap) -> Cap:
    return Cap(limit=cap.limit, recurrence=cap.recurrence, scope=cap.scope)


def _entitlement_value(key: str, value: object, catalogue: Catalogue, reader: Reader) -> str:
    feature = catalogue.features.get(key)
    try:
        return str(value) if feature is None else entitlement_words(feature, read_entitlement(feature, value), reader)
    except InvalidCatalogue:
        return str(value)


def _price_value(price: object, reader: Reader) -> str:
    if not isinstance(price, Mapping):
        return str(price)
    money = format_money(price["amount"], price["currency"], reader.formats)
    interval = _("per year") if price.get("interval") == "year" else _("per month")
    seat = f" {_('per seat')}" if price.get("per") == "seat" else ""
    return f"{money}{seat} {interval}"
