"""The built-in copy in German, in the polite form.

Names and units come from the catalogue in their basic form only, so no sentence puts them in the dative and no
adjective or verb has to agree with one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from liftgate.engine.text_template import Plural, Text

__all__ = ["GERMAN"]

GERMAN: Mapping[str, Text] = MappingProxyType(
    {
        # What the refusal is called, above the title.
        "eyebrow.limit_reached": "Limit erreicht",
        "eyebrow.not_enough_left": "Nicht genug übrig",
        "eyebrow.near_limit": "Fast aufgebraucht",
        "eyebrow.over_limit": "Über dem Limit",
        "eyebrow.not_included": "Nicht enthalten",
        "eyebrow.notice": "Hinweis",
        "title.unlock": "{feature} mit {plan} freischalten",
        "title.more": "Mehr {thing} mit {plan}",
        "title.value": "{feature} bis {value} mit {plan}",
        "title.addon": "{addon} hinzubuchen",
        "title.not_enough": "Nicht genug {thing} übrig",
        "title.near": "Limit für {thing} bald erreicht",
        "title.limit": "Limit für {thing} erreicht",
        "title.over": "Limit für {thing} überschritten",
        "title.named": "{feature}",
        "title.revoked": "Der Zugriff auf {feature} wurde gesperrt",
        "title.closed": "Zurzeit nicht verfügbar",
        # The body, first part: what is the case.
        "state.plan_lacks": "Ihr Tarif {current} umfasst {thing} nicht.",
        "state.account_lacks": "Ihr Konto umfasst {thing} nicht.",
        "state.no_plan": "Sie haben keinen Tarif, der {thing} umfasst.",
        "state.used": "Sie haben {used_counted} genutzt, Ihr Limit liegt bei {limit}.",
        "state.used_period": "Sie haben {period} {used_counted} genutzt, Ihr Limit liegt bei {limit}.",
        "state.used_named": "{feature}: {used_counted} genutzt (Limit: {limit_counted}).",
        "state.used_named_period": "{feature}: {period} {used_counted} genutzt (Limit: {limit_counted}).",
        "state.level_plan": "Ihr Tarif {current} umfasst {given}, Sie haben {used}.",
        "state.level": "Sie haben {used_counted}, Ihr Limit liegt bei {limit}.",
        "state.level_named": "{feature}: {used_counted} belegt (Limit: {limit_counted}).",
        "state.over_used": "Sie haben {used_counted} genutzt, Ihr Limit liegt bei {limit}.",
        "state.over_level": "Sie haben {used_counted}, Ihr Limit liegt bei {limit}.",
        "state.over_named": "{feature}: {used_counted} belegt (Limit: {limit_counted}).",
        "state.value": "{feature}: Sie haben {value}, hierfür brauchen Sie mindestens {needed}.",
        "state.value_needed": "{feature}: Hierfür brauchen Sie mindestens {needed}.",
        "state.revoked": "Wenn Sie das für einen Irrtum halten, wenden Sie sich bitte an uns.",
        "state.revoked_message": "Grund: {message}",
        "state.closed": "{feature}: zurzeit für alle abgeschaltet. Mit Ihrem Tarif hat das nichts zu tun.",
        # The body, further parts: what that means, and what changes it.
        "effect.not_enough": "Der Rest reicht hierfür nicht aus.",
        "effect.kept": "Ihre vorhandenen {noun} bleiben, wie sie sind.",
        "effect.kept_named": "Was Sie bereits haben, bleibt, wie es ist.",
        "effect.within": "Sobald Sie wieder innerhalb des Limits sind, geht es weiter.",
        "effect.grace": "Was Sie haben, können Sie bis zum {date} weiter nutzen.",
        "effect.resets": "Das Limit wird am {date} zurückgesetzt.",
        "offer.plan_includes_it": "In {plan} ist das enthalten.",
        "offer.addon_includes_it": "Im Zusatzpaket „{addon}“ ist das enthalten.",
        "offer.plan_includes": "{plan} umfasst {given}.",
        "offer.addon_includes": Plural(
            one="Das Zusatzpaket „{addon}“ umfasst {given}.", other="{quantity} × „{addon}“ umfassen {given}."
        ),
        "offer.plan_unlimited": "{plan} umfasst {thing} ohne Begrenzung.",
        "offer.addon_unlimited": "Das Zusatzpaket „{addon}“ umfasst {thing} ohne Begrenzung.",
        "offer.plan_removes": "Mit {plan} entfällt das Limit.",
        "offer.addon_removes": "Mit dem Zusatzpaket „{addon}“ entfällt das Limit.",
        "offer.plan_raises": "Mit {plan} steigt das Limit auf {given}.",
        "offer.addon_adds": Plural(
            one="Das Zusatzpaket „{addon}“ bringt {given} dazu.", other="{quantity} × „{addon}“ bringen {given} dazu."
        ),
        "offer.none": "Dafür können wir Ihnen zurzeit kein Upgrade anbieten.",
        "offer.not_sold": "{product} kann hier nicht bestellt werden.",
        "offer.not_sold_in": "{product} kann hier nicht in {currency} bestellt werden.",
        "offer.request": "Bestellen können Sie das nicht selbst, aber Sie können es anfragen.",
        # What a plan or an add-on gives. `given` stands in sentences, `bullet` alone.
        "given.counted": "{amount} {noun}",
        "given.counted_per": "{amount} {noun} {period}",
        "given.per": "{amount} {period}",
        "given.plus": "+{given}",
        "given.and": "{given} und {more}",
        "given.comma": "{given}, {more}",
        "bullet.unlimited": "Unbegrenzt viele {thing}",
        "bullet.unlimited_named": "{thing} ohne Begrenzung",
        "bullet.named": "{feature}: {given}",
        # Periods.
        "per.minute": "pro Minute",
        "per.hour": "pro Stunde",
        "per.day": "pro Tag",
        "per.week": "pro Woche",
        "per.month": "pro Monat",
        "per.quarter": "pro Quartal",
        "per.year": "pro Jahr",
        "per.never": "insgesamt",
        "per_user.minute": "pro Person und Minute",
        "per_user.hour": "pro Person und Stunde",
        "per_user.day": "pro Person und Tag",
        "per_user.week": "pro Person und Woche",
        "per_user.month": "pro Person und Monat",
        "per_user.quarter": "pro Person und Quartal",
        "per_user.year": "pro Person und Jahr",
        "per_user.never": "pro Person insgesamt",
        "per_user.level": "pro Person",
        "this.minute": "in dieser Minute",
        "this.hour": "in dieser Stunde",
        "this.day": "heute",
        "this.week": "diese Woche",
        "this.month": "diesen Monat",
        "this.quarter": "dieses Quartal",
        "this.year": "dieses Jahr",
        # How much is used, apart from any refusal.
        "share.level": "Ihre {noun} sind zu {percent} genutzt.",
        "share.used": "Ihre {noun} sind zu {percent} verbraucht.",
        "share.used_period": "Ihre {noun} sind {period} zu {percent} verbraucht.",
        "share.named": "{feature}: {percent} genutzt.",
        "share.named_period": "{feature}: {period} {percent} genutzt.",
        "share.plan": "Wenn Sie mehr brauchen, empfehlen wir {plan}.",
        "share.addon": "Wenn Sie mehr brauchen, empfehlen wir das Zusatzpaket „{addon}“.",
        # The usage bar.
        "usage.text": "{used} / {limit}",
        "usage.resets": "Wird am {date} zurückgesetzt",
        "usage.resets_today": "Wird heute noch zurückgesetzt",
        # Prices.
        "interval.month": "Monatlich",
        "interval.year": "Jährlich",
        "price.month": "pro Monat",
        "price.year": "pro Jahr",
        "price.seat_month": "pro Platz / Monat",
        "price.seat_year": "pro Platz / Jahr",
        "price.seats": "{period} · {seats} Plätze: {total}",
        "price.times": "{period} · {quantity} × {price}",
        "price.saving": "{percent} sparen",
        "price.legal": "Jederzeit kündbar.",
        # Buttons.
        "action.upgrade": "Jetzt upgraden",
        "action.add": "Jetzt hinzubuchen",
        "action.request_upgrade": "Upgrade anfragen",
        "action.request_addon": "Zusatzpaket anfragen",
        "action.dismiss": "Nicht jetzt",
        "action.understood": "Verstanden",
        # The widget's own words.
        "label.close": "Schließen",
        "label.working": "Einen Moment…",
        "label.interval": "Abrechnungszeitraum",
        "label.review_title": "Bestellung prüfen",
        "label.total": "Heute fällig",
        "label.confirm": "Zahlungspflichtig bestellen",
        "label.back": "Zurück",
        "label.pending_title": "Bestellung eingegangen",
        "label.pending_body": "Wir bestätigen sie in Kürze. Sie können dieses Fenster schließen.",
        "label.success_title": "Alles bereit",
        "label.success_title_plan": "Sie nutzen jetzt {plan}",
        "label.success_title_addon": "Hinzugebucht: {addon}",
        "label.success_body": "Sie können gleich weitermachen.",
        "label.requested_title": "Anfrage gesendet",
        "label.requested_body": "Bis zur Freigabe ändert sich nichts. Sie können dieses Fenster schließen.",
        "label.error": "Das hat nicht geklappt. Ein neuer Versuch bestellt nichts doppelt.",
        "label.retry": "Erneut versuchen",
        # The end of an old plan version.
        "grandfathering.title": "Ihr Tarif {plan} ändert sich",
        "grandfathering.text": (
            "Ab dem {date} gilt für Sie die neue Fassung des Tarifs „{plan}“. Bis dahin bleibt alles, wie es ist."
        ),
        "grandfathering.incentive": Plural(
            one="Bei einem früheren Wechsel erhalten Sie {given} für {days} Tag.",
            other="Bei einem früheren Wechsel erhalten Sie {given} für {days} Tage.",
        ),
        # Order summaries.
        "order.plan": "Tarif",
        "order.addon": "Zusatzpaket",
        "order.interval": "Abrechnung",
        "order.quantity": "Anzahl",
        "order.seats": "Plätze",
        "order.times": "{quantity} × {price}",
        "order.note_month": "Verlängert sich monatlich, jederzeit kündbar.",
        "order.note_year": "Verlängert sich jährlich, jederzeit kündbar.",
    }
)
