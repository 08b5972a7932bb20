"""The client for host apps' own tests behaves as the real one, without a server."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from liftgate import ApiError, Client, GateUnavailable, LiftgateError, Reason, UnknownGate, UpgradeRequired
from liftgate.flask import Identity, Liftgate
from liftgate.testing import TestClient
from tests.sdk.fake_server import CATALOGUE


@pytest.fixture
def lg() -> TestClient:
    return TestClient(CATALOGUE, at=datetime(2026, 11, 22, 9, tzinfo=UTC))


def test_it_has_every_public_method_of_the_client():
    methods = {name: value for name, value in vars(Client).items() if inspect.isfunction(value)}

    for name, method in methods.items():
        if not name.startswith("_"):
            assert inspect.signature(getattr(TestClient, name)) == inspect.signature(method), name


def test_a_customer_nobody_mentioned_holds_the_default_plan(lg):
    with lg.customer("acme"):
        assert lg.check("sso").decided_by is None or not lg.check("sso")
        assert lg.check("boards.create", used=2)
        assert not lg.check("boards.create", used=3)


def test_a_subscription_opens_a_binding_that_is_open(lg):
    with lg.customer("acme"):
        assert not lg.check("sso")
        lg.subscribe("acme", "pro")
        assert lg.check("sso")
        lg.clock.advance(days=1)
        lg.cancel("acme")
        assert not lg.check("sso")


def test_a_trial_ends_at_its_instant(lg):
    lg.subscribe("acme", "pro", status="trialing", ends_at=lg.clock.now + timedelta(days=14))

    with lg.customer("acme"):
        lg.clock.advance(timedelta(days=14) - timedelta(microseconds=1))
        assert lg.check("sso")
        lg.clock.advance(timedelta(microseconds=1))
        assert not lg.check("sso")
        lg.clock.set(datetime(2026, 11, 23, tzinfo=UTC))
        assert lg.check("sso")


def test_the_clock_needs_a_time_zone(lg):
    with pytest.raises(LiftgateError):
        lg.clock.set(datetime(2026, 1, 1))


def test_grants_and_revokes_apply(lg):
    lg.grant("acme", "sso", entitlement=True, ends_at=lg.clock.now + timedelta(days=1))
    with lg.customer("acme"):
        assert lg.check("sso")
        lg.grant("acme", "sso", kind="revoke", reason="fraud")
        decision = lg.check("sso")

    assert (decision.reason, decision.message) == (Reason.REVOKED, "fraud")


def test_usage_fills_the_limit_of_its_period_only(lg):
    lg.set_usage("acme", "exports", 5)
    with lg.customer("acme"):
        assert lg.check("reports.export").reason is Reason.LIMIT_REACHED
        lg.clock.advance(days=9)
        assert lg.check("reports.export")


def test_a_limit_per_user_wants_to_know_whose(lg):
    entitlements = {"exports": {"limit": 1, "per": "day", "scope": "user"}}
    plans = {**CATALOGUE["plans"], "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": entitlements}}
    lg.publish({**CATALOGUE, "plans": plans})
    with pytest.raises(LiftgateError, match="per user"):
        lg.set_usage("acme", "exports", 1)
    lg.set_usage("acme", "exports", 1, user="u1")

    with lg.customer("acme", user="u1"):
        assert not lg.check("exports")
    with lg.customer("acme", user="u2"):
        assert lg.check("exports")


def test_an_add_on_is_added():
    addon = {"name": {"en": "More"}, "entitlements": {"boards": 2}, "max_quantity": 5}
    lg = TestClient({**CATALOGUE, "addons": {"more": addon}})
    lg.add_addon("acme", "more", quantity=2)

    with lg.customer("acme"):
        assert lg.check("boards.create", used=6)
        assert not lg.check("boards.create", used=7)


def test_a_publication_keeps_what_was_bought(lg):
    lg.subscribe("acme", "pro")
    plans = {**CATALOGUE["plans"], "pro": {"name": {"en": "Pro"}, "rank": 10, "entitlements": {"boards": 10}}}
    lg.publish({**CATALOGUE, "plans": plans})

    with lg.customer("acme"):
        assert lg.check("sso").decided_by == "plan:pro@1"


def test_an_order_is_there_at_once(lg):
    with lg.customer("acme", user="u1"):
        order = lg.order(plan="pro", interval="month")

        assert lg.check("sso")
    assert lg.get_order(order.id) is order
    with pytest.raises(ApiError, match="unknown_order"):
        lg.get_order("ord_none")


def test_refusals_are_noted(lg):
    @lg.gate("sso", otherwise=lambda: None)
    def log_in() -> None: ...

    with lg.customer("acme"):
        log_in()

    assert [decision.gate for decision in lg.refused] == ["sso"]


def test_it_is_strict_unless_told_otherwise(lg):
    with lg.customer("acme"), pytest.raises(UnknownGate):
        lg.check("sos")
    relaxed = TestClient(CATALOGUE, strict=False)
    with relaxed.customer("acme"):
        assert relaxed.check("sos").reason is Reason.UNKNOWN_GATE


def test_an_outage_can_be_played(lg):
    @lg.gate("reports.export")
    def export() -> str:
        return "exported"

    with lg.outage(), lg.customer("acme"), pytest.raises(GateUnavailable):
        export()
    with lg.customer("acme"):
        assert export() == "exported"


def test_it_explains(lg):
    with lg.customer("acme"):
        assert lg.explain("sso").trace


def test_who_may_buy_is_in_the_offer(lg):
    lg.upsert_user("acme", "boss", buyer=True)
    lg.upsert_customer("acme", language="de")
    with lg.customer("acme", user="intern"):
        kinds = [action.kind for action in lg.check("sso").offer.actions]

    assert "request_upgrade" in kinds
    assert "checkout" not in kinds


@pytest.mark.parametrize("call", ["subscribe", "add_addon", "grant"])
def test_a_key_the_catalogue_lacks_is_named(lg, call):
    with pytest.raises(LiftgateError, match="nonsense"):
        getattr(lg, call)("acme", "nonsense")


def test_the_flask_glue_takes_it(lg):
    app = Flask(__name__)
    Liftgate(app, lg, identify=lambda: Identity("acme"))
    app.add_url_rule("/export", "export", lg.gate("sso")(lambda: "exported"))
    browser = app.test_client()

    assert browser.get("/export").status_code == 402
    lg.subscribe("acme", "pro")
    assert browser.get("/export").text == "exported"
    token = browser.get("/_liftgate/token").json or {}

    assert token["server"] == lg.url


def test_a_refusal_raises(lg):
    with lg.customer("acme"), pytest.raises(UpgradeRequired):
        lg.gate("sso")(lambda: None)()


def test_a_publication_for_all_from_a_date_takes_effect_there_and_is_told_before(lg):
    document = {
        **CATALOGUE,
        "plans": {key: {**plan, "description": {"en": "new"}} for key, plan in CATALOGUE["plans"].items()},
    }
    lg.subscribe("acme", "pro")
    date = lg.clock.now + timedelta(days=30)

    lg.publish(document, for_all_from=date, notice_from=lg.clock.now + timedelta(days=10))

    with lg.customer("acme"):
        told = [lg.notices(), lg.check("sso").decided_by]
        lg.clock.advance(days=10)
        told += [len(lg.notices()), lg.check("sso").decided_by]
        lg.clock.advance(days=20)
        told += [lg.notices(), lg.check("sso").decided_by]
    assert told == [(), "plan:pro@1", 1, "plan:pro@1", (), "plan:pro@2"]


def test_without_data_there_is_nothing_to_tell(lg):
    with lg.outage(), lg.customer("acme"):
        assert lg.notices() == ()
