"""What has been used: now, day by day, and entry by entry; lists also as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import Response, request, stream_with_context

from liftgate_server.access.guard import current_caller, marks_at_entry, runtime
from liftgate_server.entitlements.checking import checks
from liftgate_server.entitlements.requests import read_customer_id
from liftgate_server.metering import examples, listing, schemas
from liftgate_server.metering.overview import UsageNow, usage_now_in_words
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.http import Blueprint
from liftgate_server.plumbing.spreadsheets import CSV_TYPE, csv_lines
from liftgate_server.usage.ledger_pages import LedgerFilter
from liftgate_server.usage.readings import DaysWanted

__all__ = ["blueprint"]

blueprint = Blueprint(
    "usage_readings",
    __name__,
    url_prefix="/v1/customers/<customer>/usage",
    description="What a customer has used.",
)

_DAYS = 30
_CSV = "text/csv"


@blueprint.route("")
@runtime
@blueprint.arguments(schemas.NowArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.UsageNowSchema, example=examples.NOW)
def get_usage(customer: str, *, user: str | None, language: str | None) -> UsageNow:
    """Say what is used of every counted feature, what is left, and where it leads to by the end of the period."""
    environment_id = current_caller().environment_id
    known = checks().known_customer(environment_id, marks_at_entry().number, read_customer_id(customer))
    return usage_now_in_words(environment_id, known, user=user, language=language, at=now())


@blueprint.route("/history")
@runtime
@blueprint.arguments(schemas.HistoryArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.HistorySchema, example=examples.HISTORY)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=_CSV, success=True, example=examples.HISTORY_CSV)
def list_history(customer: str, **args: Any) -> Any:
    """List what was used of a feature, by day or by user; as a file with `Accept: text/csv`."""
    environment_id, today = current_caller().environment_id, now().date()
    customer = read_customer_id(customer)
    last: date = args["last"] or today
    first = args["first"] or _days_before(last)
    wanted = DaysWanted(feature=args["feature"], first=first, last=last, user=args["user"])
    by_user, page = args["by"] == "user", {"cursor": args["cursor"], "limit": args["limit"]}
    if not _wants_csv(args["format"]):
        return listing.history(environment_id, customer, wanted, by_user=by_user, **page)
    if by_user:
        return _file(listing.USER_COLUMNS, listing.every_user(environment_id, customer, wanted))
    return _file(listing.DAY_COLUMNS, listing.every_day(environment_id, customer, wanted))


@blueprint.route("/events")
@runtime
@blueprint.arguments(schemas.LedgerArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.LedgerPageSchema, example=examples.LEDGER)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=_CSV, success=True, example=examples.LEDGER_CSV)
def list_events(customer: str, **args: Any) -> Any:
    """List the entries of a customer's ledger, the latest first; as a file with `Accept: text/csv`."""
    environment_id, customer = current_caller().environment_id, read_customer_id(customer)
    wanted = LedgerFilter(
        feature=args["feature"],
        user=args["user"],
        operation=args["operation"],
        since=args["since"],
        until=args["until"],
    )
    if _wants_csv(args["format"]):
        return _file(listing.ENTRY_COLUMNS, listing.every_entry(environment_id, customer, wanted))
    return listing.entries(environment_id, customer, wanted, cursor=args["cursor"], limit=args["limit"])


def _days_before(last: date) -> date:
    # Before the first day that there is, nothing was used either.
    return date.fromordinal(max(1, last.toordinal() - _DAYS + 1))


def _wants_csv(named: str | None) -> bool:
    if named is not None:
        return named == "csv"
    wanted = request.accept_mimetypes
    return wanted[_CSV] > wanted["application/json"]


def _file(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    response = Response(stream_with_context(csv_lines(columns, rows)), content_type=CSV_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="usage.csv"'
    return response
