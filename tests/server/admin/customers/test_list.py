"""The list of accounts."""

from __future__ import annotations

from liftgate_server.access.service import NewEnvironment, create_environment


def test_accounts_are_listed_with_plan_status_and_revenue(owner):
    page = owner.get("/customers").text

    assert "Harbour Lights" in page
    assert "€29" in page
    assert ">active<" in page


def test_accounts_are_found_by_the_beginning_of_their_name(owner):
    page = owner.get("/customers?search=tall").text

    assert "Tall Pines" in page
    assert "Harbour Lights" not in page


def test_accounts_are_filtered_by_plan_and_by_status(owner):
    on_pro, without = owner.get("/customers?plan=pro").text, owner.get("/customers?status=none").text

    assert ("Harbour Lights" in on_pro, "Tall Pines" in on_pro) == (True, False)
    assert ("Harbour Lights" in without, "Tall Pines" in without) == (False, True)


def test_the_default_plan_finds_those_who_hold_it_by_default(owner):
    page = owner.get("/customers?plan=free").text

    assert "Tall Pines" in page
    assert "Harbour Lights" not in page


def test_nothing_found_leads_back_to_all(owner):
    page = owner.get("/customers?search=nobody").text

    assert "No account matches" in page
    assert 'value="nobody"' in page


def test_an_environment_without_customers_teaches_how_they_come(owner, site):
    with site.app.app_context():
        create_environment(NewEnvironment("empty"))

    page = owner.get("/admin/e/empty/customers").text

    assert "No customers yet" in page
    assert "upsert_customer" in page
