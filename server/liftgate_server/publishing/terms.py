"""Terms of a publication: whether they make sense, and how they are kept on file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from liftgate.engine.catalogue_model import Catalogue, Entitlement, Feature, FeatureKind, Recurrence
from liftgate_server.catalog.successions import read_incentive, write_incentive
from liftgate_server.plumbing.errors import FieldError, Invalid
from liftgate_server.publishing.facts import Audience, Terms

__all__ = ["LONGEST_INCENTIVE_DAYS", "LONGEST_NOTICE_DAYS", "check_terms", "read_terms", "still_meant", "write_terms"]

LONGEST_NOTICE_DAYS: Final = 366
LONGEST_INCENTIVE_DAYS: Final = 3_660


def check_terms(terms: Terms, catalogue: Catalogue, *, published_at: datetime) -> None:
    """Refuse terms that nobody could keep, or that mean nothing; all that is wrong with them at once."""
    errors = [FieldError(path, code, message) for path, code, message in _problems(terms, catalogue, published_at)]
    if errors:
        raise Invalid("invalid_terms", "It cannot be published on these terms.", errors=errors)


def _problems(terms: Terms, catalogue: Catalogue, published_at: datetime) -> Iterator[tuple[str, str, str]]:
    if not 0 <= terms.notice_days <= LONGEST_NOTICE_DAYS:
        yield "notice_days", "out_of_range", f"Notice is given 0 to {LONGEST_NOTICE_DAYS} days before."
    if terms.audience is Audience.NEW:
        if terms.starts_at is not None:
            yield "starts_at", "not_allowed", "Only those who hold an older version are moved on a date."
        if terms.incentive is not None:
            yield "incentive", "not_allowed", "Nobody is moved, so nobody can move early."
        return
    if terms.starts_at is not None and terms.starts_at < published_at:
        yield "starts_at", "out_of_range", "The date lies before the publication."
    if terms.incentive is None:
        return
    if terms.starts_at is None:
        yield "incentive", "not_allowed", "They are moved at once, so nobody can move early."
    feature = catalogue.features.get(terms.incentive.feature)
    if feature is None:
        yield "incentive.feature", "unknown_reference", f"There is no feature {terms.incentive.feature}."
    else:
        yield from _misfits(feature, terms.incentive.entitlement)
    if not 1 <= terms.incentive.days <= LONGEST_INCENTIVE_DAYS:
        yield "incentive.days", "out_of_range", f"An incentive lasts 1 to {LONGEST_INCENTIVE_DAYS} days."


def _misfits(feature: Feature, entitlement: Entitlement) -> Iterator[tuple[str, str, str]]:
    """Yield why an entitlement would bring nothing on top of a plan, although subscribers are promised it."""
    if feature.kind is FeatureKind.SETTING:
        yield "incentive.feature", "not_allowed", "An incentive adds an amount or turns a switch on."
    elif feature.kind is FeatureKind.SWITCH and (not entitlement.enabled or entitlement.caps):
        yield "incentive.entitlement", "not_allowed", "Of a switch an incentive is true."
    elif feature.kind.is_counted and not entitlement.caps:
        yield "incentive.entitlement", "not_allowed", "Of what is counted an incentive is an amount."
    elif feature.kind is FeatureKind.CAPACITY and any(
        cap.recurrence is not Recurrence.NEVER for cap in entitlement.caps
    ):
        yield "incentive.entitlement", "not_allowed", "A level has no period."


def write_terms(terms: Terms) -> dict[str, Any]:
    """Return terms as a document."""
    return {
        "audience": terms.audience.value,
        "starts_at": None if terms.starts_at is None else terms.starts_at.isoformat(),
        "notice_days": terms.notice_days,
        "incentive": None if terms.incentive is None else write_incentive(terms.incentive),
    }


def read_terms(document: Mapping[str, Any]) -> Terms:
    """Return the terms of a document that ``write_terms`` wrote."""
    starts_at, incentive = document["starts_at"], document["incentive"]
    return Terms(
        audience=Audience(document["audience"]),
        starts_at=None if starts_at is None else datetime.fromisoformat(starts_at),
        notice_days=document["notice_days"],
        incentive=None if incentive is None else read_incentive(incentive),
    )


def still_meant(terms: Terms, at: datetime) -> Terms:
    """Return the terms of a publication that is carried out at an instant, which may be a little after it was due."""
    # The job may come a little late; a date that was meant to be the publication's own has then just passed.
    if terms.starts_at is not None and terms.starts_at <= at:
        return replace(terms, starts_at=None, incentive=None)
    return terms
