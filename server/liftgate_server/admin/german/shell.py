"""The German of the frame: entry, overview, account, keys, people, environment, and what all areas share."""

from __future__ import annotations

WORDS = {
    # The frame
    "Skip to content": "Zum Inhalt springen",
    "Menu": "Menü",
    "Pages": "Seiten",
    "Environment:": "Umgebung:",
    "Your menu:": "Ihr Menü:",
    "Theme": "Darstellung",
    "Auto": "Auto",
    "Light": "Hell",
    "Dark": "Dunkel",
    "Language": "Sprache",
    "Measure": "Messen",
    "Catalogue": "Katalog",
    "Govern": "Steuern",
    "Overview": "Übersicht",
    "Customers": "Kunden",
    "Orders": "Bestellungen",
    "Plans & features": "Pläne & Funktionen",
    "Plans": "Pläne",
    "Features": "Funktionen",
    "Add-ons": "Zusätze",
    "Gates": "Gates",
    "Offer texts": "Angebotstexte",
    "Review & publish": "Prüfen & veröffentlichen",
    "History": "Verlauf",
    "Audit log": "Protokoll",
    "API keys": "API-Schlüssel",
    "People": "Personen",
    "Environment": "Umgebung",
    "New environment": "Neue Umgebung",
    "Close": "Schließen",
    "Cancel": "Abbrechen",
    "Dismiss": "Schließen",
    "Copy": "Kopieren",
    "Copied": "Kopiert",
    "Previous": "Zurück",
    "Next": "Weiter",
    "Pages of this list": "Seiten dieser Liste",
    "Differences": "Unterschiede",
    "added:": "hinzugefügt:",
    "removed:": "entfernt:",
    "Name": "Name",
    "Save": "Speichern",
    "Show all": "Alle zeigen",
    "Actions": "Aktionen",
    "State": "Stand",
    "Kind": "Art",
    "Role": "Rolle",
    "Viewer": "Betrachter",
    "Editor": "Bearbeiter",
    "Publisher": "Herausgeber",
    "Owner": "Eigentümer",
    "No access": "Kein Zugang",
    "Unknown browser": "Unbekannter Browser",
    "{browser} on {system}": "{browser} auf {system}",
    # Failures
    "This is not yours to open": "Das dürfen Sie nicht öffnen",
    "Not found": "Nicht gefunden",
    "Somebody was faster": "Jemand war schneller",
    "Not available at the moment": "Im Moment nicht verfügbar",
    "That did not work": "Das hat nicht geklappt",
    "There is no such page.": "Diese Seite gibt es nicht.",
    "That was more than one form may hold.": "Das war mehr, als ein Formular fassen darf.",
    "Something went wrong here. It has been written to the log.": (
        "Hier ist etwas schiefgegangen. Es steht im Log des Servers."
    ),
    "The database cannot be reached or is busy. Try again in a moment.": (
        "Die Datenbank ist nicht erreichbar oder beschäftigt. Versuchen Sie es gleich noch einmal."
    ),
    "Error {status}": "Fehler {status}",
    "To the overview": "Zur Übersicht",
    # The door
    "Sign in": "Anmelden",
    "Sign out": "Abmelden",
    "E-mail": "E-Mail",
    "Password": "Passwort",
    "Your session has ended. Sign in again: what you were sending is kept.": (
        "Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an: was Sie gerade sendeten, ist noch da."
    ),
    "Your session has ended. Sign in again.": "Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an.",
    "Forgotten your password? An owner can make a link for you to choose a new one.": (
        "Passwort vergessen? Ein Eigentümer kann Ihnen einen Link machen, mit dem Sie ein neues wählen."
    ),
    "Welcome back": "Willkommen zurück",
    "You were sending a form when your session ended. It is still here.": (
        "Sie sendeten gerade ein Formular, als Ihre Sitzung ablief. Es ist noch da."
    ),
    "Send it now": "Jetzt senden",
    "Do not send it": "Nicht senden",
    "Set up Liftgate": "Liftgate einrichten",
    "You are the first one here: make yourself the owner. You can invite others afterwards.": (
        "Sie sind hier die erste Person: machen Sie sich zum Eigentümer. Andere können Sie danach einladen."
    ),
    "Your name": "Ihr Name",
    "At least 10 characters. A sentence is easy to remember.": (
        "Mindestens 10 Zeichen. Ein Satz lässt sich leicht merken."
    ),
    "First environment": "Erste Umgebung",
    "Each environment has its own catalogue, customers and keys. Production is a good start.": (
        "Jede Umgebung hat ihren eigenen Katalog, eigene Kunden und Schlüssel. „Production“ ist ein guter Anfang."
    ),
    "Create owner and begin": "Eigentümer anlegen und beginnen",
    "Welcome, {name}": "Willkommen, {name}",
    "Choose a new password": "Ein neues Passwort wählen",
    "You sign in as {email}.": "Sie melden sich als {email} an.",
    "Keep this password and sign in": "Dieses Passwort nehmen und anmelden",
    "No environment yet": "Noch keine Umgebung",
    "You are signed in, but nobody has let you into an environment. Ask an owner.": (
        "Sie sind angemeldet, aber niemand hat Sie in eine Umgebung gelassen. Fragen Sie einen Eigentümer."
    ),
    # Overview
    "{environment}, last 7 days": "{environment}, letzte 7 Tage",
    "Getting started": "Erste Schritte",
    "{done} of {all} done": "{done} von {all} erledigt",
    "(done)": "(erledigt)",
    "Go": "Los",
    "Go: {step}": "Los: {step}",
    "Name your features": "Funktionen benennen",
    "What your product offers: exports, boards, single sign-on.": (
        "Was Ihr Produkt bietet: Exporte, Boards, Single Sign-on."
    ),
    "Make plans": "Pläne anlegen",
    "What belongs to which plan, up to which limit, for which price.": (
        "Was zu welchem Plan gehört, bis zu welchem Limit, zu welchem Preis."
    ),
    "Put up a gate": "Ein Gate aufstellen",
    "The place in your code that asks. Begin with observe: it lets everybody pass and counts.": (
        "Die Stelle in Ihrem Code, die fragt. Beginnen Sie mit Beobachten: das lässt alle durch und zählt."
    ),
    "Publish": "Veröffentlichen",
    "Look at who is affected, then make it count.": "Ansehen, wen es betrifft, dann gilt es.",
    "Make a secret key": "Einen geheimen Schlüssel anlegen",
    "Your application proves itself with it.": "Ihre Anwendung weist sich damit aus.",
    "See the first check arrive": "Die erste Anfrage ankommen sehen",
    "Set LIFTGATE_URL and LIFTGATE_API_KEY where your application runs, and walk through the gate.": (
        "Setzen Sie LIFTGATE_URL und LIFTGATE_API_KEY, wo Ihre Anwendung läuft, und gehen Sie durch das Gate."
    ),
    "Checks at gates": "Anfragen an Gates",
    "Refused": "Abgelehnt",
    "Would have been refused": "Wäre abgelehnt worden",
    "at gates that observe": "an Gates, die beobachten",
    "v{version}": "v{version}",
    "version {version}": "Version {version}",
    "unpublished changes": "unveröffentlichte Änderungen",
    "nothing to publish": "nichts zu veröffentlichen",
    "nothing published": "nichts veröffentlicht",
    "live": "live",
    "empty": "leer",
    "Draft": "Entwurf",
    "Published": "Veröffentlicht",
    "Message": "Nachricht",
    "What happened last": "Was zuletzt geschah",
    "The whole audit log": "Das ganze Protokoll",
    "Nothing yet": "Noch nichts",
    "Every change in this environment will be listed here.": "Hier steht jede Änderung in dieser Umgebung.",
    # My account
    "My account": "Mein Konto",
    "Save name": "Namen speichern",
    "Current password": "Jetziges Passwort",
    "New password": "Neues Passwort",
    "At least 10 characters. Other browsers are signed out.": (
        "Mindestens 10 Zeichen. Andere Browser werden abgemeldet."
    ),
    "Change password": "Passwort ändern",
    "Where you are signed in": "Wo Sie angemeldet sind",
    "this browser": "dieser Browser",
    "last seen": "zuletzt gesehen",
    "Sign out {browser}": "{browser} abmelden",
    "Sign out all others": "Alle anderen abmelden",
    "Your name is saved.": "Ihr Name ist gespeichert.",
    "Your password is changed. Other browsers have been signed out.": (
        "Ihr Passwort ist geändert. Andere Browser sind abgemeldet."
    ),
    "That browser is signed out.": "Dieser Browser ist abgemeldet.",
    "All other browsers are signed out.": "Alle anderen Browser sind abgemeldet.",
    # API keys
    "What your servers and tools prove themselves with in {environment}": (
        "Womit sich Ihre Server und Werkzeuge in {environment} ausweisen"
    ),
    "New key": "Neuer Schlüssel",
    "Your new key": "Ihr neuer Schlüssel",
    "Copy it now. It is not shown again, and only its fingerprint is kept here.": (
        "Kopieren Sie ihn jetzt. Er wird nicht wieder gezeigt, hier bleibt nur sein Fingerabdruck."
    ),
    "Set it as LIFTGATE_API_KEY where your application runs.": (
        "Setzen Sie ihn als LIFTGATE_API_KEY, wo Ihre Anwendung läuft."
    ),
    "Made": "Angelegt",
    "Last used": "Zuletzt benutzt",
    "never": "nie",
    "Secret": "Geheim",
    "Management, {role}": "Verwaltung, {role}",
    "active": "aktiv",
    "revoked": "widerrufen",
    "Revoke": "Widerrufen",
    "Revoke {name}": "{name} widerrufen",
    "Revoke “{name}”?": "„{name}“ widerrufen?",
    "Revoke key": "Schlüssel widerrufen",
    "Whatever still uses this key is refused from its next request on. This cannot be undone.": (
        "Was diesen Schlüssel noch benutzt, wird ab der nächsten Anfrage abgelehnt. "
        "Das lässt sich nicht rückgängig machen."
    ),
    "The key “{name}” is revoked: the next request with it is refused.": (
        "Der Schlüssel „{name}“ ist widerrufen: die nächste Anfrage mit ihm wird abgelehnt."
    ),
    "No keys yet": "Noch keine Schlüssel",
    "Your application needs a secret key to ask what an account may do. Make one, and set it as LIFTGATE_API_KEY.": (
        "Ihre Anwendung braucht einen geheimen Schlüssel, um zu fragen, was ein Konto darf. Legen Sie einen an und "
        "setzen Sie ihn als LIFTGATE_API_KEY."
    ),
    "Where it is used: web servers, nightly report, …": "Wo er benutzt wird: Webserver, nächtlicher Bericht, …",
    "Make key": "Schlüssel anlegen",
    "Secret: your servers ask and report with it": "Geheim: Ihre Server fragen und melden damit",
    "Management, viewer: reads everything": "Verwaltung, Betrachter: liest alles",
    "Management, editor: edits the draft and customers": "Verwaltung, Bearbeiter: bearbeitet Entwurf und Kunden",
    "Management, publisher: publishes, too": "Verwaltung, Herausgeber: veröffentlicht auch",
    "Management, owner: keys and settings, too": "Verwaltung, Eigentümer: auch Schlüssel und Einstellungen",
    # People
    "Who signs in to this installation, and what they may do": "Wer sich hier anmeldet und was er darf",
    "Invite": "Einladen",
    "Invite somebody": "Jemanden einladen",
    "Last sign-in": "Letzte Anmeldung",
    "you": "Sie",
    "disabled": "gesperrt",
    "invited": "eingeladen",
    "You are alone here": "Sie sind hier allein",
    "Invite those who look after plans and prices. An editor prepares changes, a publisher puts them live, "
    "an owner lets others in.": (
        "Laden Sie ein, wer sich um Pläne und Preise kümmert. Ein Bearbeiter bereitet Änderungen vor, ein Herausgeber "
        "setzt sie live, ein Eigentümer lässt andere herein."
    ),
    "You get a link to send to them. It works once, for three days.": (
        "Sie bekommen einen Link zum Weitergeben. Er gilt einmal, drei Tage lang."
    ),
    "Role in every environment": "Rolle in jeder Umgebung",
    "A different one for one environment can be chosen afterwards.": (
        "Für einzelne Umgebungen können Sie danach eine andere wählen."
    ),
    "Make invitation link": "Einladungslink machen",
    "All people": "Alle Personen",
    "A link for {name}": "Ein Link für {name}",
    "Link": "Link",
    "Send it to them alone: whoever has it can choose the password. It works once, for three days, and is not shown "
    "again.": (
        "Geben Sie ihn nur dieser Person: wer ihn hat, kann das Passwort wählen. Er gilt einmal, drei Tage lang, "
        "und wird nicht wieder gezeigt."
    ),
    "Roles": "Rollen",
    "In every environment": "In jeder Umgebung",
    "Save role": "Rolle speichern",
    "Different in": "Anders in",
    "Not different": "Nicht anders",
    "Save the role in {environment}": "Die Rolle in {environment} speichern",
    "Access": "Zugang",
    "Since": "Seit",
    "Kept out since {day}.": "Ausgesperrt seit {day}.",
    "Let in again": "Wieder hereinlassen",
    "A link lets them choose a password, for instance a forgotten one.": (
        "Mit einem Link kann die Person ein Passwort wählen, zum Beispiel wenn sie es vergessen hat."
    ),
    "Make a password link": "Passwort-Link machen",
    "Make a new invitation link": "Neuen Einladungslink machen",
    "Disable": "Sperren",
    "Disable {name}?": "{name} sperren?",
    "They are signed out everywhere and kept out. What they did stays in the audit log. You can let them in again.": (
        "Die Person wird überall abgemeldet und ausgesperrt. Was sie getan hat, bleibt im Protokoll. "
        "Sie können sie wieder hereinlassen."
    ),
    "The role is changed.": "Die Rolle ist geändert.",
    "They are kept out from now on.": "Die Person ist ab jetzt ausgesperrt.",
    "They may sign in again.": "Die Person kann sich wieder anmelden.",
    "Viewer: sees everything": "Betrachter: sieht alles",
    "Editor: edits the draft and customers": "Bearbeiter: bearbeitet Entwurf und Kunden",
    "Publisher: publishes, too": "Herausgeber: veröffentlicht auch",
    "Owner: keys, people and settings, too": "Eigentümer: auch Schlüssel, Personen und Einstellungen",
    # Environment
    "Settings of {environment}": "Einstellungen von {environment}",
    "General": "Allgemein",
    "Default language": "Standardsprache",
    "A tag such as en or de-AT. Customers without a language of their own read in it.": (
        "Ein Kürzel wie en oder de-AT. Kunden ohne eigene Sprache lesen in dieser."
    ),
    "Pages of your product": "Seiten Ihres Produkts",
    "Origins that may use the client face": "Origins, die die Client-Schnittstelle benutzen dürfen",
    "One per line, as a browser sends it: https://app.example.com": (
        "Eine je Zeile, wie ein Browser sie sendet: https://app.example.com"
    ),
    "Buyers complete manual orders alone": "Käufer schließen manuelle Bestellungen allein ab",
    "For demonstrations: nobody approves what is ordered, and nothing is paid.": (
        "Für Vorführungen: niemand gibt Bestellungen frei, und nichts wird bezahlt."
    ),
    "Save settings": "Einstellungen speichern",
    "The settings are saved.": "Die Einstellungen sind gespeichert.",
    "Nothing crosses from one environment to another": "Nichts gelangt von einer Umgebung in eine andere",
    "Production, Staging, …": "Produktion, Staging, …",
    "Key": "Schlüssel",
    "Stands in addresses and keys, and never changes. Left empty, it is made of the name.": (
        "Steht in Adressen und Schlüsseln und ändert sich nie. Bleibt das Feld leer, entsteht er aus dem Namen."
    ),
    "Create environment": "Umgebung anlegen",
    "The environment “{name}” is made. It is empty.": "Die Umgebung „{name}“ ist angelegt. Sie ist leer.",
}
