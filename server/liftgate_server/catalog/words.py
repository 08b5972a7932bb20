"""Parts of a catalogue in plain words, for the list of changes a person reads before publishing."""

from __future__ import annotations

from collections.abc import Iterator

from liftgate.engine.catalogue_model import (
    Anchor,
    Cap,
    Enforcement,
    Entitlement,
    FeatureKind,
    Gate,
    LocalisedText,
    Match,
    Price,
    PricePer,
    Recurrence,
    Requirement,
    Scope,
)
from liftgate.engine.format_tables import CURRENCY_DIGITS

__all__ = ["entitlement_words", "localised_words", "money_words", "price_words", "requirement_words"]


def entitlement_words(entitlement: Entitlement | None, kind: FeatureKind | None) -> str:
    """Say what is given of one feature, such as ``100 per month`` or ``not included``."""
    if entitlement is None:
        return "not included"
    if entitlement.caps:
        return " and ".join(_cap_words(cap) for cap in entitlement.caps)
    if entitlement.value is not None:
        return str(entitlement.value)
    if kind is not None and kind.is_counted:
        return "not included"
    return "on" if entitlement.enabled else "off"


def _cap_words(cap: Cap) -> str:
    return ", ".join(_cap_parts(cap))


def _cap_parts(cap: Cap) -> Iterator[str]:
    amount = "unlimited" if cap.limit is None else str(cap.limit)
    if cap.recurrence is not Recurrence.NEVER:
        amount += f" per {cap.recurrence}"
    yield amount + (" for each user" if cap.scope is Scope.USER else "")
    if cap.anchor is Anchor.BILLING:
        yield "counted from the billing day"
    if cap.time_zone is not None:
        yield f"in {cap.time_zone}"
    if cap.enforcement is Enforcement.SOFT:
        yield "soft" if cap.overage is None else f"soft up to {cap.overage} over"
    if cap.warn_at:
        yield "warning at " + " and ".join(f"{percent} %" for percent in cap.warn_at)
    if cap.display_limit is not None:
        yield f"shown as {cap.display_limit}"


def money_words(amount: int, currency: str) -> str:
    """Write minor units as an exact number, such as ``29.00 EUR``."""
    decimals = CURRENCY_DIGITS.get(currency, 2)
    if not decimals:
        return f"{amount} {currency}"
    whole, part = divmod(amount, 10**decimals)
    return f"{whole}.{part:0{decimals}d} {currency}"


def price_words(price: Price) -> str:
    """Say a price, such as ``29.00 EUR per seat``; its interval is said by whoever lists it."""
    seats = " per seat" if price.per is PricePer.SEAT else ""
    return money_words(price.amount, price.currency) + seats


def localised_words(text: LocalisedText | None, language: str) -> str:
    """Return the text of one language in quotes."""
    found = None if text is None else text.get(language)
    return "none" if found is None else f"“{found}”"


def requirement_words(gate: Gate) -> str:
    """Say what a gate asks for, such as ``all of sso, 2 × boards``."""
    parts = ", ".join(_one_requirement(requirement) for requirement in gate.requirements)
    if len(gate.requirements) == 1:
        return parts
    return f"{'any' if gate.match is Match.ANY else 'all'} of {parts}"


def _one_requirement(requirement: Requirement) -> str:
    if requirement.at_least is not None:
        return f"{requirement.feature} of at least {requirement.at_least}"
    return requirement.feature if requirement.units == 1 else f"{requirement.units} × {requirement.feature}"
