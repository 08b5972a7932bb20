"""What the catalogue holds: amounts, prices, periods of time."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "{price} {per}": "{price} {per}",
    "{count} × {feature}": "{count} × {feature}",
    "{feature} of at least {value}": "{feature} von mindestens {value}",
    "per seat and year": "pro Platz und Jahr",
    "per seat and month": "pro Platz und Monat",
    "minute": "Minute",
    "hour": "Stunde",
    "day": "Tag",
    "week": "Woche",
    "month": "Monat",
    "quarter": "Quartal",
    "year": "Jahr",
    "never again (once for all)": "nie wieder (einmal für immer)",
    "from the billing day": "ab dem Abrechnungstag",
    "warns at {levels}": "warnt bei {levels}",
    "shown as {limit}": "angezeigt als {limit}",
    "and": "und",
    "or": "oder",
    "soft, refuses {overage} over": "weich, weist {overage} darüber ab",
}
