"""The ledger of an account: every entry, filtered, paged, and as CSV. It is shown and never edited."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from liftgate_server.admin.customers.account_view import account_head
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.downloads import csv_download
from liftgate_server.admin.customers.usage_words import counted_name, operation_badge, operation_options
from liftgate_server.admin.framing import Role, render, visitor
from liftgate_server.admin.moments import read_day, read_end_of_day
from liftgate_server.plumbing.shapes import write_instant
from liftgate_server.usage.history import features_used
from liftgate_server.usage.ledger_pages import LedgerFilter, every_ledger_entry, ledger_page

_LONGEST_ID = 128
_COLUMNS = ("at", "received_at", "operation", "feature", "gate", "user", "quantity", "refused", "key")


@area.page("/customers/<customer>/ledger", least=Role.VIEWER)
def usage_ledger(customer: str) -> str:
    head = account_head(customer)
    environment_id = visitor().environment.id
    wanted = _filter(request.args)
    return render(
        "customers/usage_ledger.html",
        head=head,
        tab="usage",
        entries=ledger_page(environment_id, customer, wanted=wanted, cursor=request.args.get("cursor")),
        wanted=wanted,
        typed={name: request.args.get(name, "") for name in ("since", "until")},
        is_filtered=wanted != LedgerFilter(),
        query={name: value for name, value in request.args.items() if name not in {"cursor", "trail"} and value},
        features=[
            (key, counted_name(head.catalogue, key, head.reader)) for key in features_used(environment_id, customer)
        ],
        operations=operation_options(),
        operation_badge=operation_badge,
        feature_name=lambda key: counted_name(head.catalogue, key, head.reader),
    )


@area.page("/customers/<customer>/ledger/download", least=Role.VIEWER)
def download_ledger(customer: str) -> Response:
    account_head(customer)
    found = every_ledger_entry(visitor().environment.id, customer, wanted=_filter(request.args))
    rows = (
        (
            write_instant(entry.at),
            write_instant(entry.received_at),
            entry.operation,
            entry.feature,
            entry.gate or "",
            entry.user or "",
            entry.quantity,
            "yes" if entry.refused else "no",
            entry.key,
        )
        for entry in found
    )
    return csv_download(f"{customer}-ledger", _COLUMNS, rows)


def _filter(args: Mapping[str, str]) -> LedgerFilter:
    def text(name: str) -> str | None:
        return args.get(name, "").strip()[:_LONGEST_ID] or None

    operation = text("operation")
    return LedgerFilter(
        feature=text("feature"),
        user=text("user"),
        operation=operation if operation in dict(operation_options()) else None,
        since=read_day(args.get("since", "")),
        until=read_end_of_day(args.get("until", "")),
    )
