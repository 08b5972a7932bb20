"""Forms of the catalogue's pages: what is saved in the draft, and what comes back filled when it is refused."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.access.caller import Role
from liftgate_server.catalog.drafts import open_draft
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.customers.subscription_service import StartSubscription, start_subscription
from liftgate_server.plumbing.db import db, reading

CELL = "/plans/pro/entitlements/exports"


@pytest.fixture
def draft(app, published):
    """Look at the draft's document as it is now."""

    def at(*path):
        with app.app_context():
            found: Any = open_draft(published.id).document
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return found

    return at


def test_a_cell_saved_from_its_page_leads_back_to_the_plan(reader, draft):
    answer = reader.send(CELL, CELL, **{"given": "limited", "[0].limit": "250", "[0].per": "week"})
    assert (answer.status_code, answer.location) == (303, "/admin/e/demo/plans/pro")
    assert draft("plans", "pro", "entitlements", "exports") == {"limit": 250, "per": "week"}


def test_a_cell_saved_in_place_answers_the_cell_alone_marked_as_changed(reader, draft):
    base = reader.base_of(CELL)
    answer = reader.post(CELL, {"given": "unlimited"}, base=base, piece="cell-editor")
    assert answer.headers["HX-Trigger"] == "cell-saved"
    assert '<td id="cell--plans--pro--exports" class="changed">' in answer.text
    assert "<html" not in answer.text
    assert draft("plans", "pro", "entitlements", "exports") == "unlimited"


def test_off_takes_the_entitlement_out(reader, draft):
    page = "/plans/business/entitlements/sso"
    reader.send(page, page, given="none")
    assert draft("plans", "business", "entitlements", "sso") is None


def test_a_refused_cell_comes_back_filled_with_the_problem_at_its_field(reader, draft):
    form = {"given": "limited", "[0].limit": "many", "[0].per": "week", "[0].warn_at": "80"}
    answer = reader.send(CELL, CELL, **form)
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert 'value="80"' in answer.text
    assert "Write a whole number, such as 100." in answer.text
    assert draft("plans", "pro", "entitlements", "exports")["limit"] == 100


def test_what_the_catalogue_refuses_is_said_at_the_field_too(published, sign_in):
    form = {"given": "limited", "[0].limit": "5", "[0].per": "month", "[0].overage": "3"}
    answer = sign_in(language="de").send(CELL, CELL, **form)
    assert answer.status_code == 422
    assert 'id="f-[0]-overage-error">Das ist hier nicht erlaubt.' in answer.text


def test_another_limit_can_be_added_before_saving(reader, published):
    answer = reader.send(CELL, CELL, **{"given": "limited", "[0].limit": "5", "[0].per": "month", "more": "yes"})
    assert answer.status_code == 200
    assert 'name="[1].limit"' in answer.text


def test_a_plan_keeps_what_its_form_does_not_show(reader, draft):
    form = {"name.en": "Professional", "name.de": "Profi", "rank": "12", "trial.days": "14"}
    assert reader.send("/plans/pro", "/plans/pro", **form).status_code == 303
    assert draft("plans", "pro", "trial") == {"days": 14}
    assert draft("plans", "pro", "name") == {"en": "Professional", "de": "Profi"}
    assert draft("plans", "pro", "prices")


def test_a_rank_that_is_taken_is_refused_and_nothing_typed_is_lost(reader, draft):
    answer = reader.send("/plans/pro", "/plans/pro", **{"name.en": "Typed", "name.de": "", "rank": "20"})
    assert answer.status_code == 422
    assert 'value="Typed"' in answer.text
    assert draft("plans", "pro", "rank") == 10


def test_prices_are_added_changed_and_removed(reader, draft):
    form = {
        "prices[0].amount": "", "prices[0].currency": "EUR", "prices[0].interval": "month",
        "prices[1].amount": "349.50", "prices[1].currency": "usd", "prices[1].interval": "year",
        "prices[1].per": "seat",
    }  # fmt: skip
    assert reader.send("/plans/pro", "/plans/pro/prices", **form).status_code == 303
    assert draft("plans", "pro", "prices") == [{"interval": "year", "currency": "USD", "amount": 34950, "per": "seat"}]


def test_a_copied_plan_has_all_that_the_other_one_has(reader, draft):
    form = {"key": "team", "name.en": "Team", "rank": "15", "source": "pro"}
    assert reader.send("/plans/-/new?source=pro", "/plans/-/new", **form).location.endswith("/plans/team")
    assert draft("plans", "team", "entitlements") == draft("plans", "pro", "entitlements")
    assert draft("plans", "team", "prices") == draft("plans", "pro", "prices")
    assert draft("plans", "team", "name") == {"en": "Team"}


@pytest.mark.parametrize(("key", "words"), [("Team!", "A key begins with a letter"), ("pro", "This key is taken.")])
def test_a_key_that_cannot_be_used_is_said_at_its_field(reader, published, key, words):
    answer = reader.send("/plans/-/new", "/plans/-/new", **{"key": key, "name.en": "Team", "rank": "15"})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Team"' in answer.text


def test_a_feature_is_added_and_moved(reader, draft):
    form = {"key": "api", "kind": "metered", "name.en": "API", "unit.en.one": "call", "unit.en.other": "calls"}
    assert reader.send("/features/-/new", "/features/-/new", **form).status_code == 303
    assert list(draft("features"))[-1] == "api"
    reader.send("/features", "/features/api/move", steps="-1")
    assert list(draft("features"))[-2:] == ["api", "audit_log"]


