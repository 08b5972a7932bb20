"""Modal payloads as the contract shows them, in the languages and states the widget tests look at."""

from __future__ import annotations

import copy
from typing import Any

LABELS = {
    "close": "Close",
    "working": "One moment…",
    "interval": "Billing interval",
    "review_title": "Confirm your order",
    "total": "Total today",
    "confirm": "Confirm order",
    "back": "Back",
    "pending_title": "Order received",
    "pending_body": "We will confirm it shortly. You can close this window.",
    "success_title": "You are on Pro",
    "success_body": "You can carry on right away.",
    "requested_title": "Request sent",
    "requested_body": "Nothing changes until it is approved. You can close this window.",
    "error": "That did not work. Trying again orders nothing twice.",
    "retry": "Try again",
}

GERMAN_LABELS = {
    "close": "Schließen",
    "working": "Einen Moment…",
    "interval": "Abrechnungszeitraum",
    "review_title": "Bestellung prüfen",
    "total": "Heute fällig",
    "confirm": "Zahlungspflichtig bestellen",
    "back": "Zurück",
    "pending_title": "Bestellung eingegangen",
    "pending_body": "Wir bestätigen sie in Kürze. Sie können dieses Fenster schließen.",
    "success_title": "Sie nutzen jetzt Pro",
    "success_body": "Sie können gleich weitermachen.",
    "requested_title": "Anfrage gesendet",
    "requested_body": "Bis zur Freigabe ändert sich nichts. Sie können dieses Fenster schließen.",
    "error": "Das hat nicht geklappt. Ein neuer Versuch bestellt nichts doppelt.",
    "retry": "Erneut versuchen",
}


def option(interval: str, amount: int, price: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"pro:{interval}:EUR",
        "plan": "pro",
        "addon": None,
        "quantity": 1,
        "interval": interval,
        "currency": "EUR",
        "amount": amount,
        "price": price,
        **more,
    }


BUYER: dict[str, Any] = {
    "schema": 1,
    "impression_id": "imp_1",
    "offer": {"key": "builtin.limit_reached", "version": 1},
    "trigger": "limit_reached",
    "gate": "boards.create",
    "feature": "boards",
    "placement": "boards.toolbar",
    "language": "en",
    "direction": "ltr",
    "customer_version": 7,
    "catalogue_version": 12,
    "expires_at": None,
    "presentation": {"kind": "modal", "dismissible": True, "auto_close": True},
    "content": {
        "eyebrow": "Limit reached",
        "title": "More boards with Pro",
        "body": "Your plan Free includes 3 boards and you have 3. Your existing boards stay as they are.",
        "bullets": ["Unlimited boards", "Unlimited exports", "Single sign-on"],
        "usage": {"label": "Boards", "text": "3 / 3", "used": 3, "limit": 3, "percent": 100},
        "options": [
            option("month", 2900, "€29", price_note="per month", label="Monthly", selected=True),
            option("year", 29000, "€290", price_note="per year", label="Yearly", saving="Save 17 %"),
        ],
        "legal": "Cancel any time.",
    },
    "labels": LABELS,
    "actions": [
        {"kind": "checkout", "label": "Upgrade now", "style": "primary"},
        {"kind": "dismiss", "label": "Not now", "style": "secondary"},
    ],
}

GERMAN: dict[str, Any] = BUYER | {
    "language": "de",
    "content": {
        "eyebrow": "Limit erreicht",
        "title": "Mehr Exporte mit Pro",
        "body": "Sie haben 12.500 von 12.500 Exporten in diesem Monat genutzt. Mit Pro entfällt das Limit.",
        "bullets": ["Unbegrenzte Exporte", "Bevorzugter Support", "Revisionssichere Protokollierung aller Zugriffe"],
        "usage": {
            "label": "Exporte im November",
            "text": "12.500 / 12.500",
            "used": 12500,
            "limit": 12500,
            "percent": 100,
            "note": "Neuer Zeitraum ab 1. Dezember 2026",
        },
        "options": [
            option("month", 2900, "29 €", price_note="pro Monat", label="Monatlich", selected=True),
            option("year", 29000, "290 €", price_note="pro Jahr", label="Jährlich", saving="17 % sparen"),
        ],
        "legal": "Jederzeit kündbar. Preise zuzüglich Mehrwertsteuer.",
    },
    "labels": GERMAN_LABELS,
    "actions": [
        {"kind": "checkout", "label": "Jetzt upgraden", "style": "primary"},
        {"kind": "dismiss", "label": "Nicht jetzt", "style": "secondary"},
    ],
}


def changed(payload: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Copy a payload with some of its parts replaced; a part that is an object is merged."""
    result = copy.deepcopy(payload)
    for name, part in parts.items():
        result[name] = {**result[name], **part} if isinstance(part, dict) else part
    return result


READER = changed(
    BUYER,
    content={"body": "Ask an administrator of your account for Pro."},
    actions=[
        {"kind": "request_upgrade", "label": "Request upgrade", "style": "primary"},
        {"kind": "dismiss", "label": "Not now", "style": "secondary"},
    ],
)
"""For someone who may not buy."""

ONE_PRICE = changed(BUYER, content={"options": [BUYER["content"]["options"][0]]})

RIGHT_TO_LEFT = changed(
    BUYER,
    language="ar",
    direction="rtl",
    content={
        "eyebrow": "تم بلوغ الحد",
        "title": "المزيد من اللوحات مع Pro",
        "body": "تتضمن خطتك 3 لوحات ولديك 3.",
        "bullets": ["لوحات غير محدودة", "تصدير غير محدود"],
    },
)

LONG = changed(
    BUYER,
    content={
        "title": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsabteilung " * 2,
        "body": "Everything that can be said about this limit, said at length. " * 30,
        "bullets": ["A benefit that takes a whole line and then some more of the next one as well"] * 12,
    },
    actions=[
        {"kind": "checkout", "label": "Upgrade the whole account to the Professional plan now", "style": "primary"},
        {"kind": "dismiss", "label": "No, remind me at some later time instead", "style": "secondary"},
    ],
)
