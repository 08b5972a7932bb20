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
from liftgate_server.catalog.phrases import Language, say

__all__ = ["entitlement_words", "localised_words", "money_words", "price_words", "requirement_words"]


def entitlement_words(entitlement: Entitlement | None, kind: FeatureKind | None, language: Language = "en") -> str:
    """Say what is given of one feature, such as ``100 per month`` or ``not included``."""
    if entitlement is None:
        return say("not included", language)
    if entitlement.caps:
        return _joined([_cap_words(cap, language) for cap in entitlement.caps], language)
    if entitlement.value is not None:
        return str(entitlement.value)
    if kind is not None and kind.is_counted:
        return say("not included", language)
    return say("on" if entitlement.enabled else "off", language)


def _cap_words(cap: Cap, language: Language) -> str:
    return ", ".join(_cap_parts(cap, language))


def _cap_parts(cap: Cap, language: Language) -> Iterator[str]:
    amount = say("unlimited", language) if cap.limit is None else str(cap.limit)
    if cap.recurrence is not Recurrence.NEVER:
        amount = say(f"{{amount}} per {cap.recurrence}", language, amount=amount)
    yield say("{amount} for each user", language, amount=amount) if cap.scope is Scope.USER else amount
    if cap.anchor is Anchor.BILLING:
        yield say("counted from the billing day", language)
    if cap.time_zone is not None:
        yield say("in {zone}", language, zone=cap.time_zone)
    if cap.enforcement is Enforcement.SOFT:
        yield _softness_words(cap, language)
    if cap.warn_at:
        percents = _joined([say("{percent}%", language, percent=percent) for percent in cap.warn_at], language)
        yield say("warning at {percents}", language, percents=percents)
    if cap.display_limit is not None:
        yield say("shown as {limit}", language, limit=cap.display_limit)


def _softness_words(cap: Cap, language: Language) -> str:
    if cap.overage is None:
        return say("soft", language)
    return say("soft up to {units} over", language, units=cap.overage)


def _joined(parts: list[str], language: Language) -> str:
    joined = parts[0]
    for part in parts[1:]:
        joined = say("{one} and {other}", language, one=joined, other=part)
    return joined


def money_words(amount: int, currency: str, language: Language = "en") -> str:
    """Write minor units as an exact number, such as ``29.00 EUR``."""
    decimals = CURRENCY_DIGITS.get(currency, 2)
    if not decimals:
        return f"{amount} {currency}"
    whole, part = divmod(amount, 10**decimals)
    point = "," if language == "de" else "."
    return f"{whole}{point}{part:0{decimals}d} {currency}"


def price_words(price: Price, language: Language = "en") -> str:
    """Say a price, such as ``29.00 EUR per seat``; its interval is said by whoever lists it."""
    amount = money_words(price.amount, price.currency, language)
    return say("{price} per seat", language, price=amount) if price.per is PricePer.SEAT else amount


def localised_words(text: LocalisedText | None, of: str, language: Language = "en") -> str:
    """Return the text in the language ``of``, in quotes."""
    found = None if text is None else text.get(of)
    return say("none", language) if found is None else say("“{text}”", language, text=found)


def requirement_words(gate: Gate, language: Language = "en") -> str:
    """Say what a gate asks for, such as ``all of sso, 2 × boards``."""
    parts = ", ".join(_one_requirement(requirement, language) for requirement in gate.requirements)
    if len(gate.requirements) == 1:
        return parts
    return say("any of {parts}" if gate.match is Match.ANY else "all of {parts}", language, parts=parts)


def _one_requirement(requirement: Requirement, language: Language) -> str:
    if requirement.at_least is not None:
        return say("{feature} of at least {value}", language, feature=requirement.feature, value=requirement.at_least)
    if requirement.units == 0:
        return say("use of {feature}", language, feature=requirement.feature)
    return requirement.feature if requirement.units == 1 else f"{requirement.units} × {requirement.feature}"
