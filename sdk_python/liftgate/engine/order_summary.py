"""An order in the reader's words: what is bought, how it is billed and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.engine.catalogue_model import AddOn, Plan, Price, PricePer, Snapshot
from liftgate.engine.formats import format_money, format_number
from liftgate.engine.pricing import order_amount
from liftgate.engine.reader import reader_for

__all__ = ["Line", "OrderSummary", "summarise_order"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a summary: ``Plan`` and ``Pro``."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """The lines, the sum for one interval as text, and what happens after it."""

    lines: tuple[Line, ...]
    total: str
    note: str


def summarise_order(
    snapshot: Snapshot,
    *,
    plan: Plan | None = None,
    addon: AddOn | None = None,
    quantity: int,
    price: Price,
    language: str | None,
) -> OrderSummary:
    """Return the summary of an order of a plan or an add-on, in the language asked for where there is copy in it.

    ``price`` is for one: a seat of a plan that is priced by seat, the account, or a unit of an add-on.

    >>> # summarise_order(snapshot, plan=pro, quantity=5, price=pro.prices[0], language="en").total
    """
    reader = reader_for((language,), snapshot.catalogue.languages)
    product = plan or addon
    is_addon = addon is not None
    count = quantity if is_addon or price.per is PricePer.SEAT else 1
    name = "" if product is None else reader.name(product.name)
    lines = [
        Line(reader.say("order.addon" if is_addon else "order.plan"), name),
        Line(reader.say("order.interval"), reader.say(f"interval.{price.interval.value}")),
    ]
    if count > 1 or (price.per is PricePer.SEAT and not is_addon):
        single = format_money(price.amount, price.currency, reader.formats)
        times = reader.say("order.times", quantity=format_number(count, reader.formats), price=single)
        lines.append(Line(reader.say("order.quantity" if is_addon else "order.seats"), times))
    total = format_money(order_amount(price, quantity=count), price.currency, reader.formats)
    return OrderSummary(tuple(lines), total, reader.say(f"order.note_{price.interval.value}"))
