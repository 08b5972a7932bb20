"""The terms of a publication as a form: whom it is for, from when, with which notice and which incentive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from liftgate.engine.catalogue import InvalidCatalogue, read_entitlement
from liftgate.engine.catalogue_model import Catalogue, FeatureKind, Incentive
from liftgate_server.admin.moments import read_day
from liftgate_server.plumbing.errors import FieldError, Invalid
from liftgate_server.publishing.facts import Audience, Terms

__all__ = ["TERMS_FIELDS", "TermsReading", "read_terms", "terms_defaults", "terms_of_form"]

TERMS_FIELDS: Final = (
    "audience",
    "starts_at",
    "notice_days",
    "incentive.feature",
    "incentive.amount",
    "incentive.days",
)
_MOST_DAYS: Final = 3650


@dataclass(slots=True)
class TermsReading:
    """What stands in the form so far, and what is wrong with it."""

    terms: Terms = field(default_factory=Terms)
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, name: str, message: str) -> None:
        self.errors.append(FieldError(name, "bad_value", message))


def terms_defaults() -> dict[str, str]:
    """Return the form as it stands before anybody chose: new customers only."""
    usual = Terms()
    return {
        "audience": usual.audience.value,
        "starts_at": "",
        "notice_days": str(usual.notice_days),
        "incentive.feature": "",
        "incentive.amount": "",
        "incentive.days": "30",
    }


def terms_of_form(fields: Mapping[str, str], catalogue: Catalogue) -> Terms:
    """Return the terms; raises ``Invalid`` with the words for each field that cannot be accepted."""
    reading = read_terms(fields, catalogue)
    if reading.errors:
        raise Invalid("invalid_request", "Some fields cannot be accepted.", errors=reading.errors)
    return reading.terms


def read_terms(fields: Mapping[str, str], catalogue: Catalogue) -> TermsReading:
    """Read the terms; where something is wrong they are the usual ones, so that a review can still be shown."""
    reading = TermsReading()
    if fields.get("audience") != Audience.ALL:
        return reading
    starts_at = _starts_at(fields, reading)
    notice_days = _whole_number(fields, "notice_days", reading, least=0)
    incentive = _incentive(fields, catalogue, reading)
    reading.terms = Terms(Audience.ALL) if reading.errors else Terms(Audience.ALL, starts_at, notice_days, incentive)
    return reading


def _starts_at(fields: Mapping[str, str], reading: TermsReading) -> datetime | None:
    text = fields.get("starts_at", "").strip()
    if not text:
        return None
    starts_at = read_day(text)
    if starts_at is None:
        reading.refuse("starts_at", "Write a day, such as 2026-12-31.")
    return starts_at


def _whole_number(fields: Mapping[str, str], name: str, reading: TermsReading, *, least: int) -> int:
    text = fields.get(name, "").strip()
    if text.isascii() and text.isdecimal() and least <= int(text[:6]) <= _MOST_DAYS:
        return int(text)
    reading.refuse(name, "Write a whole number of days, at most 3650.")
    return least


def _incentive(fields: Mapping[str, str], catalogue: Catalogue, reading: TermsReading) -> Incentive | None:
    key = fields.get("incentive.feature", "")
    if not key:
        return None
    feature = catalogue.features.get(key)
    if feature is None:
        reading.refuse("incentive.feature", "Choose a feature of the catalogue.")
        return None
    days = _whole_number(fields, "incentive.days", reading, least=1)
    amount = fields.get("incentive.amount", "").strip()
    try:
        return Incentive(key, read_entitlement(feature, _document(feature.kind, amount)), days)
    except InvalidCatalogue:
        reading.refuse("incentive.amount", "Write how much more of it, such as 100.")
        return None


def _document(kind: FeatureKind, amount: str) -> object:
    if kind is FeatureKind.SWITCH:
        return True
    number: object = int(amount) if amount.isascii() and amount.isdecimal() else amount
    # An extra is used up, not renewed: the promotion ends by itself.
    return {"limit": number, "per": "never"} if kind is FeatureKind.METERED else number
