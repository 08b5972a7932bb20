"""The built-in copy in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from liftgate.engine.text_template import Plural, Text

__all__ = ["ENGLISH"]

ENGLISH: Mapping[str, Text] = MappingProxyType(
    {
        # What the refusal is called, above the title.
        "eyebrow.limit_reached": "Limit reached",
        "eyebrow.not_enough_left": "Not enough left",
        "eyebrow.near_limit": "Nearly used up",
        "eyebrow.over_limit": "Over the limit",
        "eyebrow.not_included": "Not included",
        "eyebrow.notice": "Please note",
        # Titles. A name may be singular or plural, so no sentence lets a verb agree with it.
        "title.unlock": "Unlock {feature} with {plan}",
        "title.more": "More {thing} with {plan}",
        "title.value": "{feature} up to {value} with {plan}",
        "title.addon": "Add {addon}",
        "title.not_enough": "Not enough {thing} left",
        "title.near": "The limit for {thing} is near",
        "title.limit": "You have reached the limit for {thing}",
        "title.over": "You are over the limit for {thing}",
        "title.named": "{feature}",
        "title.revoked": "Access to {feature} was turned off",
        "title.closed": "Not available at the moment",
        # The body, first part: what is the case.
        "state.plan_lacks": "Your plan {current} does not include {thing}.",
        "state.account_lacks": "Your account does not include {thing}.",
        "state.no_plan": "You have no plan that includes {thing}.",
        "state.used": "You have used {used} of {limit_counted}.",
        "state.used_period": "You have used {used} of {limit_counted} {period}.",
        "state.used_named": "{feature}: {used} of {limit_counted} used.",
        "state.used_named_period": "{feature}: {used} of {limit_counted} used {period}.",
        "state.level_plan": "Your plan {current} includes {given} and you have {used}.",
        "state.level": "You have {used} of {limit_counted}.",
        "state.level_named": "{feature}: {used} of {limit_counted} in use.",
        "state.over_used": "You have used {used_counted}, and your limit is {limit}.",
        "state.over_level": "You have {used_counted}, and your limit is {limit}.",
        "state.over_named": "{feature}: {used_counted} in use, and the limit is {limit_counted}.",
        "state.value": "{feature}: you have {value}, and this needs at least {needed}.",
        "state.value_needed": "{feature}: this needs at least {needed}.",
        "state.revoked": "If you think this is a mistake, please contact us.",
        "state.revoked_message": "Reason: {message}",
        "state.closed": "{feature}: turned off for everyone at the moment. This does not depend on your plan.",
        # The body, further parts: what that means, and what changes it.
        "effect.not_enough": "What is left is not enough for this.",
        "effect.kept": "Your existing {noun} stay as they are.",
        "effect.kept_named": "What you already have stays as it is.",
        "effect.within": "You can go on as soon as you are within the limit again.",
        "effect.grace": "You can go on using what you have until {date}.",
        "effect.resets": "The limit resets on {date}.",
        "offer.plan_includes_it": "{plan} does.",
        "offer.addon_includes_it": "The add-on “{addon}” does.",
        "offer.plan_includes": "{plan} includes {given}.",
        "offer.addon_includes": Plural(
            one="The add-on “{addon}” includes {given}.", other="{quantity} × “{addon}” include {given}."
        ),
        "offer.plan_unlimited": "{plan} includes unlimited {thing}.",
        "offer.addon_unlimited": "The add-on “{addon}” includes unlimited {thing}.",
        "offer.plan_removes": "{plan} removes the limit.",
        "offer.addon_removes": "The add-on “{addon}” removes the limit.",
        "offer.plan_raises": "{plan} raises the limit to {given}.",
        "offer.addon_adds": Plural(
            one="The add-on “{addon}” adds {given}.", other="{quantity} × “{addon}” add {given}."
        ),
        "offer.none": "There is no upgrade we can offer for this right now.",
        "offer.not_sold": "{product} cannot be ordered here.",
        "offer.not_sold_in": "{product} cannot be ordered here in {currency}.",
        "offer.request": "You cannot order this yourself, but you can request it.",
        # What a plan or an add-on gives. `given` stands in sentences, `bullet` alone.
        "given.counted": "{amount} {noun}",
        "given.counted_per": "{amount} {noun} {period}",
        "given.per": "{amount} {period}",
        "given.plus": "+{given}",
        "given.and": "{given} and {more}",
        "given.comma": "{given}, {more}",
        "bullet.unlimited": "Unlimited {thing}",
        "bullet.unlimited_named": "Unlimited {thing}",
        "bullet.named": "{feature}: {given}",
        # Periods.
        "per.minute": "per minute",
        "per.hour": "per hour",
        "per.day": "per day",
        "per.week": "per week",
        "per.month": "per month",
        "per.quarter": "per quarter",
        "per.year": "per year",
        "per.never": "in total",
        "per_user.minute": "per user per minute",
        "per_user.hour": "per user per hour",
        "per_user.day": "per user per day",
        "per_user.week": "per user per week",
        "per_user.month": "per user per month",
        "per_user.quarter": "per user per quarter",
        "per_user.year": "per user per year",
        "per_user.never": "per user in total",
        "per_user.level": "per user",
        "this.minute": "this minute",
        "this.hour": "this hour",
        "this.day": "today",
        "this.week": "this week",
        "this.month": "this month",
        "this.quarter": "this quarter",
        "this.year": "this year",
        # How much is used, apart from any refusal.
        "share.level": "You use {percent} of your {noun}.",
        "share.used": "You have used {percent} of your {noun}.",
        "share.used_period": "You have used {percent} of your {noun} {period}.",
        "share.named": "{feature}: {percent} used.",
        "share.named_period": "{feature}: {percent} used {period}.",
        "share.plan": "If you need more, we recommend {plan}.",
        "share.addon": "If you need more, we recommend the add-on “{addon}”.",
        # The usage bar.
        "usage.text": "{used} / {limit}",
        "usage.resets": "Resets on {date}",
        "usage.resets_today": "Resets later today",
        # Prices.
        "interval.month": "Monthly",
        "interval.year": "Yearly",
        "price.month": "per month",
        "price.year": "per year",
        "price.seat_month": "per seat / month",
        "price.seat_year": "per seat / year",
        "price.seats": "{period} · {seats} seats: {total}",
        "price.times": "{period} · {quantity} × {price}",
        "price.saving": "Save {percent}",
        "price.legal": "Cancel any time.",
        # Buttons.
        "action.upgrade": "Upgrade now",
        "action.add": "Add now",
        "action.request_upgrade": "Request upgrade",
        "action.request_addon": "Request add-on",
        "action.dismiss": "Not now",
        "action.understood": "Got it",
        # The widget's own words.
        "label.close": "Close",
        "label.working": "One moment…",
        "label.interval": "Billing interval",
        "label.review_title": "Confirm your order",
        "label.total": "Total today",
        "label.confirm": "Confirm order",
        "label.back": "Back",
        "label.pending_title": "Order received",
        "label.pending_body": "We will confirm it shortly. You can close this window.",
        "label.success_title": "All set",
        "label.success_title_plan": "You are on {plan}",
        "label.success_title_addon": "Added: {addon}",
        "label.success_body": "You can carry on right away.",
        "label.requested_title": "Request sent",
        "label.requested_body": "Nothing changes until it is approved. You can close this window.",
        "label.error": "That did not work. Trying again orders nothing twice.",
        "label.retry": "Try again",
        # The end of an old plan version.
        "grandfathering.title": "Your plan {plan} is changing",
        "grandfathering.text": (
            "From {date}, the new version of {plan} applies to you. Until then everything stays as it is."
        ),
        "grandfathering.incentive": Plural(
            one="Switch before then and get {given} for {days} day.",
            other="Switch before then and get {given} for {days} days.",
        ),
        # Order summaries.
        "order.plan": "Plan",
        "order.addon": "Add-on",
        "order.interval": "Billing",
        "order.quantity": "Quantity",
        "order.seats": "Seats",
        "order.times": "{quantity} × {price}",
        "order.note_month": "Renews every month. Cancel any time.",
        "order.note_year": "Renews every year. Cancel any time.",
    }
)