def test_an_archived_plan_is_hidden_until_somebody_asks_and_can_be_taken_back(reader, draft):
    reader.send("/plans/pro", "/plans/pro/archive", archived="yes")
    assert draft("plans", "pro", "archived") is True
    assert ">Pro</a>" not in reader.get("/matrix").text
    assert ">Pro</a>" in reader.get("/matrix?archived=yes").text
    reader.send("/plans/pro", "/plans/pro/archive", archived="no")
    assert draft("plans", "pro", "archived") is None


def test_what_somebody_has_cannot_be_deleted(app, reader, draft, published):
    with app.app_context():
        upsert_customer(published.id, "acme", UpsertCustomer())
        start_subscription(
            published.id, "acme", StartSubscription(plan="business", interval=Recurrence.MONTH, currency="EUR")
        )
    assert 'id="delete"' not in reader.get("/plans/business/holders").text
    assert reader.send("/plans/business", "/plans/business/delete").status_code == 409
    assert draft("plans", "business")


def test_what_nobody_has_can_be_deleted(reader, draft):
    assert reader.send("/addons/extra_seats", "/addons/extra_seats/delete").location.endswith("/addons")
    assert draft("addons", "extra_seats") is None


def test_what_the_draft_itself_needs_is_not_deleted_and_the_reason_is_shown(reader, draft):
    reader.send("/features/boards", "/features/boards/delete")
    assert draft("features", "boards")
    assert "There is no feature &#39;boards&#39;" in reader.get("/features/boards").text


def test_a_gate_is_observed_and_then_enforced(reader, draft):
    form = {
        "requires[0].feature": "sso",
        "match": "all",
        "mode": "observe",
        "on_failure": "open",
        "placement": "navigation",
    }
    assert reader.send("/gates/settings.sso", "/gates/settings.sso", **form).status_code == 303
    assert draft("gates", "settings.sso") == {
        "requires": "sso", "mode": "observe", "on_failure": "open", "placement": "navigation"
    }  # fmt: skip
    reader.send("/gates/settings.sso", "/gates/settings.sso/enforce")
    assert draft("gates", "settings.sso", "mode") is None


def test_own_words_are_saved_per_language_and_go_back_to_the_shipped(reader, draft):
    page = "/texts/limit_reached?language=de"
    reader.send(page, "/texts/limit_reached", **{"editing": "de", "title.en": "", "title.de": "Zeit für {product}"})
    assert draft("texts") is None  # German alone has nothing to fall back to
    reader.send(page, "/texts/limit_reached", **{"editing": "en", "title.en": "Time for {product}"})
    reader.send(page, "/texts/limit_reached", **{"editing": "de", "title.de": "Zeit für {product}"})
    assert draft("texts", "limit_reached", "title") == {"en": "Time for {product}", "de": "Zeit für {product}"}
    reader.send(page, "/texts/limit_reached", **{"editing": "de", "title.de": "Zeit!", "shipped": "title"})
    assert draft("texts", "limit_reached", "title") == {"en": "Time for {product}"}


def test_an_unknown_variable_is_refused_at_its_field_with_the_text_kept(reader, draft):
    form = {"editing": "en", "body.en": "You have {remaining} left of {limit}"}
    answer = reader.send("/texts/limit_reached", "/texts/limit_reached", **form)
    assert answer.status_code == 422
    assert "There is no variable remaining here." in answer.text
    assert "You have {remaining} left of {limit}" in unescape(answer.text)
    assert draft("texts") is None


def test_settings_of_the_catalogue_are_saved_and_refused(reader, draft):
    form = {"languages": "en, de, fr", "time_zone": "UTC", "default_plan": "pro"}
    assert reader.send("/catalogue", "/catalogue", **form).status_code == 303
    assert (draft("languages"), draft("time_zone"), draft("default_plan")) == (["en", "de", "fr"], None, "pro")
    answer = reader.send("/catalogue", "/catalogue", **form | {"time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert 'value="Mars/Olympus"' in answer.text


def test_the_preview_answers_for_the_words_being_typed_and_leaves_no_trace(app, sign_in, published):
    viewer = sign_in(Role.VIEWER)
    viewer.get("/matrix")
    before = _rows(app)
    form = {"offer": "limit_reached", "editing": "en", "title.en": "Typed {product}", "body.en": "{nothing}",
            "try.gate": "boards.create", "try.plan": "free", "try.used": "3", "try.language": "en"}  # fmt: skip
    answer = viewer.post("/preview", form).json
    assert answer["payload"]["content"]["title"] == "Typed Pro"
    assert answer["problems"] == {"body.en": "There is no variable nothing here."}
    assert _rows(app) == before


def test_the_preview_says_when_nothing_would_be_shown(reader, published):
    answer = reader.post("/preview", {"try.gate": "boards.create", "try.plan": "business", "try.used": "3"}).json
    assert (answer["payload"], answer["says"][:18]) == (None, "With these numbers")


def test_a_form_of_a_page_that_is_too_old_is_refused_and_not_guessed(reader, published):
    assert reader.post(CELL, {"given": "unlimited"}, base="77.1").status_code == 409
    assert reader.post(CELL, {"given": "unlimited"}, base="x").status_code == 400


def _rows(app):
    with app.app_context():
        return {
            table.name: reading().execute(select(func.count()).select_from(table)).scalar_one()
            for table in db.metadata.sorted_tables
        }
