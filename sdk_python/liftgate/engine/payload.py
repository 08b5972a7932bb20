"""The upgrade message for a refused decision, built from catalogue, customer state and decision alone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from liftgate.engine.catalogue_model import Feature, Gate, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.formats import direction, format_number
from liftgate.engine.gains import Comparison, gains
from liftgate.engine.holdings import current_plan
from liftgate.engine.limits import Reported
from liftgate.engine.offer_text import body, eyebrow, product_name, reset_date, title
from liftgate.engine.payload_model import (
    Action,
    ActionKind,
    ActionStyle,
    Content,
    OfferReference,
    Payload,
    PurchaseOption,
    Trigger,
    UsageBar,
)
from liftgate.engine.pricing import Product, purchase_options
from liftgate.engine.reader import Reader, reader_for
from liftgate.engine.refusal import Refusal, offered_feature, whole_reset
from liftgate.engine.steps import customer_currency, prices_in, smallest_step
from liftgate.engine.wording import wording_of

__all__ = ["build_payload"]

_BUILT_IN_VERSION = 1
_ONLY_EXPLAINED = (Reason.REVOKED, Reason.GATE_CLOSED)
_LABELS = (
    "close",
    "working",
    "interval",
    "review_title",
    "total",
    "confirm",
    "back",
    "pending_title",
    "pending_body",
    "success_body",
    "requested_title",
    "requested_body",
    "error",
    "retry",
)


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
    feature = snapshot.catalogue.features.get(decision.feature or gate.requirements[0].feature)
    if decision.reason in _ONLY_EXPLAINED or feature is None:
        return _explanation(decision, gate, feature, reader)
    step = smallest_step(snapshot, state, gate, at=at, user=user, units=units, used=used)
    refusal = Refusal(
        decision=decision,
        feature=feature,
        offered=offered_feature(snapshot, gate, feature, step),
        reader=reader,
        wording=wording_of(feature, reader),
        held=current_plan(snapshot, state, at),
        step=step,
        time_zone=snapshot.catalogue.time_zone,
        resets_at=whole_reset(snapshot, state, decision, feature, at),
        needed=next((wanted.at_least for wanted in gate.requirements if wanted.feature == feature.key), None),
    )
    options = _options(refusal, customer_currency(state, at))
    may_buy = state.may_buy(user) if buyer is None else buyer
    content = Content(
        eyebrow=eyebrow(refusal),
        title=title(refusal),
        body=body(refusal, _closing(refusal, options, may_buy=may_buy, currency=customer_currency(state, at))),
        bullets=_bullets(snapshot, refusal),
        usage=_usage(refusal, at),
        options=options,
        legal=reader.say("price.legal") if options else None,
    )
    return _payload(decision, gate, reader, content, _actions(refusal, options, may_buy=may_buy), _labels(refusal))


def _payload(
    decision: Decision,
    gate: Gate,
    reader: Reader,
    content: Content,
    actions: tuple[Action, ...],
    labels: dict[str, str],
) -> Payload:
    limit_reached = decision.reason is Reason.LIMIT_REACHED
    return Payload(
        offer=OfferReference(f"builtin.{decision.reason.value}", _BUILT_IN_VERSION),
        trigger=Trigger.LIMIT_REACHED if limit_reached else Trigger.GATE_DENIED,
        gate=gate.key,
        language=reader.language,
        content=content,
        labels=labels,
        actions=actions,
        feature=decision.feature,
        placement=gate.placement,
        direction=direction(reader.language),
        customer_version=decision.customer_version,
        catalogue_version=decision.catalogue_version,
        expires_at=decision.valid_until,
    )


def _explanation(decision: Decision, gate: Gate, feature: Feature | None, reader: Reader) -> Payload:
    """Return a message that says why and offers nothing."""
    name = gate.key if feature is None else reader.name(feature.name)
    if decision.reason is Reason.REVOKED:
        title_text = reader.say("title.revoked", feature=name)
        message = decision.message
        reason = () if not message else (reader.say("state.revoked_message", message=_sentence(message)),)
        text = " ".join((*reason, reader.say("state.revoked")))
    else:
        title_text = reader.say("title.closed")
        text = reader.say("state.closed", feature=name if gate.name is None else reader.name(gate.name))
    content = Content(title=title_text, body=text, eyebrow=reader.say("eyebrow.notice"))
    understood = Action(ActionKind.DISMISS, reader.say("action.understood"))
    return _payload(decision, gate, reader, content, (understood,), dict(_labels_of(reader, None, "")))


def _sentence(message: str) -> str:
    """Return a message that somebody typed with the full stop that the next sentence needs."""
    text = message.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _options(refusal: Refusal, currency: str | None) -> tuple[PurchaseOption, ...]:
    step, product = refusal.step, refusal.product
    if step is None or product is None:
        return ()
    phase = None if refusal.held is None else refusal.held.phase
    wanted = Product(product.key, step.addon is not None, step.quantity, 1 if phase is None else phase.quantity)
    prices = prices_in(product.prices, currency)
    return purchase_options(wanted, prices, None if phase is None else phase.interval, refusal.reader)


def _closing(
    refusal: Refusal, options: tuple[PurchaseOption, ...], *, may_buy: bool, currency: str | None
) -> tuple[str, ...]:
    """Return what is left to say about ordering."""
    if refusal.step is None or (options and may_buy):
        return ()
    if options:
        return (refusal.reader.say("offer.request"),)
    product = product_name(refusal)
    if currency is None or not refusal.step.prices:
        return (refusal.reader.say("offer.not_sold", product=product),)
    return (refusal.reader.say("offer.not_sold_in", product=product, currency=currency),)


def _bullets(snapshot: Snapshot, refusal: Refusal) -> tuple[str, ...]:
    if refusal.product is None or refusal.step is None:
        return ()
    present = None if refusal.held is None else refusal.held.plan
    offered = Comparison(snapshot.catalogue, refusal.product, present, refusal.step.quantity)
    return gains(offered, refusal.offered.key, refusal.reader)


def _usage(refusal: Refusal, at: datetime) -> UsageBar | None:
    """Return the bar for a counted feature with a limit; a limit of nothing is not worth a bar."""
    used, limit, reader = refusal.decision.used, refusal.decision.limit, refusal.reader
    if used is None or not limit:
        return None
    shown = reader.say(
        "usage.text", used=format_number(used, reader.formats), limit=format_number(limit, reader.formats)
    )
    return UsageBar(
        label=refusal.wording.feature,
        text=shown,
        used=used,
        limit=limit,
        percent=min(100, used * 100 // limit),
        note=_reset_note(refusal, at),
    )


def _reset_note(refusal: Refusal, at: datetime) -> str | None:
    resets_at = refusal.resets_at
    if resets_at is None:
        return None
    zone = ZoneInfo(refusal.time_zone)
    if resets_at.astimezone(zone).date() == at.astimezone(zone).date():
        return refusal.reader.say("usage.resets_today")
    return refusal.reader.say("usage.resets", date=reset_date(refusal, resets_at))


def _actions(refusal: Refusal, options: tuple[PurchaseOption, ...], *, may_buy: bool) -> tuple[Action, ...]:
    say = refusal.reader.say
    if not options or refusal.step is None:
        return (Action(ActionKind.DISMISS, say("action.understood")),)
    is_addon = refusal.step.addon is not None
    if may_buy:
        order = Action(ActionKind.CHECKOUT, say("action.add" if is_addon else "action.upgrade"), ActionStyle.PRIMARY)
    else:
        label = say("action.request_addon" if is_addon else "action.request_upgrade")
        order = Action(ActionKind.REQUEST_UPGRADE, label, ActionStyle.PRIMARY)
    return (order, Action(ActionKind.DISMISS, say("action.dismiss")))


def _labels(refusal: Refusal) -> dict[str, str]:
    kind = None if refusal.step is None else "addon" if refusal.step.addon is not None else "plan"
    # A fresh dict: the payload is the caller's, the remembered one is everybody's.
    return dict(_labels_of(refusal.reader, kind, product_name(refusal)))


@lru_cache(maxsize=256)
def _labels_of(reader: Reader, kind: str | None, product: str) -> dict[str, str]:
    labels = {key: reader.say(f"label.{key}") for key in _LABELS}
    key = "label.success_title" if kind is None else f"label.success_title_{kind}"
    return {**labels, "success_title": reader.say(key, plan=product, addon=product)}
