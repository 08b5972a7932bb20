"""The eyebrow, title and body of an upgrade message. Every number and name in it comes from catalogue or decision."""

from __future__ import annotations

from collections.abc import Iterator

from liftgate.engine.catalogue_model import AddOn, Anchor, Cap, Entitlement, FeatureKind, Recurrence
from liftgate.engine.decision import Reason
from liftgate.engine.formats import format_date, format_number
from liftgate.engine.gains import rate_of
from liftgate.engine.refusal import Refusal
from liftgate.engine.wording import shown_limit, value_text

__all__ = ["body", "eyebrow", "title"]


def eyebrow(refusal: Refusal) -> str:
    """Return the line above the title: what kind of refusal it is."""
    if refusal.is_ahead:
        return refusal.reader.say("eyebrow.near_limit")
    if refusal.is_short:
        return refusal.reader.say("eyebrow.not_enough_left")
    if refusal.is_over:
        return refusal.reader.say("eyebrow.over_limit")
    return refusal.reader.say("eyebrow.limit_reached" if refusal.is_exhausted else "eyebrow.not_included")


def title(refusal: Refusal) -> str:
    """Return the title: what the step brings, else what is refused."""
    say, product = refusal.reader.say, refusal.product
    if product is None:
        return _title_without_offer(refusal)
    if isinstance(product, AddOn):
        return say("title.addon", addon=refusal.product_name)
    words, plan, given = refusal.offered_words, refusal.product_name, refusal.given
    if refusal.is_exhausted and refusal.offers_refused:
        return say("title.more", thing=words.thing, plan=plan)
    if refusal.facts.reason is Reason.VALUE_TOO_LOW and given is not None and given.value is not None:
        return say("title.value", feature=words.feature, value=value_text(given.value, refusal.reader), plan=plan)
    return say("title.unlock", feature=words.feature, plan=plan)


def body(refusal: Refusal, closing: tuple[str, ...] = ()) -> str:
    """Return what is the case, what that means for what the customer has, and what the step changes."""
    return " ".join((*_state(refusal), *_offer(refusal), *closing))


def _title_without_offer(refusal: Refusal) -> str:
    if refusal.is_ahead:
        return refusal.reader.say("title.near", thing=refusal.words.thing)
    if refusal.is_short:
        return refusal.reader.say("title.not_enough", thing=refusal.words.thing)
    if refusal.is_exhausted:
        return refusal.reader.say("title.over" if refusal.is_over else "title.limit", thing=refusal.words.thing)
    return refusal.words.feature


def _state(refusal: Refusal) -> Iterator[str]:
    if refusal.is_exhausted:
        yield _used(refusal)
        yield from _effects(refusal)
    elif refusal.facts.reason is Reason.VALUE_TOO_LOW:
        yield _value(refusal)
    else:
        yield _lacking(refusal)


def _lacking(refusal: Refusal) -> str:
    say, thing = refusal.reader.say, refusal.words.thing
    if refusal.plan is None and not refusal.facts.has_sources:
        return say("state.no_plan", thing=thing)
    if refusal.plan is None or _plan_has(refusal):
        return say("state.account_lacks", thing=thing)
    return say("state.plan_lacks", current=refusal.reader.name(refusal.plan.name), thing=thing)


def _plan_has(refusal: Refusal) -> bool:
    """Whether the plan includes the feature, so that something else took it away."""
    held = refusal.had
    return held is not None and (held.enabled or held.value is not None or rate_of(held) > 0)


def _value(refusal: Refusal) -> str:
    reader, feature, has = refusal.reader, refusal.words.feature, refusal.facts.value
    needed = "" if refusal.facts.needed is None else value_text(refusal.facts.needed, reader)
    if has is None:
        return reader.say("state.value_needed", feature=feature, needed=needed)
    return reader.say("state.value", feature=feature, value=value_text(has, reader), needed=needed)


