"""What a step costs: one purchase option per interval, in the customer's currency, with the exact saving."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.engine.catalogue_model import AddOn, Plan, Price, PricePer, Recurrence
from liftgate.engine.formats import format_money, format_percent
from liftgate.engine.payload_model import PurchaseOption
from liftgate.engine.reader import Reader
from liftgate.engine.steps import prices_in

__all__ = ["Buyer", "order_amount", "order_quantity", "price_note", "purchase_options", "saving_percent"]

_MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who would pay: in which currency (``None`` for no preference), for how many seats, at which present interval.

    ``addon_interval`` is set where the add-on on offer is held already: more of it is only sold at the same interval.
    """

    may_buy: bool
    currency: str | None = None
    seats: int = 1
    interval: Recurrence | None = None
    addon_interval: Recurrence | None = None


def order_quantity(price: Price, *, seats: int) -> int:
    """Return the quantity of a plan: its seats (at least one) where it is priced by seat, else one.

    >>> order_quantity(Price(Recurrence.MONTH, "EUR", 2900, PricePer.SEAT), seats=5)
    5
    """
    return max(1, seats) if price.per is PricePer.SEAT else 1


def order_amount(price: Price, *, quantity: int) -> int:
    """Return what one interval costs, in minor units: the price × the quantity, of seats or of an add-on's units."""
    return price.amount * quantity


def saving_percent(*, monthly_amount: int, yearly_amount: int) -> int | None:
    """Return the whole percent that a year saves over twelve months, rounded down; ``None`` below one percent.

    >>> saving_percent(monthly_amount=2900, yearly_amount=29000)
    16
    """
    twelve = monthly_amount * _MONTHS_PER_YEAR
    saved = twelve - yearly_amount
    percent = saved * 100 // twelve if saved > 0 else 0
    return percent or None


def purchase_options(product: Plan | AddOn, *, units: int, buyer: Buyer, reader: Reader) -> tuple[PurchaseOption, ...]:
    """Return an option for each price in the buyer's currency, the month before the year; none where none is sold.

    Selected is the interval that the subscriber has, else the month, else the only one there is.
    """
    sold = [price for price in prices_in(product.prices, buyer.currency) if _is_sold_to(buyer, product, price)]
    priced = sorted(sold, key=lambda price: price.interval is Recurrence.YEAR)
    quantities = [units if isinstance(product, AddOn) else order_quantity(price, seats=buyer.seats) for price in priced]
    amounts = {
        price.interval: order_amount(price, quantity=quantity)
        for price, quantity in zip(priced, quantities, strict=True)
    }
    selected = buyer.interval if buyer.interval in amounts else next(iter(amounts), None)
    saving = _saving(amounts, reader)
    return tuple(
        PurchaseOption(
            id=f"{product.key}:{price.interval.value}:{price.currency}",
            plan=None if isinstance(product, AddOn) else product.key,
            addon=product.key if isinstance(product, AddOn) else None,
            quantity=quantity,
            interval=price.interval.value,
            currency=price.currency,
            amount=amounts[price.interval],
            price=_shown_price(product, price, quantity, reader),
            price_note=price_note(price, quantity=quantity, is_addon=isinstance(product, AddOn), reader=reader),
            label=reader.say(f"interval.{price.interval.value}"),
            selected=price.interval is selected,
            saving=saving if price.interval is Recurrence.YEAR else None,
        )
        for price, quantity in zip(priced, quantities, strict=True)
    )


def _is_sold_to(buyer: Buyer, product: Plan | AddOn, price: Price) -> bool:
    return not isinstance(product, AddOn) or buyer.addon_interval in {None, price.interval}


def price_note(price: Price, *, quantity: int, is_addon: bool, reader: Reader) -> str:
    """Return what stands behind the price of one seat, or behind the sum of an add-on's units.

    A plan's price by seat is shown for one seat, with the sum for all of them in the note. An add-on is always sold
    in units, whatever its price says.
    """
    by_seat = price.per is PricePer.SEAT and not is_addon
    period = reader.say(f"price.{'seat_' if by_seat else ''}{price.interval.value}")
    if quantity == 1:
        return period
    total = format_money(order_amount(price, quantity=quantity), price.currency, reader.formats)
    if by_seat:
        return reader.say("price.seats", period=period, seats=str(quantity), total=total)
    single = format_money(price.amount, price.currency, reader.formats)
    return reader.say("price.times", period=period, quantity=str(quantity), price=single)


def _shown_price(product: Plan | AddOn, price: Price, quantity: int, reader: Reader) -> str:
    """Return the price of one seat of a plan, or the sum for an add-on's units."""
    amount = order_amount(price, quantity=quantity) if isinstance(product, AddOn) else price.amount
    return format_money(amount, price.currency, reader.formats)


def _saving(amounts: dict[Recurrence, int], reader: Reader) -> str | None:
    if Recurrence.MONTH not in amounts or Recurrence.YEAR not in amounts:
        return None
    percent = saving_percent(monthly_amount=amounts[Recurrence.MONTH], yearly_amount=amounts[Recurrence.YEAR])
    return None if percent is None else reader.say("price.saving", percent=format_percent(percent, reader.formats))
