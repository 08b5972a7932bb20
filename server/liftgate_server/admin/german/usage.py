"""What accounts use, and forgetting them."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Personal data": "Persönliche Daten",
    (
        "What is known of the account can be handed out as a file. Who must be forgotten leaves counts and money "
        "behind, without a name."
    ): (
        "Was über das Konto bekannt ist, lässt sich als Datei herausgeben. Wer vergessen werden muss, hinterlässt "
        "Zahlen und Umsätze, aber keinen Namen."
    ),
    "Export": "Herausgeben",
    "Forget the account…": "Konto vergessen …",
    "Forget this account?": "Dieses Konto vergessen?",
    (
        "It is unknown from now on: its subscription ends, its people, attributes and names are gone for good. What "
        "it used and paid stays in the counts under a pseudonym. There is no way back."
    ): (
        "Es ist ab jetzt unbekannt: Sein Abonnement endet, seine Personen, Merkmale und Namen sind für immer weg. Was "
        "es verbraucht und bezahlt hat, bleibt unter einem Pseudonym in den Zahlen. Es gibt keinen Weg zurück."
    ),
    "Usage": "Verbrauch",
    "Type {id} to confirm": "Zur Bestätigung {id} eintippen",
    "Forget for good": "Für immer vergessen",
    "Forget": "Vergessen",
    "Forget…": "Vergessen …",
    "Forget {name}…": "{name} vergessen …",
    "Forget {name}?": "{name} vergessen?",
    (
        "Name and e-mail address are gone for good; what this person used stays in the counts under a pseudonym. The "
        "account goes on. There is no way back."
    ): (
        "Name und E-Mail-Adresse sind für immer weg; was diese Person verbraucht hat, bleibt unter einem Pseudonym in "
        "den Zahlen. Das Konto besteht weiter. Es gibt keinen Weg zurück."
    ),
    "Span of time": "Zeitraum",
    "{days} days": "{days} Tage",
    "All usage": "Ganzer Verbrauch",
    "Only {user}.": "Nur {user}.",
    "Show everybody": "Alle zeigen",
    "Uses": "Nutzungen",
    "Units": "Einheiten",
    "Last": "Zuletzt",
    "Net change": "Saldo",
    (
        "By how much the level rose on each day; days on which it fell stand in the table. The level itself is on the "
        "page of all usage."
    ): (
        "Um wie viel der Stand an jedem Tag stieg; Tage, an denen er sank, stehen in der Tabelle. Der Stand selbst "
        "steht unter dem ganzen Verbrauch."
    ),
    "Days with use": "Tage mit Nutzung",
    "Busiest day": "Stärkster Tag",
    "{name} by day, last {days} days; the table below says the same": (
        "{name} nach Tagen, letzte {days} Tage; die Tabelle darunter sagt dasselbe"
    ),
    "As a table": "Als Tabelle",
    "Day (UTC)": "Tag (UTC)",
    "{name} by day": "{name} nach Tagen",
    "{name} by person": "{name} nach Person",
    "Features without a limit": "Funktionen ohne Grenze",
    "Download as CSV": "Als CSV herunterladen",
    "Entries of the ledger": "Einträge des Verbrauchsbuchs",
    "Not used": "Nicht genutzt",
    "Nothing was counted in this span of time.": "In diesem Zeitraum wurde nichts gezählt.",
    "By person": "Nach Person",
    "most use first": "meiste Nutzung zuerst",
    "Ledger": "Verbrauchsbuch",
    "as the app counted it; nobody can edit it": "wie die Anwendung gezählt hat; niemand kann es bearbeiten",
    "Nothing here matches; there is more to look at.": "Hier passt nichts; es gibt noch mehr zu durchsuchen.",
    "No entry matches": "Kein Eintrag passt",
    "The ledger has nothing of this kind in that time.": "Das Verbrauchsbuch hat in dieser Zeit nichts davon.",
    "Nothing counted yet": "Noch nichts gezählt",
    "What the app consumes, records, reserves or sets stands here, entry by entry.": (
        "Was die Anwendung verbraucht, meldet, reserviert oder setzt, steht hier, Eintrag für Eintrag."
    ),
    "Forgotten. What was counted and paid stays under {pseudonym}.": (
        "Vergessen. Was gezählt und bezahlt wurde, bleibt unter {pseudonym}."
    ),
    "Forgotten. The rest of the rows follows; they stay under {pseudonym}.": (
        "Vergessen. Die übrigen Zeilen folgen; sie bleiben unter {pseudonym}."
    ),
    "problem:not_confirmed": "Zur Bestätigung muss genau die Kennung eingetippt werden. Nichts ist vergessen.",
    "problem:unknown_user": "Diese Person gibt es in diesem Konto nicht.",
    "recorded": "gemeldet",
    "consumed": "verbraucht",
    "reserved and used": "reserviert und verbraucht",
    "given back": "zurückgegeben",
    "level set": "Stand gesetzt",
    "level changed": "Stand geändert",
    "summed up": "zusammengefasst",
    "Usage counted anew from the ledger": "Verbrauch aus dem Verbrauchsbuch neu gezählt",
    "Account handed out as a file": "Konto als Datei herausgegeben",
    "Account forgotten": "Konto vergessen",
    "Person of an account forgotten": "Person eines Kontos vergessen",
    "as the ledger says; open a name for its history": "laut Verbrauchsbuch; ein Name führt zu seinem Verlauf",
    "The account has nothing that is counted.": "Das Konto hat nichts, was gezählt wird.",
    "Also used": "Auch genutzt",
    "last {days} days": "letzte {days} Tage",
    "What it was worth": "Was es gebracht hat",
    "Thresholds reached": "Erreichte Schwellen",
    (
        "None. Each is written down once for its period, when the use comes to a percentage at which a limit warns, "
        "or to the limit."
    ): (
        "Keine. Jede wird einmal je Zeitraum festgehalten, wenn der Verbrauch einen Prozentsatz erreicht, bei dem eine "
        "Grenze warnt, oder die Grenze selbst."
    ),
    "{limit} per person": "{limit} je Person",
    "{used} used, unlimited": "{used} verbraucht, unbegrenzt",
    "above the limit everything goes on until {day}": "über der Grenze geht alles weiter bis {day}",
    "above the limit: what is there stays, nothing new": "über der Grenze: was da ist, bleibt, nichts Neues",
    "above the limit: to look at only": "über der Grenze: nur zum Ansehen",
    "above the limit everything goes on for {count} day": "über der Grenze geht alles noch {count} Tag weiter",
    "above the limit everything goes on for {count} days": "über der Grenze geht alles noch {count} Tage weiter",
    "{over} over the limit": "{over} über der Grenze",
    "used up": "aufgebraucht",
    "nearly used up": "fast aufgebraucht",
    "{held} of them held by reservations": "davon {held} reserviert",
    "starts anew on {day}": "beginnt neu am {day}",
    "at this pace {projection} by then": "bei diesem Tempo {projection} bis dahin",
}
