"""What this room says to people, in English and German. The English phrase is the key; the values go into braces."""

from __future__ import annotations

from typing import Final

__all__ = ["GERMAN", "Language", "say"]

Language = str
"""``en`` or ``de``; anything else is answered in English."""

GERMAN: Final = {
    # What is given
    "not included": "nicht enthalten",
    "on": "an",
    "off": "aus",
    "unlimited": "unbegrenzt",
    "none": "nichts",
    "{amount} per minute": "{amount} pro Minute",
    "{amount} per hour": "{amount} pro Stunde",
    "{amount} per day": "{amount} pro Tag",
    "{amount} per week": "{amount} pro Woche",
    "{amount} per month": "{amount} pro Monat",
    "{amount} per quarter": "{amount} pro Quartal",
    "{amount} per year": "{amount} pro Jahr",
    "{amount} for each user": "{amount} je Person",
    "counted from the billing day": "ab dem Abrechnungstag gezählt",
    "in {zone}": "in {zone}",
    "soft": "weich",
    "soft up to {units} over": "weich bis {units} darüber",
    "warning at {percents}": "Warnung bei {percents}",
    "{percent}%": "{percent}\u00a0%",
    "shown as {limit}": "angezeigt als {limit}",
    "{one} and {other}": "{one} und {other}",
    "{price} per seat": "{price} pro Platz",
    "“{text}”": "„{text}“",
    "any of {parts}": "eines von {parts}",
    "all of {parts}": "alles von {parts}",
    "{feature} of at least {value}": "{feature} mindestens {value}",
    "{days} days": "{days} Tage",
    # What changes
    "Languages": "Sprachen",
    "Time zone": "Zeitzone",
    "Default plan": "Standardtarif",
    "Features: listed in another order": "Funktionen: andere Reihenfolge",
    "Feature {key}": "Funktion {key}",
    "Value metric {key}": "Wertkennzahl {key}",
    "Plan {key}": "Tarif {key}",
    "Add-on {key}": "Add-on {key}",
    "Gate {key}": "Gate {key}",
    "Offer {key}": "Angebot {key}",
    "added": "hinzugefügt",
    "removed": "entfernt",
    "archived": "archiviert",
    "no longer archived": "nicht mehr archiviert",
    "kind": "Art",
    "name ({tag})": "Name ({tag})",
    "description ({tag})": "Beschreibung ({tag})",
    "{slot} ({tag})": "{slot} ({tag})",
    "values": "Werte",
    "unit words changed": "Wörter für die Einheit geändert",
    "rank": "Rang",
    "trial": "Testphase",
    "highest quantity": "höchste Anzahl",
    "sold with": "erhältlich zu",
    "every plan": "jedem Tarif",
    "{interval} {currency} price": "Preis in {currency} pro {interval}",
    "month": "Monat",
    "year": "Jahr",
    "requires": "verlangt",
    "mode": "Modus",
    "on failure": "bei Ausfall",
    "placement": "Platzierung",
    "switch": "Schalter",
    "metered": "Verbrauch",
    "capacity": "Bestand",
    "setting": "Einstellung",
    "enforce": "durchsetzen",
    "observe": "beobachten",
    "open": "offen",
    "closed": "geschlossen",
    "on upgrade": "beim Upgrade",
    "keep": "Verbrauch bleibt",
    "reset": "Verbrauch beginnt neu",
    "over the limit": "über dem Limit",
    "block_new": "nichts Neues",
    "read_only": "nur lesen",
    "{days} days of grace": "{days} Tage Nachfrist",
    "without the server": "ohne Server",
    "deny": "ablehnen",
    "allow_and_record": "zulassen und nachtragen",
    "use of {feature}": "Nutzung von {feature}",
    "the shipped words": "die mitgelieferten Worte",
    # Who is affected
    "{feature}: {used} in use, {limit} in the plan": "{feature}: {used} in Gebrauch, {limit} im Tarif",
    "{feature}: {used} in use, {limit} with the add-ons": "{feature}: {used} in Gebrauch, {limit} mit den Add-ons",
}


def say(phrase: str, language: Language = "en", **values: object) -> str:
    """Return a phrase in a language, its values filled in."""
    template = GERMAN.get(phrase, phrase) if language == "de" else phrase
    return template.format(**values) if values else template
