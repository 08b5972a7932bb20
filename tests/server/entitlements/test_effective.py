"""Everything one account may use, with what led to it."""

from __future__ import annotations

from liftgate.engine.decision import Reason
from liftgate_server.entitlements.effective import effective_access


def test_every_feature_is_told_in_the_order_of_the_catalogue(in_app, environment, subscribe):
    subscribe("acme")

    access = effective_access(environment.id, "acme")

    assert list(access.features) == ["boards", "exports", "sso"]
    assert all(explanation.decision.granted for explanation in access.features.values())


def test_what_the_host_counted_is_held_against_the_limit(in_app, environment, subscribe):
    subscribe("acme")

    decision = effective_access(environment.id, "acme", reported={"boards": 25}).features["boards"].decision

    assert (decision.reason, decision.used, decision.limit) == (Reason.LIMIT_REACHED, 25, 25)


def test_a_gate_that_took_the_key_of_a_feature_does_not_hide_the_feature(in_app, environment, document, publish):
    publish({**document, "gates": {"sso": {"requires": "sso", "mode": "open"}}})

    decision = effective_access(environment.id, "unheard_of").features["sso"].decision

    assert decision.reason is Reason.NOT_INCLUDED
