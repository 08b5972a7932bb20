"""The list of accounts: searched, filtered, paged."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.state_words import status_badge
from liftgate_server.admin.framing import Role, reader_language, render, visitor
from liftgate_server.admin.wording import product_name, reader_for_pages
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.customers.accounts import AccountFilter, AccountStatus, accounts

# As long as an id may be; nothing begins with more.
_LONGEST_SEARCH = 128


@area.page("/customers", least=Role.VIEWER)
def customers() -> str:
    environment_id = visitor().environment.id
    catalogue = current_snapshot(environment_id).catalogue
    reader = reader_for_pages(reader_language(), catalogue.languages)
    wanted = _filter(request.args, catalogue.default_plan)
    found = accounts(environment_id, wanted, cursor=request.args.get("cursor"))
    return render(
        "customers/list.html",
        accounts=found,
        wanted=wanted,
        is_filtered=wanted != AccountFilter(),
        plans=[(key, reader.name(plan.name)) for key, plan in catalogue.plans.items()],
        statuses=[(status.value, status_badge(status).words) for status in AccountStatus],
        status_badge=status_badge,
        plan_name=lambda key: _plan_name(environment_id, key, reader),
        default_plan=catalogue.default_plan,
        snippet=_SNIPPET,
    )


def _plan_name(environment_id: int, key: str, reader: Reader) -> str:
    return product_name(current_snapshot(environment_id).catalogue, key, reader) or key


def _filter(args: Mapping[str, str], default_plan: str | None) -> AccountFilter:
    plan, status = args.get("plan") or None, args.get("status")
    return AccountFilter(
        search=args.get("search", "").strip()[:_LONGEST_SEARCH] or None,
        plan=plan,
        or_no_subscription=plan is not None and plan == default_plan,
        status=AccountStatus(status) if status in set(AccountStatus) else None,
    )


_SNIPPET = """import liftgate

lg = liftgate.Client()  # LIFTGATE_URL and LIFTGATE_API_KEY
lg.upsert_customer("acme", name="Acme Media")
lg.upsert_user("acme", "u1", name="Ann", buyer=True)"""
