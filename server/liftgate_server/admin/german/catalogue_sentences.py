"""The words of the catalogue's pages: explanations and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    (
        "A feature is something your app offers. A switch is on or off, a metered one is used up and starts anew "
        "each period, a capacity is a level such as seats, a setting has a value."
    ): (
        "Eine Funktion ist etwas, das Ihre App bietet. Ein Schalter ist an oder aus, ein Verbrauch wird "
        "aufgebraucht und beginnt jeden Zeitraum neu, eine Kapazität ist ein Stand wie Plätze, eine Einstellung "
        "hat einen Wert."
    ),
    (
        "A feature is something your app offers: exports, seats, single sign-on. A plan says how much of each it "
        "includes. Add both here, or push the same document from a file."
    ): (
        "Eine Funktion ist etwas, das Ihre App bietet: Exporte, Plätze, Single Sign-on. Ein Plan sagt, wie viel "
        "davon er enthält. Legen Sie beides hier an, oder laden Sie dasselbe Dokument aus einer Datei hoch."
    ),
    (
        "A gate is a named point in your app where it asks: may this account do this now? A refusal brings the "
        "offer that lifts it. Every feature is a gate of its own key already; declare one to name the place, to "
        "ask for several features, or to observe before you enforce."
    ): (
        "Ein Gate ist eine benannte Stelle in Ihrer App, an der sie fragt: Darf dieses Konto das jetzt? Eine "
        "Ablehnung bringt das Angebot mit, das sie aufhebt. Jede Funktion ist bereits ein Gate mit ihrem eigenen "
        "Schlüssel; legen Sie eines an, um die Stelle zu benennen, mehrere Funktionen zu verlangen oder erst zu "
        "beobachten."
    ),
    "A key begins with a letter and has up to 64 of a-z, 0-9, _ . and -.": (
        "Ein Schlüssel beginnt mit einem Buchstaben und hat bis zu 64 Zeichen aus a-z, 0-9, _ . und -."
    ),
    "A named point in your app where it asks whether something is included.": (
        "Eine benannte Stelle in Ihrer App, an der sie fragt, ob etwas enthalten ist."
    ),
    (
        "A plan is a tier that you sell: Free, Pro, Business. Its rank gives the order, its entitlements say how "
        "much of each feature it includes."
    ): (
        "Ein Plan ist eine Stufe, die Sie verkaufen: Free, Pro, Business. Sein Rang gibt die Reihenfolge an, "
        "seine Berechtigungen sagen, wie viel jeder Funktion er enthält."
    ),
    "A plan version ends on a date, and its subscribers are told.": (
        "Eine Planversion endet an einem Tag, und ihre Abonnenten erfahren es."
    ),
    "A setting of the plan is below what the gate asks for.": (
        "Eine Einstellung des Plans liegt unter dem, was das Gate verlangt."
    ),
    "A subscription keeps its version until a publication moves it.": (
        "Ein Abonnement behält seine Version, bis eine Veröffentlichung es umstellt."
    ),
    "Add a feature: something your app offers, such as exports, seats or single sign-on.": (
        "Legen Sie eine Funktion an: etwas, das Ihre App bietet, etwa Exporte, Plätze oder Single Sign-on."
    ),
    (
        "An add-on raises a limit or unlocks a feature on top of a plan: 5 more seats, 100 more exports. It is "
        "offered before a larger plan when it is enough."
    ): (
        "Ein Zusatz hebt eine Grenze oder schaltet eine Funktion frei, über den Plan hinaus: 5 weitere Plätze, "
        "100 weitere Exporte. Wo er genügt, wird er vor einem größeren Plan angeboten."
    ),
    "Archived, it goes on working for whoever has it, and is offered to nobody.": (
        "Archiviert funktioniert es weiter für alle, die es haben, und wird niemandem mehr angeboten."
    ),
    "Button to request, for readers who may not buy": "Schaltfläche zum Anfragen, für Leser ohne Kaufrecht",
    "Days, weeks and months of limits begin here, such as Europe/Berlin.": (
        "Hier beginnen Tage, Wochen und Monate der Grenzen, zum Beispiel Europe/Berlin."
    ),
    "From the least to the most generous. Empty: a whole number.": (
        "Vom kleinsten zum großzügigsten. Leer: eine ganze Zahl."
    ),
    "Held by every account without a live subscription.": "Hat jedes Konto ohne laufendes Abonnement.",
    "It is taken out of the draft. Nothing changes for anybody until the draft is published.": (
        "Es wird aus dem Entwurf genommen. Bis zur Veröffentlichung ändert sich für niemanden etwas."
    ),
    "Leave an amount empty to remove its price. Whoever has subscribed keeps the price agreed on.": (
        "Leeren Sie einen Betrag, um seinen Preis zu entfernen. Wer abonniert hat, behält den vereinbarten Preis."
    ),
    "No gate and plan of this catalogue lead to this offer. Choose a case below.": (
        "Kein Gate und kein Plan dieses Katalogs führen zu diesem Angebot. Wählen Sie unten einen Fall."
    ),
    "Nothing was reported. Figures come from your app, some seconds after each call.": (
        "Nichts wurde gemeldet. Die Zahlen kommen von Ihrer App, einige Sekunden nach jedem Aufruf."
    ),
    "Observing: everybody passes. Enforced, the gate would have refused {count} calls in the last 7 days.": (
        "Beobachtet: Alle kommen durch. Durchgesetzt hätte das Gate in den letzten 7 Tagen {count} Aufrufe abgelehnt."
    ),
    "Observing: everybody passes. Nothing would have been refused in the last 7 days.": (
        "Beobachtet: Alle kommen durch. In den letzten 7 Tagen wäre nichts abgelehnt worden."
    ),
    "One other change of yours meets nobody's and is saved with it.": (
        "Eine weitere Änderung von Ihnen berührt niemanden und wird mitgespeichert."
    ),
    "Plans × features. Arrow keys move between cells, Enter opens one, Escape leaves it.": (
        "Pläne × Funktionen. Pfeiltasten wechseln die Zelle, Enter öffnet sie, Escape verlässt sie."
    ),
    "Somebody else has changed the order in the meantime. Look again.": (
        "Inzwischen hat jemand anderes die Reihenfolge geändert. Sehen Sie noch einmal nach."
    ),
    "Something is left, but less than was asked for at once.": (
        "Etwas ist übrig, aber weniger, als auf einmal verlangt wurde."
    ),
    "Tags with commas between them, such as en, de. Every text needs the first; the others fall back to it.": (
        "Kürzel mit Kommas dazwischen, zum Beispiel en, de. Jeder Text braucht die erste; die anderen greifen auf "
        "sie zurück."
    ),
    "The draft enforces this gate. It refuses once the draft is published.": (
        "Der Entwurf setzt dieses Gate durch. Es lehnt ab, sobald der Entwurf veröffentlicht ist."
    ),
    "The first language is needed: others fall back to it.": (
        "Die erste Sprache wird gebraucht: Die anderen greifen auf sie zurück."
    ),
    "The only order of plans: a higher one is the larger plan.": (
        "Die einzige Ordnung der Pläne: Ein höherer Rang ist der größere Plan."
    ),
    "The preview needs JavaScript: it is drawn by the widget that your readers see.": (
        "Die Vorschau braucht JavaScript: Sie wird von dem Widget gezeichnet, das Ihre Leser sehen."
    ),
    "The same fields were changed while you were editing": (
        "Dieselben Felder wurden geändert, während Sie sie bearbeitet haben"
    ),
    "The tightest limit wins. Leave one empty to remove it.": (
        "Die engste Grenze gilt. Leeren Sie eine, um sie zu entfernen."
    ),
    "There is no feature yet that it could include.": "Es gibt noch keine Funktion, die er enthalten könnte.",
    "What can be bought on top of a plan, times a quantity.": (
        "Was zusätzlich zu einem Plan gekauft werden kann, mal einer Menge."
    ),
    "What developers and files call it, such as exports. It cannot be changed later.": (
        "Wie Entwickler und Dateien es nennen, zum Beispiel exports. Lässt sich später nicht ändern."
    ),
    "What developers and files call it, such as extra_seats. It cannot be changed later.": (
        "Wie Entwickler und Dateien es nennen, zum Beispiel extra_seats. Lässt sich später nicht ändern."
    ),
    "What developers and files call it, such as pro. It cannot be changed later.": (
        "Wie Entwickler und Dateien ihn nennen, zum Beispiel pro. Lässt sich später nicht ändern."
    ),
    "What each plan includes. Choose a cell to change it.": (
        "Was jeder Plan enthält. Wählen Sie eine Zelle, um sie zu ändern."
    ),
    "What the built-in offers say. Until you write your own words, the shipped ones are shown.": (
        "Was die eingebauten Angebote sagen. Bis Sie eigene Worte schreiben, werden die mitgelieferten gezeigt."
    ),
    "What your app asks for, such as reports.export. It cannot be changed later.": (
        "Wonach Ihre App fragt, zum Beispiel reports.export. Lässt sich später nicht ändern."
    ),
    "What your app offers, in the order in which benefits are listed.": (
        "Was Ihre App bietet, in der Reihenfolge, in der Vorteile aufgezählt werden."
    ),
    "Where in your app it is shown, such as reports.toolbar.": (
        "Wo in Ihrer App es gezeigt wird, zum Beispiel reports.toolbar."
    ),
    "Where your app asks. Figures are of the last 7 days.": (
        "Wo Ihre App fragt. Die Zahlen sind von den letzten 7 Tagen."
    ),
    "Which plans include it is chosen afterwards, in the matrix.": (
        "Welche Pläne sie enthalten, wählen Sie danach in der Matrix."
    ),
    "With these numbers the gate lets pass, so nothing is shown.": (
        "Mit diesen Zahlen lässt das Gate durch, also wird nichts gezeigt."
    ),
    "Write percentages with commas between them, such as 80, 95.": (
        "Schreiben Sie Prozentzahlen mit Kommas dazwischen, zum Beispiel 80, 95."
    ),
    "better for a reader than waiting; right where nothing costly hangs on it": (
        "besser für Leser als zu warten; richtig, wo nichts Teures daran hängt"
    ),
    "lets everybody pass and counts what would have been refused": (
        "lässt alle durch und zählt, was abgelehnt worden wäre"
    ),
    "refuses everybody and offers nothing: turned off for now": (
        "lehnt alle ab und bietet nichts an: vorerst abgeschaltet"
    ),
    "refuses what is not included and shows the offer": "lehnt ab, was nicht enthalten ist, und zeigt das Angebot",
    "the call is refused as “not available”, never as an upsell": (
        "der Aufruf wird als „nicht verfügbar“ abgelehnt, nie als Verkaufsangebot"
    ),
    "{count} other changes of yours meet nobody's and are saved with it.": (
        "{count} weitere Änderungen von Ihnen berühren niemanden und werden mitgespeichert."
    ),
    "This text is too long.": "Dieser Text ist zu lang.",
    "This text has characters that do not show.": "Dieser Text hat Zeichen, die nicht sichtbar sind.",
    "There is no variable {name} here.": "Die Variable {name} gibt es hier nicht.",
    "A brace { opens a variable; close it with }.": "Eine Klammer { beginnt eine Variable; schließen Sie sie mit }.",
    "This is in use. Archive it: it goes on working for whoever has it.": (
        "Das ist in Verwendung. Archivieren Sie es: Es funktioniert weiter für alle, die es haben."
    ),
    "This page is too old to be saved; open it again.": (
        "Diese Seite ist zu alt, um gespeichert zu werden; öffnen Sie sie neu."
    ),
    "There is no such cell in the draft.": "Diese Zelle gibt es im Entwurf nicht.",
    "The form is not one that this page has handed out.": "Dieses Formular stammt nicht von dieser Seite.",
    "The form does not say which state of the draft it was filled from.": (
        "Das Formular sagt nicht, aus welchem Stand des Entwurfs es gefüllt wurde."
    ),
    "problem:invalid_catalogue.missing": "Dieses Feld wird gebraucht.",
    "problem:invalid_catalogue.unknown_field": "Dieses Feld gibt es hier nicht.",
    "problem:invalid_catalogue.wrong_type": "Dieser Wert hat die falsche Form.",
    "problem:invalid_catalogue.out_of_range": "Dieser Wert liegt außerhalb des Erlaubten.",
    "problem:invalid_catalogue.bad_key": (
        "Ein Schlüssel beginnt mit einem Buchstaben und hat bis zu 64 Zeichen aus a-z, 0-9, _ . und -."
    ),
    "problem:invalid_catalogue.bad_value": "Dieser Wert ist nicht erlaubt.",
    "problem:invalid_catalogue.duplicate": "Das gibt es hier schon.",
    "problem:invalid_catalogue.unknown_reference": "Das gibt es im Entwurf nicht.",
    "problem:invalid_catalogue.not_allowed": "Das ist hier nicht erlaubt.",
}
