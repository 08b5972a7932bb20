"""What a step costs: one purchase option per interval, in the customer's currency, with the exact saving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from liftgate.engine.catalogue_model import Price, PricePer, Recurrence
from liftgate.engine.formats import format_money, format_percent
from liftgate.engine.payload_model import PurchaseOption
from liftgate.engine.reader import Reader

__all__ = ["Product", "order_amount", "order_quantity", "price_note", "purchase_options", "saving_percent"]

_MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True)
class Product:
    """A plan (``is_addon`` false) or an add-on with the units that are to be bought."""

    key: str
    is_addon: bool
    units: int
    seats: int

    def quantity(self, price: Price) -> int:
        """Return the quantity that an order names."""
        return self.units if self.is_addon else order_quantity(price, seats=self.seats)


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


@lru_cache(maxsize=256)
def purchase_options(
    product: Product, prices: tuple[Price, ...], present: Recurrence | None, reader: Reader
) -> tuple[PurchaseOption, ...]:
    """Return an option for each price, the month before the year.

    Selected is the interval that the subscriber has at ``present``, else the month, else the only one there is.
    """
    ordered = sorted(prices, key=lambda price: price.interval is Recurrence.YEAR)
    intervals = [price.interval for price in ordered]
    selected = present if present in intervals else next(iter(intervals), None)
    monthly = next((price for price in ordered if price.interval is Recurrence.MONTH), None)
    return tuple(
        replace(
            _option(product, price, reader),
            selected=price.interval is selected,
            saving=_saving(product, monthly, price, reader),
        )
        for price in ordered
    )


def price_note(price: Price, *, quantity: int, is_addon: bool, reader: Reader) -> str:
    """Return what stands behind the price of one seat, or behind the sum of an add-on's units.

    A price by seat is shown for one seat, with the sum for all of them in the note.
    """
    by_seat = price.per is PricePer.SEAT
    period = reader.say(f"price.{'seat_' if by_seat else ''}{price.interval.value}")
    if quantity == 1:
        return period
    total = format_money(order_amount(price, quantity=quantity), price.currency, reader.formats)
    if by_seat and not is_addon:
        return reader.say("price.seats", period=period, seats=str(quantity), total=total)
    single = format_money(price.amount, price.currency, reader.formats)
    return reader.say("price.times", period=period, quantity=str(quantity), price=single)


def _option(product: Product, price: Price, reader: Reader) -> PurchaseOption:
    quantity = product.quantity(price)
    amount = order_amount(price, quantity=quantity)
    shown = amount if product.is_addon else price.amount
    return PurchaseOption(
        id=f"{product.key}:{price.interval.value}:{price.currency}",
        plan=None if product.is_addon else product.key,
        addon=product.key if product.is_addon else None,
        quantity=quantity,
        interval=price.interval.value,
        currency=price.currency,
        amount=amount,
        price=format_money(shown, price.currency, reader.formats),
        price_note=price_note(price, quantity=quantity, is_addon=product.is_addon, reader=reader),
        label=reader.say(f"interval.{price.interval.value}"),
    )


def _saving(product: Product, monthly: Price | None, price: Price, reader: Reader) -> str | None:
    if monthly is None or price.interval is not Recurrence.YEAR:
        return None
    percent = saving_percent(
        monthly_amount=order_amount(monthly, quantity=product.quantity(monthly)),
        yearly_amount=order_amount(price, quantity=product.quantity(price)),
    )
    return None if percent is None else reader.say("price.saving", percent=format_percent(percent, reader.formats))
