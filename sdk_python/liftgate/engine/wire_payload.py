"""The modal payload (``schema: 1``) on the wire; its JSON Schema is ``schemas/payload-1.schema.json``.

The envelope is written whole, ``null`` included; in the content what is absent is nothing to show.
"""

from __future__ import annotations

from liftgate.engine.document_reader import read_items
from liftgate.engine.payload_model import (
    Action,
    ActionKind,
    ActionStyle,
    Content,
    Grandfathering,
    OfferReference,
    Payload,
    Presentation,
    PurchaseOption,
    Trigger,
    UsageBar,
)
from liftgate.engine.wire_values import WireFields, decode_whole, encode_instant, require_version

__all__ = ["PAYLOAD_SCHEMA", "decode_payload", "encode_payload"]

PAYLOAD_SCHEMA = 1

_MOST_ITEMS = 1_000


def encode_payload(payload: Payload) -> dict[str, object]:
    """Return a payload as a document of plain JSON values."""
    presentation = payload.presentation
    return {
        "schema": PAYLOAD_SCHEMA,
        "impression_id": payload.impression_id,
        "offer": {"key": payload.offer.key, "version": payload.offer.version},
        "trigger": payload.trigger.value,
        "gate": payload.gate,
        "feature": payload.feature,
        "placement": payload.placement,
        "language": payload.language,
        "direction": payload.direction,
        "customer_version": payload.customer_version,
        "catalogue_version": payload.catalogue_version,
        "expires_at": encode_instant(payload.expires_at),
        "presentation": {
            "kind": presentation.kind,
            "dismissible": presentation.dismissible,
            "auto_close": presentation.auto_close,
        },
        "content": _encode_content(payload.content),
        "labels": dict(payload.labels),
        "actions": [_encode_action(action) for action in payload.actions],
    }


def decode_payload(document: object) -> Payload:
    """Return the payload of a document, or raise ``WireError``; unknown fields are passed over."""
    return decode_whole(document, _read_payload)


def _read_payload(fields: WireFields) -> Payload:
    require_version(fields, "schema", PAYLOAD_SCHEMA)
    offer = fields.within("offer")
    return Payload(
        offer=OfferReference(key=offer.string("key"), version=offer.whole_number("version")),
        trigger=fields.choice("trigger", Trigger),
        gate=fields.string("gate"),
        language=fields.string("language"),
        content=_read_content(fields.within("content")),
        labels=fields.texts("labels", most=_MOST_ITEMS),
        actions=tuple(_read_action(item) for item in _objects(fields, "actions")),
        feature=fields.optional_string("feature"),
        placement=fields.optional_string("placement"),
        direction=fields.optional_string("direction") or "ltr",
        customer_version=fields.optional_whole_number("customer_version"),
        catalogue_version=fields.optional_whole_number("catalogue_version"),
        impression_id=fields.optional_string("impression_id"),
        expires_at=fields.optional_instant("expires_at"),
        presentation=_read_presentation(fields),
    )


def _objects(fields: WireFields, name: str) -> list[WireFields]:
    items = read_items(fields.problems, fields.at(name), fields.get(name), most=_MOST_ITEMS)
    return [WireFields(fields.problems, path, value) for path, value in items] if fields.require(name) else []


def _read_presentation(fields: WireFields) -> Presentation:
    if not fields.has("presentation"):
        return Presentation()
    presentation = fields.within("presentation")
    return Presentation(
        kind=presentation.string("kind"),
        dismissible=presentation.flag("dismissible", default=True),
        auto_close=presentation.flag("auto_close", default=True),
    )


def _encode_content(content: Content) -> dict[str, object]:
    document: dict[str, object] = {}
    if content.eyebrow is not None:
        document["eyebrow"] = content.eyebrow
    document["title"] = content.title
    document["body"] = content.body
    if content.bullets:
        document["bullets"] = list(content.bullets)
    if content.usage is not None:
        document["usage"] = _encode_usage(content.usage)
    document["options"] = [_encode_option(option) for option in content.options]
    if content.legal is not None:
        document["legal"] = content.legal
    if content.grandfathering is not None:
        ends = content.grandfathering
        document["grandfathering"] = {"text": ends.text, "until": encode_instant(ends.until)}
    return document


def _read_content(fields: WireFields) -> Content:
    return Content(
        title=fields.string("title"),
        body=fields.string("body"),
        eyebrow=fields.optional_string("eyebrow"),
        bullets=fields.strings("bullets", most=_MOST_ITEMS),
        usage=_read_usage(fields.within("usage")) if fields.has("usage") else None,
        options=tuple(_read_option(item) for item in _objects(fields, "options")),
        legal=fields.optional_string("legal"),
        grandfathering=_read_grandfathering(fields.within("grandfathering")) if fields.has("grandfathering") else None,
    )


def _read_grandfathering(fields: WireFields) -> Grandfathering:
    return Grandfathering(text=fields.string("text"), until=fields.instant("until"))


def _encode_usage(usage: UsageBar) -> dict[str, object]:
    document: dict[str, object] = {
        "label": usage.label,
        "text": usage.text,
        "used": usage.used,
        "limit": usage.limit,
        "percent": usage.percent,
    }
    if usage.note is not None:
        document["note"] = usage.note
    return document


def _read_usage(fields: WireFields) -> UsageBar:
    return UsageBar(
        label=fields.string("label"),
        text=fields.string("text"),
        used=fields.whole_number("used"),
        limit=fields.whole_number("limit"),
        percent=fields.whole_number("percent"),
        note=fields.optional_string("note"),
    )


def _encode_option(option: PurchaseOption) -> dict[str, object]:
    document: dict[str, object] = {
        "id": option.id,
        "plan": option.plan,
        "addon": option.addon,
        "quantity": option.quantity,
        "interval": option.interval,
        "currency": option.currency,
        "amount": option.amount,
        "price": option.price,
        "price_note": option.price_note,
        "label": option.label,
        "selected": option.selected,
    }
    if option.saving is not None:
        document["saving"] = option.saving
    return document


def _read_option(fields: WireFields) -> PurchaseOption:
    return PurchaseOption(
        id=fields.string("id"),
        plan=fields.optional_string("plan"),
        addon=fields.optional_string("addon"),
        quantity=fields.whole_number("quantity"),
        interval=fields.string("interval"),
        currency=fields.string("currency"),
        amount=fields.whole_number("amount"),
        price=fields.string("price"),
        price_note=fields.string("price_note"),
        label=fields.string("label"),
        selected=fields.flag("selected", default=False),
        saving=fields.optional_string("saving"),
    )


def _encode_action(action: Action) -> dict[str, object]:
    document: dict[str, object] = {
        "kind": action.kind.value,
        "label": action.label,
        "style": action.style.value,
    }
    if action.href is not None:
        document["href"] = action.href
    return document


def _read_action(fields: WireFields) -> Action:
    return Action(
        kind=fields.choice("kind", ActionKind),
        label=fields.string("label"),
        style=fields.choice("style", ActionStyle, default=ActionStyle.SECONDARY),
        href=fields.optional_string("href"),
    )
