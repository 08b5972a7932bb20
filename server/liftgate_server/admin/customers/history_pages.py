"""How an account used one feature over time: by day as a chart and as a table, by user, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, request

from liftgate_server.admin.customers.account_view import AccountHead, account_head
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.charts import DayChart, day_chart
from liftgate_server.admin.customers.downloads import csv_download
from liftgate_server.admin.customers.usage_words import counted_name, is_level
from liftgate_server.admin.framing import Role, link, render, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.paging import LARGEST_PAGE
from liftgate_server.usage.history import days_of_use, top_users
from liftgate_server.usage.readings import DayOfUse, DaysWanted, UserOfFeature

SPANS = (30, 90)
_MOST_USERS = 20
_LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class History:
    """Of a feature that is counted the chart shows units, of any other one how often it was used.

    ``is_level``: the units of a day are by how much a level went up or down.
    """

    head: AccountHead
    feature: str
    name: str
    span: int
    user: str
    days: tuple[DayOfUse, ...]
    chart: DayChart
    by_uses: bool
    is_level: bool
    users: tuple[UserOfFeature, ...]


@area.page("/customers/<customer>/usage/<feature>", least=Role.VIEWER)
def usage_history(customer: str, feature: str) -> str:
    history = _history(customer, feature)
    return render("customers/usage_history.html", page=history, head=history.head, tab="usage", spans=_spans(history))


@area.page("/customers/<customer>/usage/<feature>/download", least=Role.VIEWER)
def download_history(customer: str, feature: str) -> Response:
    history = _history(customer, feature)
    rows = ((day.day.isoformat(), day.units, day.uses, day.users) for day in history.days)
    return csv_download(f"{customer}-{feature}", ("day", "units", "uses", "users"), rows)


def _history(customer: str, feature: str) -> History:
    head = account_head(customer)
    span = _span(request.args.get("days", ""))
    user = request.args.get("user", "").strip()[:_LONGEST_ID]
    environment_id = visitor().environment.id
    last = now().date()
    first = last - timedelta(days=span - 1)
    wanted = DaysWanted(feature, first, last, user or None)
    days = days_of_use(environment_id, customer, wanted, limit=LARGEST_PAGE).items
    by_uses = not any(day.units for day in days)
    return History(
        head=head,
        feature=feature,
        name=counted_name(head.catalogue, feature, head.reader),
        span=span,
        user=user,
        days=days,
        chart=day_chart(dict(_values(days, by_uses=by_uses)), first=first, last=last),
        by_uses=by_uses,
        is_level=not by_uses and is_level(head.catalogue, feature),
        users=top_users(environment_id, customer, wanted, most=_MOST_USERS),
    )


def _spans(history: History) -> list[tuple[str, str, bool]]:
    """Return the spans to choose from: address, words, and whether it is the one that is shown."""
    here = {"customer": history.head.customer.id, "feature": history.feature, "user": history.user or None}
    return [
        (link("customers.usage_history", **here, days=span), _("{days} days", days=span), span == history.span)
        for span in SPANS
    ]


def _values(days: tuple[DayOfUse, ...], *, by_uses: bool) -> Iterator[tuple[date, int]]:
    for day in days:
        yield day.day, day.uses if by_uses else day.units


def _span(text: str) -> int:
    return next((span for span in SPANS if str(span) == text), SPANS[0])
