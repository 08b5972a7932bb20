"""A whole message from a refusal: what the reader reads, the buttons and the widget's labels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from liftgate.engine.catalogue_model import AddOn, Catalogue
from liftgate.engine.formats import format_date, format_number
from liftgate.engine.gains import Comparison, gains
from liftgate.engine.identity import Identical
from liftgate.engine.offer_text import body, eyebrow, title
from liftgate.engine.own_words import own_words, words_for
from liftgate.engine.payload_model import Action, ActionKind, ActionStyle, Content, PurchaseOption, UsageBar
from liftgate.engine.pricing import purchase_options
from liftgate.engine.reader import Reader
from liftgate.engine.refusal import Refusal

__all__ = ["Message", "Notice", "explain_closed", "explain_revoked", "offer_message"]

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


class Notice(NamedTuple):
    """Which offer explains something, and to whom, where there is nothing to sell."""

    offer: str
    catalogue: Identical[Catalogue]
    reader: Reader


class Message(NamedTuple):
    """What a payload says. The labels are shared between payloads: copy them before giving them away."""

    content: Content
    actions: tuple[Action, ...]
    labels: dict[str, str]


@lru_cache(maxsize=256)
def offer_message(refusal: Refusal) -> Message:
    """Return the message that explains a refusal and offers the step that lifts it, if there is one."""
    reader, product = refusal.reader, refusal.product
    options: tuple[PurchaseOption, ...] = ()
    bullets: tuple[str, ...] = ()
    if product is not None:
        options = purchase_options(product, units=refusal.quantity, buyer=refusal.buyer, reader=reader)
        compared = Comparison(refusal.catalogue, Identical(product), refusal.held, refusal.quantity)
        bullets = gains(compared, refusal.offered_key, reader)
    bare = "" if options else "_without_offer"
    content = Content(
        eyebrow=own_words(refusal, "eyebrow") or eyebrow(refusal),
        title=own_words(refusal, f"title{bare}") or title(refusal),
        body=_body(refusal, bare, _closing(refusal, options)),
        bullets=bullets,
        usage=_usage(refusal),
        options=options,
        legal=own_words(refusal, "legal") or reader.say("price.legal") if options else None,
    )
    kind = None if product is None else "addon" if isinstance(product, AddOn) else "plan"
    return Message(content, _actions(refusal, options), _labels(reader, kind, refusal.product_name))


def _body(refusal: Refusal, bare: str, closing: tuple[str, ...]) -> str:
    own = own_words(refusal, f"body{bare}")
    # Who may not order is told so whatever the catalogue says; why nothing is sold is part of its words, if it has any.
    return body(refusal, closing) if own is None else " ".join((own, *([] if bare else closing)))


@lru_cache(maxsize=256)
def explain_revoked(feature: str, message: str | None, notice: Notice) -> Message:
    """Return the message about a revoke, with the reason somebody gave for it."""
    say = notice.reader.say
    reason = None if not message else _sentence(message)
    told = () if reason is None else (say("state.revoked_message", message=reason),)
    text = " ".join((*told, say("state.revoked")))
    return _explanation(notice, say("title.revoked", feature=feature), text, {"feature": feature, "message": reason})


@lru_cache(maxsize=256)
def explain_closed(name: str, notice: Notice) -> Message:
    """Return the message about a closed gate."""
    say = notice.reader.say
    return _explanation(notice, say("title.closed"), say("state.closed", feature=name), {"feature": name})


def _explanation(notice: Notice, heading: str, text: str, values: Mapping[str, str | None]) -> Message:
    def own(slot: str) -> str | None:
        return words_for(notice.catalogue.value, notice.reader, (notice.offer, slot), values)

    say = notice.reader.say
    content = Content(
        title=own("title") or heading, body=own("body") or text, eyebrow=own("eyebrow") or say("eyebrow.notice")
    )
    understood = Action(ActionKind.DISMISS, own("dismiss") or say("action.understood"))
    return Message(content, (understood,), _labels(notice.reader, None, ""))


def _sentence(message: str) -> str:
    """Return a message that somebody typed with the full stop that the next sentence needs."""
    text = message.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _closing(refusal: Refusal, options: tuple[PurchaseOption, ...]) -> tuple[str, ...]:
    """Return what is left to say about ordering."""
    if refusal.product is None or (options and refusal.buyer.may_buy):
        return ()
    if options:
        return (refusal.reader.say("offer.request"),)
    currency, product = refusal.buyer.currency, refusal.product_name
    if currency is None or not refusal.product.prices:
        return (refusal.reader.say("offer.not_sold", product=product),)
    return (refusal.reader.say("offer.not_sold_in", product=product, currency=currency),)


def _usage(refusal: Refusal) -> UsageBar | None:
    """Return the bar for a counted feature with a limit; a limit of nothing is not worth a bar."""
    used, limit, formats = refusal.facts.used, refusal.facts.limit, refusal.reader.formats
    if used is None or not limit:
        return None
    text = refusal.reader.say("usage.text", used=format_number(used, formats), limit=format_number(limit, formats))
    percent = min(100, used * 100 // limit)
    return UsageBar(refusal.words.feature, text, used, limit, percent, _reset_note(refusal))


def _reset_note(refusal: Refusal) -> str | None:
    if refusal.facts.resets_on is None:
        return None
    if refusal.facts.resets_today:
        return refusal.reader.say("usage.resets_today")
    return refusal.reader.say("usage.resets", date=format_date(refusal.facts.resets_on, refusal.reader.formats))


def _actions(refusal: Refusal, options: tuple[PurchaseOption, ...]) -> tuple[Action, ...]:
    say = refusal.reader.say
    if not options:
        return (Action(ActionKind.DISMISS, say("action.understood")),)
    is_addon = isinstance(refusal.product, AddOn)
    if refusal.buyer.may_buy:
        label = own_words(refusal, "order") or say("action.add" if is_addon else "action.upgrade")
        order = Action(ActionKind.CHECKOUT, label, ActionStyle.PRIMARY)
    else:
        label = own_words(refusal, "request") or say("action.request_addon" if is_addon else "action.request_upgrade")
        order = Action(ActionKind.REQUEST_UPGRADE, label, ActionStyle.PRIMARY)
    return (order, Action(ActionKind.DISMISS, own_words(refusal, "dismiss") or say("action.dismiss")))


@lru_cache(maxsize=256)
def _labels(reader: Reader, kind: str | None, product: str) -> dict[str, str]:
    labels = {key: reader.say(f"label.{key}") for key in _LABELS}
    key = "label.success_title" if kind is None else f"label.success_title_{kind}"
    return {**labels, "success_title": reader.say(key, plan=product, addon=product)}
