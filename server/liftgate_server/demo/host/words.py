"""Corkboard's own words, in English and German. Liftgate brings the words of its modal itself."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["words_in"]


def words_in(language: str) -> Mapping[str, str]:
    """Return the words of a language; English for one that Corkboard does not speak."""
    return _WORDS.get(language, _WORDS["en"])


_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "boards": "Boards",
        "people": "People",
        "texts": "AI texts",
        "sso": "Single sign-on",
        "audit": "Audit log",
        "code": "The Python behind it",
        "switch": "Look at it as",
        "owner": "owner (may buy)",
        "member": "member (may not buy)",
        "go": "Switch",
        "new_board": "New board",
        "board_title": "Title of the new board",
        "board_default": "Untitled board",
        "created": "Board created.",
        "export": "Export PDF",
        "exported": "PDF exported.",
        "of": "of",
        "unlimited": "unlimited",
        "board_count": "boards",
        "invite": "Invite",
        "invite_name": "Name or address",
        "invited": "Invited.",
        "seats_used": "seats taken",
        "write": "Write a text",
        "topic": "What should it be about?",
        "written": "Text written.",
        "left_today": "left today",
        "sso_text": "Connect your identity provider, and your people sign in with the account they already have.",
        "audit_text": "Every change, who made it and when. Nobody can edit it.",
        "audit_empty": "Nothing has changed yet.",
        "connect": "Connect a provider",
        "connected": "Connected.",
        "locked": "locked",
        "code_lead": "Each button calls one function. The gate in front of it is all that Corkboard knows about plans.",
        "empty_boards": "No boards yet. The first one is a title away.",
        "see_code": "See the Python",
        "plan": "Plan",
    },
    "de": {
        "boards": "Boards",
        "people": "Team",
        "texts": "KI-Texte",
        "sso": "Single Sign-on",
        "audit": "Audit-Protokoll",
        "code": "Das Python dahinter",
        "switch": "Ansehen als",
        "owner": "Inhaber (darf kaufen)",
        "member": "Mitglied (darf nicht kaufen)",
        "go": "Wechseln",
        "new_board": "Neues Board",
        "board_title": "Titel des neuen Boards",
        "board_default": "Board ohne Titel",
        "created": "Board angelegt.",
        "export": "Als PDF exportieren",
        "exported": "PDF exportiert.",
        "of": "von",
        "unlimited": "unbegrenzt",
        "board_count": "Boards",
        "invite": "Einladen",
        "invite_name": "Name oder Adresse",
        "invited": "Eingeladen.",
        "seats_used": "Plätze belegt",
        "write": "Text schreiben",
        "topic": "Worum soll es gehen?",
        "written": "Text geschrieben.",
        "left_today": "heute übrig",
        "sso_text": "Verbinden Sie Ihren Identitätsanbieter, und Ihr Team meldet sich mit dem vorhandenen Konto an.",
        "audit_text": "Jede Änderung, von wem und wann. Niemand kann sie bearbeiten.",
        "audit_empty": "Noch wurde nichts geändert.",
        "connect": "Anbieter verbinden",
        "connected": "Verbunden.",
        "locked": "gesperrt",
        "code_lead": "Jeder Knopf ruft eine Funktion. Die Schranke davor ist alles, was Corkboard über Tarife weiß.",
        "empty_boards": "Noch keine Boards. Das erste ist nur einen Titel entfernt.",
        "see_code": "Python ansehen",
        "plan": "Tarif",
    },
}
