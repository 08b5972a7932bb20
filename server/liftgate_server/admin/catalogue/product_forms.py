"""Plans and add-ons: document to form fields, and form fields to document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from liftgate.engine.catalogue_model import PricePer, Recurrence
from liftgate_server.admin.catalogue.form_values import (
    FormProblem,
    Reading,
    money_text,
    rows_of,
    texts_document,
    texts_of,
)

__all__ = [
    "PriceFields",
    "ProductFields",
    "price_fields_of",
    "prices_document",
    "product_document",
    "product_fields",
    "product_fields_of_form",
    "sent_prices",
]

Document = Mapping[str, object]

_PRICE_NAMES: Final = ("interval", "currency", "amount", "per")


@dataclass(frozen=True, slots=True)
class PriceFields:
    """One price as it stands in the form."""

    interval: str = Recurrence.MONTH.value
    currency: str = ""
    amount: str = ""
    per: str = PricePer.ACCOUNT.value


@dataclass(frozen=True, slots=True)
class ProductFields:
    """The details of a plan or add-on as they stand in the form; a plan uses ``rank`` and ``trial_days``.

    ``plans`` are the plans an add-on is sold with; none means all of them.
    """

    name: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    rank: str = ""
    trial_days: str = ""
    max_quantity: str = "1"
    plans: tuple[str, ...] = ()


def product_fields(document: Document) -> ProductFields:
    """Return the form filled with what the document says."""
    trial = document.get("trial")
    plans = document.get("plans")
    return ProductFields(
        name=_texts(document.get("name")),
        description=_texts(document.get("description")),
        rank=str(document.get("rank", "")),
        trial_days=str(trial.get("days", "")) if isinstance(trial, Mapping) else "",
        max_quantity=str(document.get("max_quantity", 1)),
        plans=tuple(map(str, plans)) if isinstance(plans, list) else (),
    )


def product_fields_of_form(
    form: Mapping[str, str], languages: Sequence[str], plans: Sequence[str] = ()
) -> ProductFields:
    """Return the form as it was sent, so that it can be shown again."""
    return ProductFields(
        name=texts_of(form, "name", languages),
        description=texts_of(form, "description", languages),
        rank=form.get("rank", "").strip(),
        trial_days=form.get("trial.days", "").strip(),
        max_quantity=form.get("max_quantity", "").strip(),
        plans=tuple(plans),
    )


def product_document(fields: ProductFields, before: Document, *, is_plan: bool) -> Reading:
    """Return the document with the details of the form; what the form does not know stays."""
    document = dict(before)
    document["name"] = texts_document(fields.name, before.get("name"))
    _put(document, "description", texts_document(fields.description, before.get("description")))
    problems = _put_plan(document, fields) if is_plan else _put_addon(document, fields)
    return Reading(document, tuple(problems))


def price_fields_of(document: Document) -> tuple[PriceFields, ...]:
    """Return the prices of a plan or add-on as form fields."""
    prices = document.get("prices")
    return tuple(map(_price_fields, prices)) if isinstance(prices, list) else ()


def sent_prices(form: Mapping[str, str]) -> tuple[PriceFields, ...]:
    """Return the prices as they were sent; a row without an amount is one that was taken away."""
    rows = (PriceFields(**{name: text.strip() for name, text in row.items()}) for row in _price_rows(form))
    return tuple(price for price in rows if price.amount)


def prices_document(prices: Sequence[PriceFields]) -> Reading:
    """Return the prices as a document."""
    documents: list[object] = []
    problems: list[FormProblem] = []
    for index, price in enumerate(prices):
        currency = price.currency.upper()
        amount = Reading.money(price.amount, currency, f"prices[{index}].amount")
        problems.extend(amount.problems)
        document = {"interval": price.interval, "currency": currency, "amount": amount.value}
        documents.append(document if price.per == PricePer.ACCOUNT.value else {**document, "per": price.per})
    return Reading(documents, tuple(problems))


def _price_rows(form: Mapping[str, str]) -> list[dict[str, str]]:
    return rows_of(form, "prices", _PRICE_NAMES)


def _price_fields(price: object) -> PriceFields:
    if not isinstance(price, Mapping):
        return PriceFields()
    currency, amount = str(price["currency"]), price["amount"]
    return PriceFields(
        interval=str(price["interval"]),
        currency=currency,
        amount=money_text(amount, currency) if isinstance(amount, int) else "",
        per=str(price.get("per", PricePer.ACCOUNT.value)),
    )


def _put_plan(document: dict[str, object], fields: ProductFields) -> tuple[FormProblem, ...]:
    rank = Reading.whole_number(fields.rank, "rank")
    document["rank"] = rank.value
    if not fields.trial_days:
        document.pop("trial", None)
        return rank.problems
    days = Reading.whole_number(fields.trial_days, "trial.days")
    document["trial"] = {"days": days.value}
    return rank.problems + days.problems


def _put_addon(document: dict[str, object], fields: ProductFields) -> tuple[FormProblem, ...]:
    quantity = Reading.whole_number(fields.max_quantity, "max_quantity")
    _put(document, "max_quantity", None if quantity.value == 1 else quantity.value)
    _put(document, "plans", list(fields.plans))
    return quantity.problems


def _put(document: dict[str, object], name: str, value: object) -> None:
    """Set a field in its place, or take it away when there is nothing to say."""
    if value:
        document[name] = value
    else:
        document.pop(name, None)


def _texts(document: object) -> dict[str, str]:
    return {str(tag): str(text) for tag, text in document.items()} if isinstance(document, Mapping) else {}
