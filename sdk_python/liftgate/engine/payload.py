"""The upgrade message for a refused decision, built from catalogue, customer state and decision alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from liftgate.engine.catalogue_model import Gate, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.identity import Identical
from liftgate.engine.judging import Asked
from liftgate.engine.limits import Reported
from liftgate.engine.message import Message, Notice, explain_closed, explain_revoked, offer_message
from liftgate.engine.notices import grandfathering
from liftgate.engine.payload_model import OfferReference, Payload, Trigger
from liftgate.engine.reader import Reader, reader_for
from liftgate.engine.refusing import refusal_of, refused_feature

__all__ = ["build_payload", "build_warning"]

_BUILT_IN_VERSION = 1
_ONLY_EXPLAINED = (Reason.REVOKED, Reason.GATE_CLOSED)


def build_payload(  # noqa: PLR0913 - what was asked travels as keywords from `check` to here, and no further
    snapshot: Snapshot,
    state: CustomerState,
    decision: Decision,
    *,
    at: datetime,
    user: str | None = None,
    buyer: bool | None = None,
    language: str | None = None,
    units: int | None = None,
    used: Reported | None = None,
) -> Payload | None:
    """Return the message that explains a refusal and offers the smallest step that lifts it.

    ``None`` for a granted decision and for an unknown one: an upsell is never shown because data was missing. A revoke
    and a closed gate are explained, and nothing is offered. ``buyer`` says whether the reader may buy, ``None`` asks
    the state; a reader who may not sees the prices and can send a request instead of an order. ``units`` and ``used``
    are what the check was asked with.

    >>> # build_payload(snapshot, state, decision, at=now, user="u1", language="de").content.title
    """
    gate = None if decision.granted or decision.unknown else snapshot.gate(decision.gate)
    if gate is None:
        return None
    reader = reader_for((language, state.language), snapshot.catalogue.languages)
    if decision.reason in _ONLY_EXPLAINED:
        return _payload(decision, gate, reader, _explanation(snapshot, decision, gate, reader))
    asked = Asked(at=at, user=user, units=units, reported=used)
    refusal = refusal_of(snapshot, state, decision, gate=gate, asked=asked, buyer=buyer, reader=reader)
    if refusal is None:
        return None
    message = offer_message(refusal)
    ends = grandfathering(snapshot, state, at=at, language=language)
    if ends is not None:
        message = message._replace(content=replace(message.content, grandfathering=ends))
    return _payload(decision, gate, reader, message)


def build_warning(
    snapshot: Snapshot,
    state: CustomerState,
    decision: Decision,
    *,
    asked: Asked,
    buyer: bool | None = None,
    language: str | None = None,
) -> Payload | None:
    """Return the message that offers more before a limit is reached.

    ``decision`` is the refusal that ``asked``, one unit more than is left, would meet.

    >>> # build_warning(snapshot, state, evaluator.decide(gate, at=at, units=left + 1), asked=asked).content.eyebrow
    """
    gate = None if decision.granted or decision.unknown else snapshot.gate(decision.gate)
    if gate is None or decision.reason is not Reason.LIMIT_REACHED:
        return None
    reader = reader_for((language, state.language), snapshot.catalogue.languages)
    refusal = refusal_of(snapshot, state, decision, gate=gate, asked=asked, buyer=buyer, reader=reader)
    if refusal is None:
        return None
    payload = _payload(decision, gate, reader, offer_message(replace(refusal, is_ahead=True)))
    return replace(payload, offer=OfferReference("builtin.near_limit", _BUILT_IN_VERSION), trigger=Trigger.NEAR_LIMIT)


def _payload(decision: Decision, gate: Gate, reader: Reader, message: Message) -> Payload:
    return Payload(
        offer=OfferReference(f"builtin.{decision.reason.value}", _BUILT_IN_VERSION),
        trigger=Trigger.LIMIT_REACHED if decision.reason is Reason.LIMIT_REACHED else Trigger.GATE_DENIED,
        gate=gate.key,
        language=reader.language,
        content=message.content,
        # A fresh dict: the payload is the caller's, the remembered one is everybody's.
        labels=dict(message.labels),
        actions=message.actions,
        feature=decision.feature,
        placement=gate.placement,
        direction=reader.direction,
        customer_version=decision.customer_version,
        catalogue_version=decision.catalogue_version,
        expires_at=decision.valid_until,
    )


def _explanation(snapshot: Snapshot, decision: Decision, gate: Gate, reader: Reader) -> Message:
    feature = refused_feature(snapshot, decision, gate)
    name = gate.key if feature is None else reader.name(feature.name)
    notice = Notice(decision.reason.value, Identical(snapshot.catalogue), reader)
    if decision.reason is Reason.REVOKED:
        return explain_revoked(name, decision.message, notice)
    return explain_closed(name if gate.name is None else reader.name(gate.name), notice)
