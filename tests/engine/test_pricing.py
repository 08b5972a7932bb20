"""Purchase options and order summaries: every sum follows from the catalogue's prices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue_model import AddOn, Plan, Price, PricePer, Recurrence
from liftgate.engine.order_summary import Line, summarise_order
from liftgate.engine.pricing import Buyer, order_amount, order_quantity, purchase_options, saving_percent
from liftgate.engine.reader import reader_for
from tests.engine.upsell import SNAPSHOT

MONTH, YEAR = Recurrence.MONTH, Recurrence.YEAR
READER = reader_for(("en",), ("en", "de"))
PER_SEAT = (Price(YEAR, "EUR", 29000, PricePer.SEAT), Price(MONTH, "EUR", 2900, PricePer.SEAT))


def plan(*prices: Price) -> Plan:
    return Plan("pro", {"en": "Pro"}, 10, {}, prices)


def addon(*prices: Price) -> AddOn:
    return AddOn("extra", {"en": "Extra"}, {}, prices, max_quantity=9)


def options(product, *, units: int = 1, **buyer):
    return purchase_options(product, units=units, buyer=Buyer(may_buy=True, **buyer), reader=READER)


def test_a_plan_by_seat_shows_one_seat_and_orders_all():
    month, year = options(plan(*PER_SEAT), seats=5)

    assert (month.interval, month.quantity, month.amount, month.price) == ("month", 5, 14500, "€29")
    assert month.price_note == "per seat / month · 5 seats: €145"
    assert (year.interval, year.amount, year.saving) == ("year", 145000, "Save 16%")


def test_a_plan_by_account_is_one_whatever_the_seats():
    (only,) = options(plan(Price(MONTH, "EUR", 2900)), seats=5)

    assert (only.quantity, only.amount, only.price, only.price_note) == (1, 2900, "€29", "per month")


def test_an_add_on_shows_the_sum_of_its_units():
    (only,) = options(addon(Price(MONTH, "EUR", 900)), units=3, seats=5)

    assert (only.quantity, only.amount, only.price, only.price_note) == (3, 2700, "€27", "per month · 3 × €9")


@pytest.mark.parametrize(
    ("interval", "selected"), [(None, "month"), (MONTH, "month"), (YEAR, "year"), (Recurrence.QUARTER, "month")]
)
def test_the_present_interval_is_selected_else_the_month(interval, selected):
    found = options(plan(*PER_SEAT), interval=interval)

    assert [option.interval for option in found if option.selected] == [selected]


def test_only_the_customers_currency_is_offered():
    prices = (Price(MONTH, "EUR", 2900), Price(MONTH, "USD", 3200))

    assert [option.currency for option in options(plan(*prices), currency="USD")] == ["USD"]
    assert options(plan(*prices), currency="CHF") == ()
    assert [option.currency for option in options(plan(*prices))] == ["EUR"]


@given(monthly=st.integers(0, 10**9), yearly=st.integers(0, 10**10))
def test_a_saving_is_never_overstated_and_never_a_full_percent_short(monthly, yearly):
    percent = saving_percent(monthly_amount=monthly, yearly_amount=yearly) or 0
    saved = monthly * 12 - yearly

    assert percent * monthly * 12 <= max(0, saved) * 100
    assert max(0, saved) * 100 < (percent + 1) * monthly * 12 or monthly == 0


@given(seats=st.integers(-1, 1000), amount=st.integers(0, 10**6), per=st.sampled_from(PricePer))
def test_an_order_is_for_at_least_one(seats, amount, per):
    price = Price(MONTH, "EUR", amount, per)
    quantity = order_quantity(price, seats=seats)

    assert quantity == (max(1, seats) if per is PricePer.SEAT else 1)
    assert order_amount(price, quantity=quantity) == amount * quantity


def test_an_order_by_seat_is_summed_up_in_english():
    summary = summarise_order(SNAPSHOT, plan=plan(*PER_SEAT), quantity=5, price=PER_SEAT[1], language="en")

    assert summary.lines == (Line("Plan", "Pro"), Line("Billing", "Monthly"), Line("Seats", "5 × €29"))
    assert (summary.total, summary.note) == ("€145", "Renews every month. Cancel any time.")


def test_an_order_of_an_add_on_is_summed_up_in_german():
    price = Price(YEAR, "EUR", 9950)
    summary = summarise_order(SNAPSHOT, addon=addon(price), quantity=2, price=price, language="de-DE")

    lines = [(line.label, line.text) for line in summary.lines]
    assert lines == [("Zusatzpaket", "Extra"), ("Abrechnung", "Jährlich"), ("Anzahl", "2 × 99,50\u00a0€")]
    assert (summary.total, summary.note) == ("199\u00a0€", "Verlängert sich jährlich, jederzeit kündbar.")


def test_an_order_by_account_is_for_one_whatever_the_quantity():
    price = Price(MONTH, "JPY", 2900)
    summary = summarise_order(SNAPSHOT, plan=plan(price), quantity=7, price=price, language=None)

    assert (len(summary.lines), summary.total) == (2, "¥2,900")
