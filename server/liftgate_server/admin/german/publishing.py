"""The pages of publishing."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Accounts that gain something": "Konten, die etwas gewinnen",
    "Accounts that lose something": "Konten, die etwas verlieren",
    "Accounts that come to be over a limit": "Konten, die über eine Grenze geraten",
    "Accounts that move to a new version": "Konten, die auf eine neue Version wechseln",
    "What changes": "Was sich ändert",
    "Affected accounts": "Betroffene Konten",
    "No account": "Kein Konto",
    "Nobody is affected in this way.": "Niemand ist auf diese Weise betroffen.",
    "Draft revisions": "Stände des Entwurfs",
    "Every save of the draft; the newest 200 are kept.": (
        "Jedes Speichern des Entwurfs; die neuesten 200 werden aufbewahrt."
    ),
    "Revision": "Stand",
    "Saved": "Gespeichert",
    "By": "Von",
    "Based on": "Beruht auf",
    "discarded": "verworfen",
    "Which field was changed from what to what stands in the audit log.": (
        "Welches Feld von was auf was geändert wurde, steht im Protokoll."
    ),
    "No draft was ever saved": "Es wurde noch kein Entwurf gespeichert",
    "As soon as somebody changes the catalogue here, each save stands in this list.": (
        "Sobald hier jemand den Katalog ändert, steht jedes Speichern in dieser Liste."
    ),
    "Every version that was published; each can be looked at, compared and taken up again.": (
        "Jede veröffentlichte Version; jede lässt sich ansehen, vergleichen und wieder aufnehmen."
    ),
    "waiting": "wartet",
    "published": "veröffentlicht",
    "failed": "fehlgeschlagen",
    "canceled": "abgesagt",
    "for everybody": "für alle",
    "for new customers": "für neue Kunden",
    "Cancel this publication?": "Diese Veröffentlichung absagen?",
    "It will not be published. The draft is untouched.": "Sie findet nicht statt. Der Entwurf bleibt, wie er ist.",
    "Cancel the publication": "Veröffentlichung absagen",
    "Version {version}": "Version {version}",
    "Roll back…": "Zurückkehren …",
    "Nothing has been published yet": "Noch wurde nichts veröffentlicht",
    (
        "Make a plan, give it features, and publish. From then on every version stands here, with who "
        "published it and why."
    ): (
        "Legen Sie einen Plan an, geben Sie ihm Funktionen und veröffentlichen Sie. Von da an steht hier "
        "jede Version, mit wem und warum."
    ),
    "Open plans & features": "Pläne & Funktionen öffnen",
    "Scheduled": "Geplant",
    "removed": "entfernt",
    "becomes": "wird zu",
    "is taken out": "fällt weg",
    "Who gets the new versions?": "Wer bekommt die neuen Versionen?",
    "New customers only": "Nur neue Kunden",
    "Whoever has a subscription keeps the version it was made with.": (
        "Wer ein Abonnement hat, behält die Version, mit der es begann."
    ),
    "Everybody, from a date": "Alle, ab einem Tag",
    "Existing subscribers move, too; they can be told beforehand.": (
        "Auch wer schon abonniert hat, wechselt; man kann es vorher sagen."
    ),
    "From": "Ab",
    "Empty: at once.": "Leer: sofort.",
    "Tell them days before": "Tage vorher ankündigen",
    "none": "keine",
    "Extra for switching early": "Zugabe für frühes Wechseln",
    "How much more": "Wie viel mehr",
    "A number; for an on/off feature leave it empty.": "Eine Zahl; bei einer Ein-Aus-Funktion leer lassen.",
    "For days": "Für Tage",
    "Show who is affected": "Zeigen, wen es betrifft",
    "gain something": "gewinnen etwas",
    "lose something": "verlieren etwas",
    "come to be over a limit": "geraten über eine Grenze",
    "move to a new version": "wechseln die Version",
    "Plan or add-on": "Plan oder Zusatz",
    "What changes for them": "Was sich für sie ändert",
    "Over a limit": "Über der Grenze",
    "By plan": "Nach Plan",
    "without a subscription": "ohne Abonnement",
    "version {old} → {new}": "Version {old} → {new}",
    "gain:": "Gewinn:",
    "loss:": "Verlust:",
    "No account has anything that changes.": "Kein Konto hat etwas, das sich ändert.",
    "Cannot be published": "Kann nicht veröffentlicht werden",
    "Cannot be published: what is in use would be removed": (
        "Kann nicht veröffentlicht werden: Es würde entfernt, was in Gebrauch ist"
    ),
    "Archive instead": "Stattdessen archivieren",
    "In use by:": "In Gebrauch bei:",
    "Archived: whoever has it keeps it, and nobody else is offered it.": (
        "Archiviert: Wer es hat, behält es; sonst wird es niemandem angeboten."
    ),
    "Worth a second look": "Einen zweiten Blick wert",
    "does not keep you from publishing": "hindert nicht am Veröffentlichen",
    "Publishing needs the role Publisher.": "Zum Veröffentlichen braucht es die Rolle „Herausgeber“.",
    "These people have it: {names}.": "Diese Personen haben sie: {names}.",
    "draft {revision}": "Entwurf {revision}",
    "Live: version {version}": "Aktuell: Version {version}",
    "Nothing is published yet": "Noch ist nichts veröffentlicht",
    "edited": "bearbeitet",
    "Discard": "Verwerfen",
    "Publish…": "Veröffentlichen …",
    "The draft and version {version} both changed the same": (
        "Der Entwurf und Version {version} haben beide dasselbe geändert"
    ),
    "Somebody published while this draft was being made. Decide whose values stay; everything else is merged.": (
        "Jemand hat veröffentlicht, während dieser Entwurf entstand. Entscheiden Sie, wessen Werte bleiben; "
        "alles andere wird zusammengeführt."
    ),
    "It was": "Es war",
    "Published since": "Inzwischen veröffentlicht",
    "In the draft": "Im Entwurf",
    "Fields that both changed": "Felder, die beide geändert haben",
    "Keep what is published": "Veröffentlichtes behalten",
    "Keep the draft's values": "Werte des Entwurfs behalten",
    "Published meanwhile: version {version}": "Inzwischen veröffentlicht: Version {version}",
    "{name} published it": "{name} hat sie veröffentlicht,",
    "It is merged in below, and when you publish.": "Unten und beim Veröffentlichen ist sie eingearbeitet.",
    "Take it into the draft": "In den Entwurf übernehmen",
    "Nothing to publish": "Nichts zu veröffentlichen",
    (
        "What is changed in the catalogue collects in a draft. Here you see it whole, with the accounts it "
        "touches, before anybody gets it."
    ): (
        "Was im Katalog geändert wird, sammelt sich in einem Entwurf. Hier sehen Sie ihn ganz, mit den "
        "Konten, die er betrifft, bevor ihn jemand bekommt."
    ),
    "Who is affected": "Wen es betrifft",
    "Publish version {version}?": "Version {version} veröffentlichen?",
    "It happens by itself at the chosen time, if nothing else is published before.": (
        "Es geschieht von selbst zur gewählten Zeit, wenn vorher nichts anderes veröffentlicht wird."
    ),
    "Changes against live": "Änderungen gegenüber der aktuellen Version",
    "{count} field": "{count} Feld",
    "{count} fields": "{count} Felder",
    "As YAML": "Als YAML",
    "Differences as YAML": "Unterschiede als YAML",
    "Why? It stands in the history.": "Warum? Es steht im Verlauf.",
    "When?": "Wann?",
    "Now": "Jetzt",
    "At a time": "Zu einer Zeit",
    "Day and time": "Tag und Uhrzeit",
    "Settle what is in use first.": "Klären Sie zuerst, was in Gebrauch ist.",
    "Discard the draft?": "Den Entwurf verwerfen?",
    "Everything that was changed since version {version} is taken back. Its revisions stay in the history.": (
        "Alles, was seit Version {version} geändert wurde, wird zurückgenommen. Seine Stände bleiben im Verlauf."
    ),
    "Discard the draft": "Entwurf verwerfen",
    "Back to version {version}": "Zurück zu Version {version}",
    "Its content is published again, as a new version; nothing is erased.": (
        "Ihr Inhalt wird noch einmal veröffentlicht, als neue Version; nichts wird gelöscht."
    ),
    "Nothing would change": "Nichts würde sich ändern",
    "What is live says the same as version {version}.": "Die aktuelle Version sagt dasselbe wie Version {version}.",
    "Go back to version {version}?": "Zu Version {version} zurückkehren?",
    "Roll back": "Zurückkehren",
    "Roll back to it…": "Zu ihr zurückkehren …",
    "Version {version} is live.": "Version {version} ist aktuell.",
    "Every connected app has it in moments; the others fetch it within a minute.": (
        "Jede verbundene Anwendung hat sie in Augenblicken; die anderen holen sie binnen einer Minute."
    ),
    "Subscribers who move": "Abonnenten, die wechseln",
    "since": "seit",
    "told from": "angekündigt ab",
    "Moved": "Gewechselt",
    "{done} of {total} written": "{done} von {total} geschrieben",
    "They hold the new version from that instant on; the writing only brings the books up to date.": (
        "Sie haben die neue Version ab diesem Augenblick; das Schreiben bringt nur die Bücher auf Stand."
    ),
    "What changed": "Was sich geändert hat",
    "Compared with": "Verglichen mit",
    "the version before": "der Version davor",
    "what is live": "der aktuellen",
    "Nothing that is told in words.": "Nichts, was in Worten steht.",
    "The whole document": "Das ganze Dokument",
    "{count} subscription": "{count} Abonnement",
    "{count} subscriptions": "{count} Abonnements",
    "{count} scheduled change": "{count} geplante Änderung",
    "{count} scheduled changes": "{count} geplante Änderungen",
    "{count} trial": "{count} Test",
    "{count} trials": "{count} Tests",
    "{count} account with an older plan": "{count} Konto mit einem älteren Plan",
    "{count} accounts with an older plan": "{count} Konten mit einem älteren Plan",
    "everybody without a subscription": "alle ohne Abonnement",
    "{count} override or promotion": "{count} Ausnahme oder Zugabe",
    "{count} overrides and promotions": "{count} Ausnahmen und Zugaben",
    "{count} check in the last days": "{count} Prüfung in den letzten Tagen",
    "{count} checks in the last days": "{count} Prüfungen in den letzten Tagen",
    "Feature {name}": "Funktion {name}",
    "Plan {name}": "Plan {name}",
    "Add-on {name}": "Zusatz {name}",
    "Gate {name}": "Gate {name}",
    "Whoever subscribes from now on gets the new versions; {number} account keeps what it has.": (
        "Wer ab jetzt abonniert, bekommt die neuen Versionen; {number} Konto behält, was es hat."
    ),
    "Whoever subscribes from now on gets the new versions; {number} accounts keep what they have.": (
        "Wer ab jetzt abonniert, bekommt die neuen Versionen; {number} Konten behalten, was sie haben."
    ),
    "The default plan changes at once for {accounts} without a subscription.": (
        "Der Standardplan ändert sich sofort für {accounts} ohne Abonnement."
    ),
    "{number} account": "{number} Konto",
    "{number} accounts": "{number} Konten",
    "At once {number} account moves to the new versions.": "Sofort wechselt {number} Konto zu den neuen Versionen.",
    "At once {number} accounts move to the new versions.": "Sofort wechseln {number} Konten zu den neuen Versionen.",
    "On {day} {number} account moves to the new versions; it is told from {days} days before.": (
        "Am {day} wechselt {number} Konto zu den neuen Versionen; angekündigt wird es {days} Tage vorher."
    ),
    "On {day} {number} accounts move to the new versions; they are told from {days} days before.": (
        "Am {day} wechseln {number} Konten zu den neuen Versionen; angekündigt wird es {days} Tage vorher."
    ),
    "Losing something: {accounts}.": "Verlieren etwas: {accounts}.",
    "Over a limit then: {accounts}.": "Dann über einer Grenze: {accounts}.",
    "Every app has the new catalogue in moments; no subscriber keeps an older version.": (
        "Jede Anwendung hat den neuen Katalog in Augenblicken; kein Abonnent behält eine ältere Version."
    ),
    "No subscriber holds an older version, so nobody is moved.": (
        "Kein Abonnent hat eine ältere Version, also wechselt niemand."
    ),
    "Highest quantity": "Höchste Menge",
    "{days} days": "{days} Tage",
    "enforce": "durchsetzen",
    "observe": "beobachten",
    "open": "offen",
    "on or off": "ein oder aus",
    "consumed per period": "wird je Zeitraum verbraucht",
    "a level": "ein Stand",
    "a value": "ein Wert",
    "listed in another order": "in anderer Reihenfolge",
    "Entitlements": "Leistungen",
    "Version {version} is published: it is what version {old} was.": (
        "Version {version} ist veröffentlicht: Sie ist, was Version {old} war."
    ),
    "The scheduled publication is canceled. The draft is untouched.": (
        "Die geplante Veröffentlichung ist abgesagt. Der Entwurf bleibt, wie er ist."
    ),
    "The draft was discarded. Its revisions are kept in the history.": (
        "Der Entwurf ist verworfen. Seine Stände bleiben im Verlauf."
    ),
    "The draft is up to date with what is published.": "Der Entwurf ist auf dem Stand des Veröffentlichten.",
    "It is back in the draft, archived: whoever has it keeps it, and nobody else is offered it.": (
        "Es ist wieder im Entwurf, archiviert: Wer es hat, behält es; sonst wird es niemandem angeboten."
    ),
    "Version {version} is published. Running apps have it in moments.": (
        "Version {version} ist veröffentlicht. Laufende Anwendungen haben sie in Augenblicken."
    ),
    "The publication is scheduled.": "Die Veröffentlichung ist geplant.",
    "{plan} has less of {feature} ({less}) than {other} ({more}).": (
        "{plan} hat weniger {feature} ({less}) als {other} ({more})."
    ),
    "{plan} costs {price} {per}, which is no more than {other} ({other_price}).": (
        "{plan} kostet {price} {per}, nicht mehr als {other} ({other_price})."
    ),
    "{plan} gives nothing that {other} does not give: nobody has a reason to upgrade.": (
        "{plan} gibt nichts, was {other} nicht gibt: Niemand hat einen Grund aufzusteigen."
    ),
    "{plan} gives only a little more of {features} than {other}.": "{plan} gibt nur wenig mehr {features} als {other}.",
    "{plan} lacks {feature}, which {other} has.": "{plan} fehlt {feature}; {other} hat es.",
    "Write a day, such as 2026-12-31.": "Schreiben Sie einen Tag, etwa 2026-12-31.",
    "Write a whole number of days, at most 3650.": "Schreiben Sie eine ganze Zahl von Tagen, höchstens 3650.",
    "Choose a feature of the catalogue.": "Wählen Sie eine Funktion aus dem Katalog.",
    "Write how much more of it, such as 100.": "Schreiben Sie, wie viel mehr davon, etwa 100.",
    "Choose the day and the time of the publication.": "Wählen Sie Tag und Uhrzeit der Veröffentlichung.",
    "It cannot be published on these terms.": "Zu diesen Bedingungen kann nicht veröffentlicht werden.",
    "Only those who hold an older version are moved on a date.": (
        "Nur wer eine ältere Version hat, wechselt an einem Tag."
    ),
    "Nobody is moved, so nobody can move early.": "Niemand wechselt, also kann niemand früh wechseln.",
    "The date lies before the publication.": "Der Tag liegt vor der Veröffentlichung.",
    "They are moved at once, so nobody can move early.": "Sie wechseln sofort, also kann niemand früh wechseln.",
    "Notice is given 0 to 366 days before.": "Angekündigt wird 0 bis 366 Tage vorher.",
    "The time has passed already.": "Die Zeit ist schon vorbei.",
    "The draft was changed while you were reviewing it. Look at the new one before publishing.": (
        "Der Entwurf wurde geändert, während Sie ihn prüften. Sehen Sie den neuen an, bevor Sie veröffentlichen."
    ),
    "problem:stale_base": (
        "Inzwischen wurde etwas anderes veröffentlicht. Sehen Sie noch einmal hin, bevor Sie veröffentlichen."
    ),
    "problem:in_use": "Was in Gebrauch ist, kann nicht entfernt werden. Archivieren Sie es stattdessen.",
    "problem:schedule_decided": "Über diese Veröffentlichung ist schon entschieden.",
    "problem:unknown_version": "Diese Version gibt es nicht.",
    "problem:unknown_schedule": "Diese geplante Veröffentlichung gibt es nicht.",
}
