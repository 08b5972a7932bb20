"""All views of the area, loaded."""

from __future__ import annotations

from liftgate_server.admin.customers import (
    account_pages,
    grant_pages,
    history_pages,
    ledger_pages,
    list_pages,
    order_pages,
    privacy_pages,
    subscription_pages,
    usage_pages,
)
from liftgate_server.admin.customers.area import area

__all__ = [
    "account_pages",
    "area",
    "grant_pages",
    "history_pages",
    "ledger_pages",
    "list_pages",
    "order_pages",
    "privacy_pages",
    "subscription_pages",
    "usage_pages",
]
