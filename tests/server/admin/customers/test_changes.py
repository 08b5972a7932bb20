"""What can be done with an account: subscription, grants, orders; nothing that was typed is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import GrantKind, SubscriptionStatus
from liftgate_server.billing import queries as billing
from liftgate_server.billing.facts import OrderStatus, RequestedBy
from liftgate_server.billing.service import Orderer, PlaceOrder, place_order, request_upgrade
from liftgate_server.catalog.drafts import Edit, edit_draft
from liftgate_server.customers import queries
from liftgate_server.publishing.service import publish

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#preview"}


class TestSubscription:
    def test_a_preview_tells_when_an_upgrade_takes_effect_and_its_price(self, owner):
        piece = unescape(owner.get("/customers/harbour/subscription?plan=business", headers=PARTIAL).text)

        assert piece.lstrip().startswith('<div id="preview"')
        assert "Business, per month: €99." in piece
        assert "It takes effect at once." in piece
        assert "Monthly revenue: €29 → €99." in piece

    def test_a_preview_tells_that_a_downgrade_waits(self, owner):
        page = unescape(owner.get("/customers/harbour/subscription?plan=free").text)

        assert "It takes effect on December 22, 2026, at the end of the period that is paid for." in page

    def test_a_subscription_is_begun(self, owner, subscription):
        answer = owner.post("/customers/tall-pines/subscription/start", plan="pro", interval="year", quantity="1")

        current = subscription("tall-pines").current
        assert answer.status_code == 303
        assert current is not None
        assert (current.choice.plan, current.choice.interval) == ("pro", Recurrence.YEAR)

    def test_a_trial_is_begun(self, owner, subscription):
        owner.post("/customers/tall-pines/subscription/start", plan="pro", interval="month", trial_days="14")

        current = subscription("tall-pines").current
        assert current is not None
        assert (current.is_trial, str(current.ends_at)[:10]) == (True, "2026-12-06")

    def test_what_cannot_be_read_comes_back_as_it_was_typed(self, owner):
        answer = owner.post("/customers/harbour/subscription/change", plan="business", quantity="several")

        assert answer.status_code == 422
        assert 'value="several"' in answer.text
        assert "Write a whole number from 1 on." in answer.text
        assert '<option value="business" selected>' in answer.text

    def test_a_downgrade_is_scheduled_and_undone(self, owner, subscription):
        owner.post("/customers/harbour/subscription/change", plan="free", interval="month")
        assert subscription("harbour").scheduled is not None

        owner.post("/customers/harbour/subscription/undo")

        assert subscription("harbour").scheduled is None

    def test_an_addon_is_held_and_too_many_are_refused_in_words(self, owner, subscription):
        owner.post("/customers/harbour/subscription/addons/extra_exports", quantity="2")
        assert [held.holding.choice.quantity for held in subscription("harbour").addons] == [2]

        refused = owner.post("/customers/harbour/subscription/addons/extra_exports", quantity="60")

        assert "At most 5" in owner.get(refused.location).text

    @pytest.mark.parametrize(("when", "is_over"), [("now", True), ("period_end", False)])
    def test_it_is_ended(self, owner, subscription, when, is_over):
        owner.post("/customers/harbour/subscription/cancel", when=when)

        left = subscription("harbour")
        assert (left.current is None) is is_over
        assert left.current is None or left.cancel_at is not None

    def test_it_is_brought_to_the_current_version(self, site, environment_id, owner, subscription):
        with site.app.app_context():
            edit = Edit(("plans", "pro", "entitlements", "boards"), 40)
            edit_draft(environment_id, [edit], base_revision=0, by=None)
            publish(environment_id)
        assert "Switch to the current version" in owner.get("/customers/harbour/subscription").text

        owner.post("/customers/harbour/subscription/renew")

        current = subscription("harbour").current
        assert current is not None
        assert current.choice.plan_version == 2

    def test_it_is_marked(self, owner, subscription):
        owner.post("/customers/harbour/subscription/status", status="past_due")

        current = subscription("harbour").current
        assert current is not None
        assert current.status is SubscriptionStatus.PAST_DUE


class TestGrants:
    def test_the_form_asks_for_what_the_feature_is(self, owner):
        pages = {feature: owner.get(f"/customers/harbour/grants/new?feature={feature}").text for feature in KINDS}

        assert {feature: tuple(mark in page for mark in KINDS.values()) for feature, page in pages.items()} == {
            "sso": (True, False, False),
            "exports": (False, True, False),
            "image_quality": (False, False, True),
        }

    def test_an_override_has_reason_end_and_author(self, site, environment_id, owner):
        fields = {"kind": "override", "feature": "exports", "value": "500", "per": "month"}

        answer = owner.post("/customers/harbour/grants", **fields, reason="Asked at a fair", ends_at="2026-12-31")

        assert answer.status_code == 303
        with site.app.app_context():
            (made,) = queries.grants(environment_id, "harbour").items
        assert (made.kind, made.entitlement) == (GrantKind.OVERRIDE, {"limit": 500, "per": "month"})
        assert (made.reason, made.created_by) == ("Asked at a fair", "Owner Doe")
        # Until and including: it ends as the next day begins.
        assert made.ends_at == datetime(2027, 1, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"reason": ""}, "Write why, in up to 500 characters."),
            ({"value": "lots"}, "Write a whole number, or “unlimited” for a limit."),
            ({"ends_at": "some day"}, "Write a day, such as 2026-12-31."),
            ({"ends_at": "2026-11-01"}, "A grant ends after it begins, and not in the past."),
        ],
    )
    def test_a_refused_form_comes_back_filled(self, site, environment_id, owner, wrong, words):
        fields = {"kind": "override", "feature": "exports", "value": "500", "per": "week", "reason": "Kept words"}

        answer = owner.post("/customers/harbour/grants", **{**fields, **wrong})

        page = unescape(answer.text)
        assert answer.status_code == 422
        assert words in page
        assert '<option value="week" selected>' in page
        assert ("Kept words" in page) is ("reason" not in wrong)
        with site.app.app_context():
            assert queries.grants(environment_id, "harbour").items == ()

    def test_it_is_ended(self, site, environment_id, owner):
        with site.app.app_context():
            (trial,) = queries.grants(environment_id, "redwood").items

        owner.post(f"/customers/redwood/grants/{trial.id}/end")

        with site.app.app_context():
            assert queries.grants(environment_id, "redwood").items[0].state == "ended"


KINDS = {
    "sso": '<option value="off"',
    "exports": 'name="per"',
    "image_quality": '<option value="original"',
}


class TestOrders:
    @pytest.fixture
    def order(self, site, environment_id):
        """Something that somebody bought, or asked for."""

        def make(role: RequestedBy = RequestedBy.BUYER, customer: str = "tall-pines") -> str:
            wanted = PlaceOrder(Recurrence.MONTH, plan="pro")
            act = request_upgrade if role is RequestedBy.MEMBER else place_order
            with site.app.app_context():
                return act(Orderer(environment_id, customer, "u1", role), wanted).id

        return make

    @pytest.fixture
    def status_of(self, site, environment_id):
        def read(order: str) -> OrderStatus:
            with site.app.app_context():
                return billing.order(environment_id, order).status

        return read

    def test_what_waits_stands_first_and_is_counted(self, owner, order):
        order()
        order(RequestedBy.MEMBER, customer="blue-kite")

        page = owner.get("/orders").text

        assert "Waiting for a decision" in page
        assert page.index("Blue Kite Studio") < page.index("Tall Pines Co-op")
        assert '<span class="count">2</span>' in page

    def test_it_is_approved(self, owner, order, status_of, subscription):
        made = order()

        owner.post(f"/orders/{made}/approve")

        assert status_of(made) is OrderStatus.COMPLETED
        assert subscription("tall-pines").current is not None

    def test_it_is_rejected(self, owner, order, status_of, subscription):
        made = order()

        answer = owner.post(f"/orders/{made}/reject", customer="tall-pines")

        assert answer.location.endswith("/customers/tall-pines/orders")
        assert status_of(made) is OrderStatus.REJECTED
        assert subscription("tall-pines").current is None

    def test_what_was_decided_meanwhile_is_said(self, owner, order):
        made = order()
        owner.post(f"/orders/{made}/reject")

        answer = owner.post(f"/orders/{made}/approve")

        assert "toast-error" in owner.get(answer.location).text
