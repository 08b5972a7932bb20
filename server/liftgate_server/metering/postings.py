"""From a request to a posting: the terms that hold for it, and what tells its payload from another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from liftgate.engine.allowance_model import Allowance, Bucket
from liftgate.engine.catalogue_model import FeatureKind
from liftgate_server.entitlements.caches import KnownCustomer, Terms
from liftgate_server.metering.meters import Meter, meter_of, metered_feature, refusal_of
from liftgate_server.metering.requests import Event, LevelChange, Wanted
from liftgate_server.plumbing.errors import FieldError, Invalid
from liftgate_server.plumbing.shapes import write_instant
from liftgate_server.usage.facts import Operation, Posting, Proof

__all__ = [
    "Basis",
    "digest_of",
    "operation_of_level",
    "posting_of_event",
    "posting_of_level",
    "posting_of_use",
    "sent_of_event",
    "sent_of_level",
    "sent_of_use",
]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a posting is made from: a customer as known, the access its sender was let in under, and the instant."""

    known: KnownCustomer
    access: int | None
    now: datetime

    @property
    def proof(self) -> Proof:
        """What the ledger compares with what holds when it counts."""
        return Proof(self.known.catalogue_number, self.access, self.known.state.version)


def posting_of_use(basis: Basis, wanted: Wanted, key: str, *, sent: Mapping[str, Any]) -> Posting:
    """Return the posting of what is to be used up or held."""
    known, at = basis.known, basis.now
    asked = wanted.gate or wanted.feature or ""
    meter = meter_of(known, asked, is_gate=wanted.gate is not None, at=at, user=wanted.user)
    terms = _terms(known, meter.feature, at=at, user=wanted.user)
    allowance, document = _judged_by(meter, terms)
    return Posting(
        customer=wanted.customer,
        key=key,
        operation=Operation.CONSUME,
        feature=meter.feature,
        quantity=wanted.quantity,
        at=at,
        received_at=at,
        digest=digest_of(sent),
        allowance=allowance,
        proof=basis.proof,
        gate=wanted.gate,
        user=wanted.user,
        properties=wanted.properties or None,
        forced=meter.forced,
        sent=sent,
        context=meter.context,
        document=document,
    )


def posting_of_event(basis: Basis, event: Event) -> Posting:
    """Return the posting of what has been used: counted whatever the limits say, and never asked whose it is."""
    known, at = basis.known, event.at or basis.now
    terms = None
    if event.feature not in known.snapshot.catalogue.value_metrics:
        metered_feature(known, event.feature, FeatureKind.METERED)
        terms = known.terms(event.feature, at=at, user=event.user)
        if terms is not None and terms.allowance.needs_user:
            terms = known.terms_of_account(event.feature, at=at)
    sent = sent_of_event(event)
    return Posting(
        customer=event.customer,
        key=event.key,
        operation=Operation.RECORD,
        feature=event.feature,
        quantity=event.quantity,
        at=at,
        received_at=basis.now,
        digest=digest_of(sent),
        allowance=None if terms is None else terms.allowance,
        proof=basis.proof,
        user=event.user,
        properties=event.properties or None,
        forced=True,
        sent=sent,
        document=None if terms is None else terms.document,
    )


def posting_of_level(basis: Basis, change: LevelChange, key: str) -> Posting:
    """Return the posting of a level, or of a change of one."""
    known, at = basis.known, change.at or basis.now
    metered_feature(known, change.feature, FeatureKind.CAPACITY)
    terms = _terms(known, change.feature, at=at, user=change.user)
    sent = sent_of_level(change)
    return Posting(
        customer=change.customer,
        key=key,
        operation=operation_of_level(change),
        feature=change.feature,
        quantity=change.level if change.level is not None else change.by or 0,
        at=at,
        received_at=basis.now,
        digest=digest_of(sent),
        allowance=terms.allowance,
        proof=basis.proof,
        user=change.user,
        sent=sent,
        context={
            "gate": change.feature,
            "catalogue_version": known.snapshot.version,
            "customer_version": known.state.version,
        },
        document=terms.document,
    )


def sent_of_use(wanted: Wanted, *, is_held: bool) -> dict[str, Any]:
    """Return the fields of a request, as they tell it from another one; the language is only that of the answer."""
    return _without_nothing(
        feature=wanted.feature,
        gate=wanted.gate,
        quantity=wanted.quantity,
        user=wanted.user,
        properties=wanted.properties or None,
        expires_in_seconds=wanted.seconds if is_held else None,
    )


def sent_of_event(event: Event) -> dict[str, Any]:
    """Return the fields of an event, as they tell it from another one."""
    return _without_nothing(
        feature=event.feature,
        quantity=event.quantity,
        user=event.user,
        at=None if event.at is None else write_instant(event.at),
        properties=event.properties or None,
    )


def sent_of_level(change: LevelChange) -> dict[str, Any]:
    """Return the fields of a level, or of a change of one, as they tell it from another one."""
    return _without_nothing(
        feature=change.feature,
        level=change.level,
        by=change.by,
        user=change.user,
        at=None if change.at is None else write_instant(change.at),
    )


def operation_of_level(change: LevelChange) -> Operation:
    """Return what the ledger calls it."""
    return Operation.LEVEL if change.level is not None else Operation.INCREMENT


def _terms(known: KnownCustomer, feature: str, *, at: datetime, user: str | None) -> Terms:
    terms = known.terms(feature, at=at, user=user)
    if terms is None:
        raise refusal_of("feature", "unknown_feature", feature)
    if terms.allowance.needs_user:
        message = f"A limit of {feature!r} counts what each user uses, so a user is needed."
        raise Invalid("user_required", message, errors=[FieldError("user", "missing", message)])
    return terms


def _judged_by(meter: Meter, terms: Terms) -> tuple[Allowance, bytes]:
    if not meter.closed:
        return terms.allowance, terms.document
    # The refusal is not the ledger's, but it is remembered there, so it has to be one by the limits as well.
    nothing = replace(terms.allowance, buckets=tuple(_emptied(bucket) for bucket in terms.allowance.buckets))
    return nothing, orjson.dumps(nothing.as_document())


def _emptied(bucket: Bucket) -> Bucket:
    return replace(
        bucket,
        alternatives=tuple(
            tuple(replace(window, limit=0, ceiling=0, shown_limit=0, warn_at=()) for window in windows)
            for windows in bucket.alternatives
        ),
    )


def _without_nothing(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def digest_of(sent: Mapping[str, Any]) -> bytes:
    """Return what tells the fields of a request from others."""
    return sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)).digest()