def _used(refusal: Refusal) -> str:
    reader, words = refusal.reader, refusal.words
    used, limit = refusal.facts.used or 0, refusal.facts.limit or 0
    period = _this_period(refusal)
    values = {
        "feature": words.feature,
        "period": period or "",
        "used": format_number(used, reader.formats),
        "used_counted": words.counted(used),
        "limit": format_number(limit, reader.formats),
        "limit_counted": words.counted(limit),
    }
    named = "" if words.noun is not None else "_named"
    if refusal.is_over:
        counts = "level" if refusal.feature.kind is FeatureKind.CAPACITY else "used"
        return reader.say(f"state.over{named or f'_{counts}'}", **values)
    if refusal.feature.kind is not FeatureKind.CAPACITY:
        return reader.say(f"state.used{named}{'' if period is None else '_period'}", **values)
    cap = refusal.binding_cap
    given = None if cap is None or named else words.given((cap,))
    if refusal.plan is None or given is None:
        return reader.say(f"state.level{named}", **values)
    return reader.say("state.level_plan", current=reader.name(refusal.plan.name), given=given, used=values["used"])


def _this_period(refusal: Refusal) -> str | None:
    """Return "this month" where the numbers are surely about the calendar's present month."""
    cap = refusal.binding_cap
    if cap is None or cap.anchor is not Anchor.CALENDAR or cap.recurrence is Recurrence.NEVER:
        return None
    return refusal.reader.say(f"this.{cap.recurrence.value}")


def _effects(refusal: Refusal) -> Iterator[str]:
    if refusal.is_ahead:
        return
    if refusal.is_short:
        yield refusal.reader.say("effect.not_enough")
    if refusal.is_over:
        yield refusal.reader.say("effect.within")
    if refusal.facts.grace_until is not None:
        yield refusal.reader.say("effect.grace", date=format_date(refusal.facts.grace_until, refusal.reader.formats))
        return
    if refusal.feature.kind is not FeatureKind.CAPACITY or not refusal.facts.used:
        return
    noun = refusal.words.noun
    yield refusal.reader.say(
        "effect.kept_named" if noun is None else "effect.kept", noun="" if noun is None else noun.other
    )


def _offer(refusal: Refusal) -> Iterator[str]:
    reader, product, given = refusal.reader, refusal.product, refusal.given
    if product is None or given is None:
        if refusal.is_exhausted and refusal.facts.resets_on is not None:
            yield reader.say("effect.resets", date=format_date(refusal.facts.resets_on, reader.formats))
        yield reader.say("offer.none")
        return
    key, what = _offer_key(refusal, given)
    name = reader.name(product.name)
    yield reader.say(
        f"offer.{'addon' if isinstance(product, AddOn) else 'plan'}_{key}",
        refusal.quantity,
        plan=name,
        addon=name,
        quantity=format_number(refusal.quantity, reader.formats),
        given=what,
        thing=refusal.offered_words.thing,
    )


def _offer_key(refusal: Refusal, given: Entitlement) -> tuple[str, str]:
    """Return which sentence tells what the product gives, and what that is."""
    words, is_same = refusal.offered_words, refusal.offers_refused
    if refusal.offered.kind is FeatureKind.SWITCH:
        return ("includes_it", "") if is_same else ("includes", words.feature)
    if refusal.offered.kind is FeatureKind.SETTING:
        return "includes", "" if given.value is None else value_text(given.value, refusal.reader)
    exhausted = refusal.is_exhausted and is_same
    what = words.given(given.caps, times=refusal.quantity)
    if what is None:
        return ("removes" if exhausted else "unlimited"), ""
    if not exhausted:
        return "includes", what
    if isinstance(refusal.product, AddOn):
        return "adds", what
    raised = _raised(refusal, given.caps)
    return ("includes", what) if raised is None else ("raises", words.given((raised,), bare=True) or what)


def _raised(refusal: Refusal, caps: tuple[Cap, ...]) -> Cap | None:
    """Return the plan's cap where it is the customer's present one with a higher limit, and the only one."""
    before = refusal.binding_cap
    if before is None or len(caps) != 1:
        return None
    after, limit = shown_limit(caps[0]), shown_limit(before)
    same_kind = (caps[0].recurrence, caps[0].scope) == (before.recurrence, before.scope)
    return caps[0] if same_kind and after is not None and limit is not None and after > limit else None
