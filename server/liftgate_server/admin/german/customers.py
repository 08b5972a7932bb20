"""The pages about accounts."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "This is what the account is told.": "Das wird dem Konto gesagt.",
    "What it has": "Was es hat",
    "open a line to see why": "Zeile öffnen, um zu sehen, warum",
    "used": "verbraucht",
    "{used} of {limit}": "{used} von {limit}",
    "{used} used": "{used} verbraucht",
    "Override…": "Überschreiben …",
    "The host has not reported how much is used; limits are shown without it.": (
        "Die Anwendung hat keinen Verbrauch gemeldet; die Grenzen stehen ohne ihn da."
    ),
    "No features yet": "Noch keine Funktionen",
    "Nothing is published in this environment.": "In dieser Umgebung ist nichts veröffentlicht.",
    "Overrides and grants": "Ausnahmen und Zugaben",
    "from": "ab",
    "until": "bis",
    "until and including": "bis einschließlich",
    "without an end": "ohne Ende",
    "End": "Beenden",
    "End it now?": "Jetzt beenden?",
    "{kind} of {about}: from now on the account has what its plan and add-ons give.": (
        "{kind} für {about}: Ab jetzt hat das Konto, was sein Plan und seine Zusätze geben."
    ),
    "End now": "Jetzt beenden",
    (
        "None. An override gives this account something else than its plan does; a promotion adds to it; a "
        "revoke closes a feature."
    ): (
        "Keine. Eine Ausnahme gibt diesem Konto etwas anderes als sein Plan, eine Zugabe gibt etwas dazu, "
        "eine Sperre schließt eine Funktion."
    ),
    "Override": "Ausnahme",
    "Revocation": "Sperre",
    "Promotion": "Zugabe",
    "Subscription": "Abonnement",
    "scheduled": "geplant",
    "add-on": "Zusatz",
    "no end": "kein Ende",
    "None: the account holds the default plan {plan}.": "Keines: Das Konto hat den Standardplan {plan}.",
    "None.": "Keine.",
    "Change…": "Ändern …",
    "Start…": "Beginnen …",
    "Undo what is scheduled": "Geplantes zurücknehmen",
    "Refused in the last 7 days": "In den letzten 7 Tagen abgewiesen",
    "only observed": "nur beobachtet",
    "last": "zuletzt",
    "No gate has refused this account.": "Kein Gate hat dieses Konto abgewiesen.",
    "Attributes": "Merkmale",
    "as the app reports them": "wie die Anwendung sie meldet",
    "Change subscription": "Abonnement ändern",
    "Start a subscription": "Abonnement beginnen",
    "Add override": "Ausnahme anlegen",
    "by default": "als Standard",
    "Revenue per month": "Umsatz im Monat",
    "Paid until": "Bezahlt bis",
    "Trial until": "Test bis",
    "Known since": "Bekannt seit",
    "Pages of this account": "Seiten dieses Kontos",
    "Revenue": "Umsatz",
    "Activity": "Aktivität",
    "No orders": "Keine Bestellungen",
    "What somebody in this account buys or asks for stands here.": (
        "Hier steht, was jemand aus diesem Konto kauft oder anfragt."
    ),
    "from the audit log": "aus dem Protokoll",
    "before and after": "vorher und nachher",
    "Before": "Vorher",
    "After": "Nachher",
    "Changes that people and keys make to this account stand here, with before and after.": (
        "Hier stehen die Änderungen, die Personen und Schlüssel an diesem Konto vornehmen, mit Vorher und Nachher."
    ),
    "Add an override": "Ausnahme anlegen",
    "Add a promotion": "Zugabe anlegen",
    "Add a revoke": "Sperre anlegen",
    "Has this instead of what the plan gives.": "Hat dies statt dem, was der Plan gibt.",
    "Has this on top, for a time.": "Hat dies zusätzlich, für eine Zeit.",
    "Is closed, whatever gives it.": "Ist geschlossen, was auch immer sie gibt.",
    "Continue with this feature": "Mit dieser Funktion weiter",
    "off": "aus",
    "How much": "Wie viel",
    "A number, or “unlimited”.": "Eine Zahl oder „unlimited“.",
    "Per": "Pro",
    "Until and including": "Bis einschließlich",
    "Empty: until somebody ends it.": "Leer: bis jemand sie beendet.",
    "Why? It stands in the audit log and in the account's “why”.": (
        "Warum? Es steht im Protokoll und beim „Warum“ des Kontos."
    ),
    "Add the override": "Ausnahme anlegen",
    "Add the promotion": "Zugabe anlegen",
    "Close the feature": "Funktion schließen",
    "The accounts that your app has told of": "Die Konten, von denen Ihre Anwendung erzählt hat",
    "Beginning of a name or id": "Anfang von Name oder Kennung",
    "all": "alle",
    "Status": "Status",
    "Show": "Anzeigen",
    "Changed": "Geändert",
    "No account matches": "Kein Konto passt",
    "Accounts are found by the beginning of their name or id.": (
        "Konten werden am Anfang ihres Namens oder ihrer Kennung gefunden."
    ),
    "No customers yet": "Noch keine Kunden",
    (
        "Your app tells Liftgate of its accounts. Put this where an account is created or signs in; it "
        "appears here at once."
    ): (
        "Ihre Anwendung erzählt Liftgate von ihren Konten. Setzen Sie dies dorthin, wo ein Konto angelegt "
        "wird oder sich anmeldet; es erscheint hier sofort."
    ),
    "at the gate": "am Gate",
    "price held until": "Preis gilt bis",
    "decided": "entschieden",
    "Reject": "Ablehnen",
    "Approve": "Genehmigen",
    "Approve this order?": "Diese Bestellung genehmigen?",
    "{customer} has {what} at once, for {price}.": "{customer} hat {what} sofort, für {price}.",
    "Reject this order?": "Diese Bestellung ablehnen?",
    "{customer} does not get {what}, and nothing is bought.": (
        "{customer} bekommt {what} nicht, und nichts wird gekauft."
    ),
    "What was bought or asked for; what waits stands first.": (
        "Was gekauft oder angefragt wurde; was wartet, steht vorn."
    ),
    "all, waiting first": "alle, wartende zuerst",
    "Waiting for a decision": "Wartet auf eine Entscheidung",
    "Decided": "Entschieden",
    (
        "When somebody presses “Upgrade now” in your app, the order appears here, and waits for approval "
        "where no payment provider settles it."
    ): (
        "Wenn jemand in Ihrer Anwendung auf „Jetzt upgraden“ drückt, erscheint die Bestellung hier und "
        "wartet auf Genehmigung, wo kein Zahlungsanbieter sie abwickelt."
    ),
    "May buy": "Darf kaufen",
    "People of the account": "Personen des Kontos",
    "asks a buyer": "fragt, wer kaufen darf",
    "Nobody is marked as a buyer, so everybody may buy.": "Niemand ist als Käufer markiert, also dürfen alle kaufen.",
    "Nobody yet": "Noch niemand",
    "The app has told of no person in this account. Without that everybody in it may buy.": (
        "Die Anwendung hat von keiner Person in diesem Konto erzählt. Ohne das dürfen alle darin kaufen."
    ),
    "Monthly revenue": "Umsatz im Monat",
    "every change of it, newest first": "jede Änderung, die neueste zuerst",
    "What happened": "Was geschah",
    "Changes of monthly revenue": "Änderungen des Umsatzes im Monat",
    "No revenue yet": "Noch kein Umsatz",
    "From the first paid subscription on, every change of what the account pays per month is written down here.": (
        "Ab dem ersten bezahlten Abonnement wird hier jede Änderung dessen aufgeschrieben, was das Konto im "
        "Monat zahlt."
    ),
    "Paid": "Bezahlt",
    "Seats": "Plätze",
    "the usual one": "die übliche",
    "Trial, in days": "Test, in Tagen",
    "Empty: none.": "Leer: keiner.",
    "Show what it would do": "Zeigen, was es bewirkt",
    "Start it": "Beginnen",
    "Change it": "Ändern",
    "more at once, less from the period's end on": "mehr sofort, weniger ab dem Ende des Zeitraums",
    "free": "kostenlos",
    "{count} from": "{count} ab",
    "How many {addon}": "Wie viele {addon}",
    "Set": "Setzen",
    "Set {addon}": "{addon} setzen",
    "A newer version of the plan": "Eine neuere Version des Plans",
    "The plan was published anew since this account subscribed; the account keeps the version it has.": (
        "Der Plan wurde neu veröffentlicht, seit dieses Konto ihn abonniert hat; das Konto behält seine Version."
    ),
    "Switch to the current version": "Auf die aktuelle Version wechseln",
    "Switch to the current version?": "Auf die aktuelle Version wechseln?",
    "The account has what the plan gives today, at today's price, at once.": (
        "Das Konto hat sofort, was der Plan heute gibt, zum heutigen Preis."
    ),
    "It ends on": "Es endet am",
    "A change takes effect on": "Eine Änderung wirkt ab dem",
    "Past due keeps access. Paused gives what the default plan gives, and counts no revenue.": (
        "Überfällig behält den Zugang. Pausiert gibt, was der Standardplan gibt, und zählt keinen Umsatz."
    ),
    "Active": "Aktiv",
    "Past due": "Überfällig",
    "Paused": "Pausiert",
    "End it": "Beenden",
    "Add-ons end with the plan. Nothing that the account made is deleted.": (
        "Zusätze enden mit dem Plan. Nichts, was das Konto erstellt hat, wird gelöscht."
    ),
    "At the period's end": "Zum Ende des Zeitraums",
    "End it with the period?": "Mit dem Zeitraum beenden?",
    "The account keeps everything until then; it can be undone.": (
        "Das Konto behält bis dahin alles; es lässt sich zurücknehmen."
    ),
    "End at the period's end": "Zum Ende des Zeitraums beenden",
    "{customer} has what the default plan gives, at once.": (
        "{customer} hat sofort nur noch, was der Standardplan gibt."
    ),
    "{source} adds: {amount}.": "{source} gibt dazu: {amount}.",
    "So the limit is: {limit}. When last reported, {used} were used.": (
        "Also ist die Grenze: {limit}. Zuletzt gemeldet wurden {used}."
    ),
    "{source} closes the feature, whatever else gives it.": (
        "{source} schließt die Funktion, was auch immer sie sonst gibt."
    ),
    "{source} does not count, because an override decides.": "{source} zählt nicht, weil eine Ausnahme entscheidet.",
    "{source} does not include it.": "{source} enthält sie nicht.",
    "{source} gives: {amount}.": "{source} gibt: {amount}.",
    "So it is closed.": "Also ist sie geschlossen.",
    "Nothing the account holds includes it.": "Nichts, was das Konto hat, enthält sie.",
    "So the value is {value}.": "Also ist der Wert {value}.",
    "So it is on.": "Also ist sie an.",
    "So it is off.": "Also ist sie aus.",
    "So the limit is: {limit}. The host has reported no use.": (
        "Also ist die Grenze: {limit}. Die Anwendung hat keinen Verbrauch gemeldet."
    ),
    "So the limit is reached: {used} of {limit} used.": "Also ist die Grenze erreicht: {used} von {limit} verbraucht.",
    "closed": "geschlossen",
    "{kind} added. It counts from now on.": "{kind} angelegt. Sie gilt ab jetzt.",
    "It has ended.": "Sie ist beendet.",
    "the whole plan": "der ganze Plan",
    "The order is approved; {customer} has what was ordered.": (
        "Die Bestellung ist genehmigt; {customer} hat das Bestellte."
    ),
    "The order is rejected; nothing was bought.": "Die Bestellung ist abgelehnt; nichts wurde gekauft.",
    "the app": "die Anwendung",
    "a buyer": "darf kaufen",
    "a member who may not buy": "darf nicht kaufen",
    "add-on × {count}": "Zusatz × {count}",
    "{count} seat": "{count} Platz",
    "{count} seats": "{count} Plätze",
    "{source}, until {day}": "{source}, bis {day}",
    "The plan {name} (version {version})": "Der Plan {name} (Version {version})",
    "The default plan {name}": "Der Standardplan {name}",
    "The trial of {name} (version {version})": "Der Test von {name} (Version {version})",
    "The add-on {name} (version {version})": "Der Zusatz {name} (Version {version})",
    "Trial of {name}": "Test von {name}",
    "{source} (“{reason}”)": "{source} („{reason}“)",
    "Trial became paid": "Test wurde bezahlt",
    "Plan changed": "Plan geändert",
    "Interval changed": "Zahlweise geändert",
    "Seats changed": "Plätze geändert",
    "Resumed": "Fortgesetzt",
    "Canceled": "Gekündigt",
    "closed by a revoke": "durch eine Sperre geschlossen",
    "no data": "keine Daten",
    "no account": "kein Konto",
    "trial": "Test",
    "past due": "überfällig",
    "paused": "pausiert",
    "ended": "beendet",
    "no subscription": "kein Abonnement",
    "requested": "angefragt",
    "pending": "wartend",
    "completed": "abgeschlossen",
    "Subscription started": "Abo begonnen",
    "Add-on changed": "Zusatz geändert",
    "rejected": "abgelehnt",
    "expired": "verfallen",
    "running": "läuft",
    "expansion": "Ausbau",
    "reactivation": "Rückkehr",
    "contraction": "Rückgang",
    "churn": "Abgang",
    "The subscription has begun.": "Das Abonnement hat begonnen.",
    "The add-on is changed.": "Der Zusatz ist geändert.",
    "What was scheduled is taken back.": "Das Geplante ist zurückgenommen.",
    "The account has the current version of its plan.": "Das Konto hat die aktuelle Version seines Plans.",
    "The change is scheduled.": "Die Änderung ist geplant.",
    "The subscription is changed.": "Das Abonnement ist geändert.",
    "The subscription has ended.": "Das Abonnement ist beendet.",
    "It ends with the period that is paid for.": "Es endet mit dem bezahlten Zeitraum.",
    "The subscription is active.": "Das Abonnement ist aktiv.",
    "The subscription is paused: the account has what the default plan gives.": (
        "Das Abonnement ist pausiert: Das Konto hat, was der Standardplan gibt."
    ),
    "The subscription is marked as past due; access stays.": (
        "Das Abonnement ist als überfällig markiert; der Zugang bleibt."
    ),
    "It takes effect on {day}, at the end of the period that is paid for.": (
        "Es wirkt ab {day}, zum Ende des bezahlten Zeitraums."
    ),
    "{plan}, {details}: {price}.": "{plan}, {details}: {price}.",
    "It is a trial at once, and paid for from {day} on.": "Es ist sofort ein Test und wird ab {day} bezahlt.",
    "It takes effect at once.": "Es wirkt sofort.",
    "This is what the account has already.": "Das hat das Konto bereits.",
    "Monthly revenue: {before} → {after}.": "Umsatz im Monat: {before} → {after}.",
    "These add-ons end with it: {addons}.": "Damit enden diese Zusätze: {addons}.",
    "Choose a plan.": "Wählen Sie einen Plan.",
    "Write how many, 0 for none.": "Schreiben Sie, wie viele, 0 für keinen.",
    "Write a whole number.": "Schreiben Sie eine ganze Zahl.",
    "Write a whole number from 1 on.": "Schreiben Sie eine ganze Zahl ab 1.",
    "Write a whole number, or “unlimited” for a limit.": (
        "Schreiben Sie eine ganze Zahl, bei einer Grenze auch „unlimited“."
    ),
    "Write why, in up to 500 characters.": "Schreiben Sie, warum, mit höchstens 500 Zeichen.",
    "A grant ends after it begins, and not in the past.": (
        "Sie endet, nachdem sie begonnen hat, und nicht in der Vergangenheit."
    ),
    "A promotion adds an amount or turns a switch on; a setting takes an override.": (
        "Eine Zugabe gibt eine Menge dazu oder schaltet etwas ein; für einen Wert nehmen Sie eine Ausnahme."
    ),
    "The entitlement does not fit the feature.": "Das passt nicht zu dieser Funktion.",
    "The customer has a subscription; change it instead.": "Das Konto hat ein Abonnement; ändern Sie es stattdessen.",
    "The customer has no subscription.": "Das Konto hat kein Abonnement.",
    "Nothing is scheduled for this subscription.": "Für dieses Abonnement ist nichts geplant.",
    "A trial is neither past due nor paused; cancel it instead.": (
        "Ein Test ist weder überfällig noch pausiert; beenden Sie ihn stattdessen."
    ),
    "The subscription is paused; it is resumed before anything is bought.": (
        "Das Abonnement ist pausiert; vor einem Kauf wird es fortgesetzt."
    ),
    "problem:currency_mismatch": (
        "Das Konto zahlt in einer anderen Währung und behält sie, solange etwas abonniert ist."
    ),
    "problem:addon_not_allowed": "Dieser Zusatz passt nicht zu dem Plan des Kontos.",
    "problem:addon_not_held": "Das Konto hat diesen Zusatz nicht.",
    "problem:addon_changed": "Das Konto hat diesen Zusatz inzwischen zu einem anderen Preis.",
    "problem:no_price": "Dafür gibt es keinen Preis in dieser Zahlweise und Währung.",
    "problem:max_quantity_exceeded": "So viele davon kann ein Konto nicht haben.",
    "problem:unknown_plan": "Diesen Plan gibt es im Katalog nicht.",
    "problem:unknown_addon": "Diesen Zusatz gibt es im Katalog nicht.",
    "problem:archived": "Das ist archiviert und wird nicht mehr verkauft.",
    "problem:not_an_upgrade": "Das ist nicht mehr, als das Konto schon hat.",
    "problem:order_completed": "Die Bestellung ist schon abgeschlossen.",
    "problem:order_rejected": "Die Bestellung ist schon abgelehnt.",
    "problem:order_canceled": "Die Bestellung wurde zurückgezogen.",
    "problem:order_expired": "Die Bestellung ist verfallen.",
    "problem:unknown_customer": "Dieses Konto gibt es in dieser Umgebung nicht.",
    "problem:unknown_order": "Diese Bestellung gibt es in dieser Umgebung nicht.",
    "problem:unknown_grant": "Das gibt es bei diesem Konto nicht.",
}
