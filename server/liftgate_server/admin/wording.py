"""What the catalogue holds, in the words of whoever looks at a page: amounts, prices, requirements, periods of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from liftgate.engine.catalogue_model import (
    Anchor,
    Cap,
    Catalogue,
    Enforcement,
    Entitlement,
    Feature,
    FeatureKind,
    Gate,
    LocalisedText,
    Match,
    Price,
    PricePer,
    Recurrence,
    Requirement,
)
from liftgate.engine.format_tables import FORMATS
from liftgate.engine.formats import choose_language, find_language, format_money, format_number, format_percent
from liftgate.engine.reader import Reader
from liftgate.engine.texts import TEXTS
from liftgate.engine.wording import value_text, wording_of
from liftgate_server.admin.framing import translate as _

__all__ = [
    "amount_words",
    "entitlement_words",
    "gate_name",
    "interval_words",
    "listed",
    "name_of",
    "period_options",
    "price_words",
    "product_name",
    "reader_for_pages",
    "requirement_words",
]


@lru_cache(maxsize=64)
def reader_for_pages(language: str, catalogue_languages: tuple[str, ...]) -> Reader:
    """Return the reader of a page: our words in the visitor's language, names in it where the catalogue has them."""
    copy = choose_language(language, tuple(TEXTS))
    return Reader(language, copy, find_language(language, tuple(FORMATS)) or copy, catalogue_languages)


def name_of(text: LocalisedText | None, key: str, reader: Reader) -> str:
    """Return what something is called, its key where it has no name."""
    return reader.name(text) if text else key


def product_name(catalogue: Catalogue, key: str, reader: Reader) -> str | None:
    """Return the name of a plan or add-on, ``None`` for one that the catalogue does not have."""
    found = catalogue.plans.get(key) or catalogue.addons.get(key)
    return None if found is None else reader.name(found.name)


def gate_name(catalogue: Catalogue, key: str, reader: Reader) -> str:
    """Return the name of a gate; a feature is a gate by its own key, and one that is not known is called by its key."""
    found = catalogue.gates.get(key) or catalogue.features.get(key)
    return key if found is None else name_of(found.name, key, reader)


def entitlement_words(
    feature: Feature | None, entitlement: Entitlement | None, reader: Reader, *, times: int = 1
) -> str:
    """Say what is given of one feature, such as ``100 per month`` or ``not included``."""
    if entitlement is None or feature is None:
        return _("not included")
    if feature.kind is FeatureKind.SWITCH:
        return _("on") if entitlement.enabled else _("off")
    if feature.kind is FeatureKind.SETTING:
        return _("not included") if entitlement.value is None else value_text(entitlement.value, reader)
    if not entitlement.caps:
        return _("not included")
    return listed([_cap_words(feature, cap, reader, times) for cap in entitlement.caps])


def amount_words(count: int | None, reader: Reader) -> str:
    """Write a number, or that there is no limit."""
    return _("unlimited") if count is None else format_number(count, reader.formats)


def price_words(price: Price, reader: Reader) -> str:
    """Say a price with its interval, such as ``€29 per seat and month``."""
    money = format_money(price.amount, price.currency, reader.formats)
    return _("{price} {per}", price=money, per=interval_words(price.interval, price.per))


def interval_words(interval: Recurrence, per: PricePer = PricePer.ACCOUNT) -> str:
    """Say how often something is paid, and whether by the seat."""
    if per is PricePer.SEAT:
        return _("per seat and year") if interval is Recurrence.YEAR else _("per seat and month")
    return _("per year") if interval is Recurrence.YEAR else _("per month")


def period_options() -> list[tuple[str, str]]:
    """Return how often a limit can start anew, for a field to choose from."""
    return [
        (Recurrence.MINUTE.value, _("minute")),
        (Recurrence.HOUR.value, _("hour")),
        (Recurrence.DAY.value, _("day")),
        (Recurrence.WEEK.value, _("week")),
        (Recurrence.MONTH.value, _("month")),
        (Recurrence.QUARTER.value, _("quarter")),
        (Recurrence.YEAR.value, _("year")),
        (Recurrence.NEVER.value, _("never again (once for all)")),
    ]


def requirement_words(gate: Gate, names: dict[str, str], reader: Reader) -> str:
    """Say what a gate asks for; ``names`` are those of the features."""
    parts = [_one_requirement(requirement, names, reader) for requirement in gate.requirements]
    return listed(parts, last=_("or") if gate.match is Match.ANY else _("and"))


def listed(parts: list[str] | tuple[str, ...], *, last: str | None = None) -> str:
    """Join parts as a sentence does, ``and`` before the last one unless told otherwise."""
    if len(parts) < 2:  # noqa: PLR2004 - a list has two
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last or _('and')} {parts[-1]}"


def _one_requirement(requirement: Requirement, names: dict[str, str], reader: Reader) -> str:
    name = names.get(requirement.feature, requirement.feature)
    if requirement.at_least is not None:
        return _("{feature} of at least {value}", feature=name, value=value_text(requirement.at_least, reader))
    if requirement.units == 1:
        return name
    return _("{count} × {feature}", count=format_number(requirement.units, reader.formats), feature=name)


def _cap_words(feature: Feature, cap: Cap, reader: Reader, times: int) -> str:
    notes = list(_cap_notes(cap, reader))
    if cap.limit is None:
        amount = _("unlimited")
    else:
        # What readers are shown instead is told as a note: here the limit that holds is meant.
        plain = replace(cap, display_limit=None)
        amount = wording_of(feature, reader).given((plain,), times=times, bare=True) or "0"
    return f"{amount} ({', '.join(notes)})" if notes else amount


def _cap_notes(cap: Cap, reader: Reader) -> Iterator[str]:
    if cap.anchor is Anchor.BILLING:
        yield _("from the billing day")
    if cap.time_zone is not None:
        yield cap.time_zone
    if cap.enforcement is Enforcement.SOFT:
        overage = None if cap.overage is None else format_number(cap.overage, reader.formats)
        yield _("soft") if overage is None else _("soft, refuses {overage} over", overage=overage)
    if cap.warn_at:
        yield _("warns at {levels}", levels=listed([format_percent(level, reader.formats) for level in cap.warn_at]))
    if cap.display_limit is not None:
        yield _("shown as {limit}", limit=format_number(cap.display_limit, reader.formats))
