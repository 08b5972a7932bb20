"""Writing of a catalogue as the document it is read from, in its shortest form."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import (
    AddOn,
    Catalogue,
    Entitlement,
    FailPolicy,
    Feature,
    Gate,
    GateMode,
    Match,
    Plan,
    Price,
    PricePer,
    Requirement,
)
from liftgate.engine.entitlement_document import write_entitlement_of, write_explicit_entitlement
from liftgate.engine.feature_document import write_feature, write_value_metric

__all__ = ["write_addon_document", "write_catalogue_document", "write_plan_document"]

Document = dict[str, object]


def write_catalogue_document(catalogue: Catalogue) -> Document:
    """Return the normal form: the order of the document kept, defaults left out, shorthands where they lose nothing."""
    document: Document = {"schema": 1, "languages": list(catalogue.languages)}
    if catalogue.time_zone != "UTC":
        document["time_zone"] = catalogue.time_zone
    if catalogue.default_plan is not None:
        document["default_plan"] = catalogue.default_plan
    features = catalogue.features
    parts: dict[str, Document] = {
        "features": {key: write_feature(feature) for key, feature in features.items()},
        "value_metrics": {key: write_value_metric(metric) for key, metric in catalogue.value_metrics.items()},
        "plans": {key: write_plan_document(plan, features) for key, plan in catalogue.plans.items()},
        "addons": {key: write_addon_document(addon, features) for key, addon in catalogue.addons.items()},
        "gates": {key: _write_gate(gate) for key, gate in catalogue.gates.items()},
        "texts": {
            offer: {slot: dict(text) for slot, text in slots.items()} for offer, slots in catalogue.texts.items()
        },
    }
    document.update({name: part for name, part in parts.items() if part})
    return document


def write_plan_document(plan: Plan, features: Mapping[str, Feature] | None) -> Document:
    """Return a plan, its entitlements in the explicit form when there are no features to read them by."""
    document: Document = {"name": dict(plan.name), "rank": plan.rank}
    _write_description_and_prices(document, plan)
    if plan.trial is not None:
        document["trial"] = {"days": plan.trial.days}
    _write_entitlements(document, plan, features)
    return _write_archived(document, plan)


def write_addon_document(addon: AddOn, features: Mapping[str, Feature] | None) -> Document:
    """Return an add-on, its entitlements in the explicit form when there are no features to read them by."""
    document: Document = {"name": dict(addon.name)}
    _write_description_and_prices(document, addon)
    if addon.max_quantity != 1:
        document["max_quantity"] = addon.max_quantity
    if addon.plans is not None:
        document["plans"] = list(addon.plans)
    _write_entitlements(document, addon, features)
    return _write_archived(document, addon)


def _write_archived(document: Document, source: Plan | AddOn | Gate) -> Document:
    if source.archived:
        document["archived"] = True
    return document


def _write_description_and_prices(document: Document, source: Plan | AddOn) -> None:
    if source.description is not None:
        document["description"] = dict(source.description)
    if source.prices:
        document["prices"] = [_write_price(price) for price in source.prices]


def _write_entitlements(document: Document, source: Plan | AddOn, features: Mapping[str, Feature] | None) -> None:
    if source.entitlements:
        document["entitlements"] = {
            key: _write_entitlement(entitlement, features) for key, entitlement in source.entitlements.items()
        }


def _write_entitlement(entitlement: Entitlement, features: Mapping[str, Feature] | None) -> object:
    if features is None:
        return write_explicit_entitlement(entitlement)
    return write_entitlement_of(features[entitlement.feature], entitlement)


def _write_price(price: Price) -> Document:
    document: Document = {
        "interval": price.interval.value,
        "currency": price.currency,
        "amount": price.amount,
    }
    if price.per is not PricePer.ACCOUNT:
        document["per"] = price.per.value
    return document


def _write_gate(gate: Gate) -> Document:
    document: Document = {}
    if gate.name is not None:
        document["name"] = dict(gate.name)
    document["requires"] = _write_requires(gate)
    if gate.mode is not GateMode.ENFORCE:
        document["mode"] = gate.mode.value
    if gate.on_failure is not FailPolicy.CLOSED:
        document["on_failure"] = gate.on_failure.value
    if gate.placement is not None:
        document["placement"] = gate.placement
    return _write_archived(document, gate)


def _write_requires(gate: Gate) -> object:
    items = [_write_requirement(requirement) for requirement in gate.requirements]
    # A single requirement of "all" is what the short form means.
    if gate.match is Match.ALL and len(items) == 1:
        return items[0]
    return {gate.match.value: items}


def _write_requirement(requirement: Requirement) -> object:
    document: Document = {"feature": requirement.feature}
    if requirement.units != 1:
        document["units"] = requirement.units
    if requirement.at_least is not None:
        document["at_least"] = requirement.at_least
    return document if len(document) > 1 else requirement.feature
