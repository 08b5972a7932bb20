"""One account: what it has and why, and the pages beside it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from liftgate.engine.customer_state import GrantKind
from liftgate_server.access.caller import CallerKind
from liftgate_server.access.service import create_key
from liftgate_server.customers.grant_service import CreateGrant, create_grant


def line_of(page: str, feature: str) -> str:
    """The line of a feature with its "why"."""
    found = re.search(
        rf'<details class="feature [^"]*" id="feature-{feature}">.*?</details>', unescape(page), re.DOTALL
    )
    assert found is not None
    return found[0]


@pytest.fixture
def grant(site, environment_id):
    def make(kind: GrantKind, feature: str, entitlement=None, customer: str = "harbour") -> None:
        command = CreateGrant(kind, feature=feature, entitlement=entitlement, reason="Promised at a fair")
        with site.app.app_context():
            create_grant(environment_id, customer, command)

    return make


def test_a_feature_says_what_gives_it(owner):
    line = line_of(owner.get("/customers/harbour").text, "boards")

    assert '<span class="has">25</span>' in line
    assert "The plan Pro (version 1) gives: 25." in line
    assert "So the limit is: 25." in line


def test_a_feature_that_nothing_gives_says_so(owner):
    line = line_of(owner.get("/customers/harbour").text, "sso")

    assert "The plan Pro (version 1) does not include it." in line
    assert "Nothing the account holds includes it." in line


def test_an_override_sets_the_plan_aside_and_tells_its_reason(owner, grant):
    grant(GrantKind.OVERRIDE, "boards", 40)

    line = line_of(owner.get("/customers/harbour").text, "boards")

    assert '<span class="has">40</span>' in line
    assert "The plan Pro (version 1) does not count, because an override decides." in line
    assert "Override (“Promised at a fair”) gives: 40." in line


def test_a_promotion_comes_on_top(owner, grant):
    grant(GrantKind.PROMOTION, "boards", 5)

    line = line_of(owner.get("/customers/harbour").text, "boards")

    assert "25 + 5" in line
    assert "Promotion (“Promised at a fair”) adds: 5." in line


def test_a_revoke_closes_whatever_gives_it(owner, grant):
    grant(GrantKind.REVOKE, "boards")

    line = line_of(owner.get("/customers/harbour").text, "boards")

    assert '<span class="has">closed</span>' in line
    assert "Revocation (“Promised at a fair”) closes the feature, whatever else gives it." in line


def test_what_the_host_reported_is_held_against_the_limit(owner, runtime):
    runtime("storage_gb", 95)

    line = line_of(owner.get("/customers/harbour").text, "storage_gb")

    assert "95 of 100" in line
    assert "feature nearly" in line


def test_what_the_ledger_counts_goes_before_what_the_host_reported(owner, runtime):
    runtime("boards", 24)

    assert "24 of 25" not in line_of(owner.get("/customers/harbour").text, "boards")


@pytest.fixture
def runtime(site, environment_id):
    """Report a level as the host app does."""

    def report(feature: str, used: int) -> None:
        with site.app.app_context():
            key = create_key(environment_id, CallerKind.SECRET, name="a test").text
        level = {"customer": "harbour", "feature": feature, "used": used, "at": "2026-11-22T09:00:00Z"}
        gate = {"gate": "settings.sso", "customer": "harbour", "hour": "2026-11-22T09:00:00Z"}
        refusal = gate | {"outcome": "refused", "reason": "not_included", "count": 7}
        body = {"batch": f"{feature}{used}", "gates": [refusal], "levels": [level]}
        answer = site.app.test_client().post("/v1/reports", json=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code < 300

    return report


def test_refusals_of_the_last_days_are_told(owner, runtime):
    runtime("boards", 1)

    page = owner.get("/customers/harbour").text

    assert "<b>Single sign-on</b>" in page
    assert "7 ×" in page


def test_the_subscription_is_told_over_time(owner):
    page = unescape(owner.get("/customers/lantern").text)

    assert '<li class="now">' in page
    assert "December 22, 2026" in page


def test_people_say_who_may_buy(owner):
    page = owner.get("/customers/harbour/people").text

    assert "may buy" in page
    assert "asks a buyer" in page


def test_revenue_tells_each_change(owner):
    page = owner.get("/customers/harbour/revenue").text

    assert "Subscription started" in page
    assert ">new<" in page


def test_activity_tells_who_did_what(owner):
    fields = {"kind": "revoke", "feature": "boards", "reason": "Misuse"}
    owner.post("/customers/harbour/grants", **fields)

    page = owner.get("/customers/harbour/activity").text

    assert "Owner Doe" in page
    assert "Grant made" in page
    assert "grant.made" not in page


def test_a_grant_that_was_given_until_a_day_says_that_day(owner):
    fields = {"kind": "override", "feature": "boards", "value": "40", "ends_at": "2099-12-31", "reason": "A contract"}
    owner.post("/customers/harbour/grants", **fields)

    page = re.sub(r"<[^>]+>", "", owner.get("/customers/harbour").text)

    assert "until and including December 31, 2099" in page


def test_an_account_nobody_has_told_of_is_not_found(owner):
    assert owner.get("/customers/nobody").status_code == 404


def test_the_page_is_in_the_readers_language(owner):
    page = unescape(owner.get("/customers/harbour", headers={"Accept-Language": "de"}).text)

    assert "Der Plan Pro (Version 1) gibt: 25." in page
    assert "29 €" in page.replace("\u00a0", " ")
