"""What publishing would do: who gains, loses and goes over a limit, counted and listed by the same statement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.publishing.facts import Audience, Effect


def counts(impact):
    return (impact.gaining, impact.losing, impact.over_limit, impact.moving)


def test_subscribers_keep_what_they_have_when_it_is_for_new_customers(catalogue, join):
    join("acme", plan="pro")
    catalogue.give("pro", "exports", {"limit": 5, "per": "month"})

    impact = catalogue.impact()

    assert (counts(impact), impact.keeping, impact.plans) == ((0, 0, 0, 0), 1, ())


def test_subscribers_lose_when_it_is_for_all(catalogue, join):
    join("acme", plan="pro")
    join("beta")
    catalogue.give("pro", "exports", {"limit": 5, "per": "month"})

    impact = catalogue.impact(audience=Audience.ALL)

    assert counts(impact) == (0, 1, 0, 1)
    [plan] = impact.plans
    assert (plan.plan, plan.name, plan.from_version, plan.to_version, plan.accounts) == ("pro", "Pro", 1, 2, 1)
    assert plan.losses == ("exports 100 per month → 5 per month",)
    assert catalogue.affected(Effect.LOSSES, audience=Audience.ALL) == ["acme"]


@pytest.mark.parametrize("audience", Audience)
def test_the_default_plan_is_followed_at_once_whatever_the_audience(catalogue, join, audience):
    join("acme", plan="pro")
    join("beta")
    catalogue.give("free", "boards", 5)

    impact = catalogue.impact(audience=audience)

    assert counts(impact) == (1, 0, 0, 0)
    assert [(plan.plan, plan.follows, plan.accounts) for plan in impact.plans] == [("free", True, 1)]
    assert catalogue.affected(Effect.GAINS, audience=audience) == ["beta"]
