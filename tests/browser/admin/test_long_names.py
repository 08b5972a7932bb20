"""Ids and names of hosts may be one long word: pages stay as wide as the window, and what must be typed can be read."""

from __future__ import annotations

import pytest

from liftgate_server.access.queries import environment_by_key
from liftgate_server.customers.service import UpsertCustomer, UpsertUser, upsert_customer, upsert_user
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.usage.models import UsageDayRow

ACCOUNT, PERSON, NAME = "a" * 128, "p" * 128, "N" * 200
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def open_account(open_admin, running_site):
    site = running_site.site
    with site.app.app_context():
        environment_id = environment_by_key(site.environment).id
        upsert_customer(environment_id, ACCOUNT, UpsertCustomer(name=NAME))
        upsert_user(environment_id, ACCOUNT, PERSON, UpsertUser(name=NAME))
        own = {"environment_id": environment_id, "customer": ACCOUNT, "feature": "exports", "user": PERSON}
        with transaction(environment_id) as session:
            session.merge(UsageDayRow(**own, day=now().date(), units=3, uses=2, last_at=now()))
    return lambda page="": open_admin(f"/admin/e/{site.environment}/customers/{ACCOUNT}{page}", viewport=PHONE)


@pytest.mark.parametrize("path", ["", "/usage", "/usage/exports", "/ledger", "/people"])
def test_a_page_of_an_account_is_no_wider_than_a_phone(open_account, path):
    page = open_account(path)

    assert page.overflow_pixels() <= 0
    assert page.axe_violations() == []


def test_the_id_that_must_be_typed_is_seen_whole(open_account):
    page = open_account().page
    page.get_by_role("button", name="Forget the account").click()
    dialog = page.locator("dialog[open]")

    assert ACCOUNT in dialog.inner_text()
    assert dialog.evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0
