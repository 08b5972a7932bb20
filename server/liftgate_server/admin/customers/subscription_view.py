"""The page on which a subscription is begun or changed: the choices, and what the chosen one would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liftgate.engine.catalogue_model import Plan
from liftgate_server.admin.customers.account_view import AccountHead, account_head
from liftgate_server.admin.customers.phases import money_words, plan_words
from liftgate_server.admin.customers.subscription_form import SUBSCRIPTION_FIELDS, change_of_form, start_of_form
from liftgate_server.admin.framing import Form, Problem, form_of, problem_text
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.printing import print_day_words, print_money
from liftgate_server.admin.wording import interval_words, listed, product_name
from liftgate_server.customers.previews import Preview, preview_change, preview_start

__all__ = ["AddOnLine", "SubscriptionPage", "subscription_page"]


@dataclass(frozen=True, slots=True)
class AddOnLine:
    """An add-on that is held or can be; ``becomes`` is the quantity from the period's end on, if that differs."""

    key: str
    name: str
    quantity: int
    most: int
    price: str
    becomes: int | None
    ends_at: object


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """``preview`` says what the form would do; ``refusal`` why it cannot be done."""

    head: AccountHead
    plans: list[tuple[str, str]]
    currencies: list[tuple[str, str]]
    addons: tuple[AddOnLine, ...]
    form: Form
    preview: tuple[str, ...]
    refusal: str | None
    is_change: bool

    @property
    def is_new(self) -> bool:
        return self.head.subscription.current is None


def subscription_page(customer: str, fields: Mapping[str, str], *, problem: Problem | None = None) -> SubscriptionPage:
    """Gather the page for what is chosen in ``fields``, with what was refused about it."""
    head = account_head(customer)
    values = _defaults(head) | {name: fields[name] for name in SUBSCRIPTION_FIELDS if name in fields}
    preview: Preview | None = None
    refusal: str | None = None
    try:
        preview = _preview(head, values)
    except Problem as found:
        refusal = problem_text(found.code, found.detail)
    return SubscriptionPage(
        head=head,
        plans=_plans(head),
        currencies=_currencies(head),
        addons=tuple(_addons(head)),
        form=Form(values, {}) if problem is None else form_of(values, problem=problem),
        preview=() if preview is None else tuple(_preview_words(head, preview)),
        refusal=refusal,
        is_change=preview is not None and preview.is_change,
    )


def _defaults(head: AccountHead) -> dict[str, str]:
    held = head.subscription.current
    if held is not None:
        choice = held.choice
        return {
            "plan": choice.plan,
            "interval": choice.interval.value,
            "quantity": str(choice.quantity),
            "currency": choice.currency,
            "trial_days": "",
        }
    sold = [plan for plan in _sold(head) if plan.prices] or _sold(head)
    first = sold[0] if sold else None
    return {
        "plan": "" if first is None else first.key,
        "interval": "month",
        "quantity": "1",
        "currency": head.customer.currency or "",
        "trial_days": "",
    }


def _sold(head: AccountHead) -> list[Plan]:
    return sorted((plan for plan in head.catalogue.plans.values() if not plan.archived), key=lambda plan: plan.rank)


def _plans(head: AccountHead) -> list[tuple[str, str]]:
    """Return the plans to choose from; the one that is held stays, also when it is sold no more."""
    options = [(plan.key, head.reader.name(plan.name)) for plan in _sold(head)]
    held = head.subscription.current
    if held is not None and held.choice.plan not in dict(options):
        options.append(
            (held.choice.plan, product_name(head.catalogue, held.choice.plan, head.reader) or held.choice.plan)
        )
    return options


def _currencies(head: AccountHead) -> list[tuple[str, str]]:
    prices = (price.currency for plan in head.catalogue.plans.values() for price in plan.prices)
    return [(currency, currency) for currency in dict.fromkeys(prices)]


def _addons(head: AccountHead) -> list[AddOnLine]:
    held = {addon.holding.choice.addon: addon for addon in head.subscription.addons}
    lines = []
    for addon in head.catalogue.addons.values():
        own = held.get(addon.key)
        if own is None and addon.archived:
            continue
        prices = [f"{print_money(p.amount, p.currency)} {interval_words(p.interval)}" for p in addon.prices]
        lines.append(
            AddOnLine(
                key=addon.key,
                name=head.reader.name(addon.name),
                quantity=0 if own is None else own.holding.choice.quantity,
                most=addon.max_quantity,
                price=listed(prices, last=_("or")),
                becomes=None if own is None else own.scheduled_quantity,
                ends_at=None if own is None else own.holding.ends_at,
            )
        )
    return lines


def _preview(head: AccountHead, values: Mapping[str, str]) -> Preview:
    if head.subscription.current is None:
        return preview_start(head.environment_id, head.customer.id, start_of_form(values))
    return preview_change(head.environment_id, head.customer.id, change_of_form(values, head.subscription))


def _preview_words(head: AccountHead, preview: Preview) -> list[str]:
    if not preview.is_change:
        return [_("This is what the account has already.")]
    choice = preview.plan.choice
    name = product_name(head.catalogue, choice.plan, head.reader) or choice.plan
    price = money_words(choice.amount, choice.currency)
    words = [
        _("{plan}, {details}: {price}.", plan=name, details=plan_words(preview.plan), price=price),
        _when(preview),
    ]
    if preview.mrr_before != preview.mrr_after:
        before, after = (print_money(amount, choice.currency) for amount in (preview.mrr_before, preview.mrr_after))
        words.append(_("Monthly revenue: {before} → {after}.", before=before, after=after))
    if preview.ending_addons:
        addons = [product_name(head.catalogue, key, head.reader) or key for key in preview.ending_addons]
        words.append(_("These add-ons end with it: {addons}.", addons=listed(addons)))
    return words


def _when(preview: Preview) -> str:
    if preview.plan.is_trial and preview.plan.ends_at is not None:
        return _("It is a trial at once, and paid for from {day} on.", day=print_day_words(preview.plan.ends_at))
    if preview.is_immediate:
        return _("It takes effect at once.")
    day = print_day_words(preview.takes_effect_at)
    return _("It takes effect on {day}, at the end of the period that is paid for.", day=day)
