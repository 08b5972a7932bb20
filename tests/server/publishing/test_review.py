"""What publishing would do: who gains, loses and goes over a limit, counted and listed by the same statement."""

from __future__ import annotations

import copy
import itertools
from datetime import timedelta

import pytest

from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.catalog.advice import WarningCode
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.publishing import review, uses
from liftgate_server.publishing.facts import Audience, Effect, Terms
from liftgate_server.usage.queries import levels
from tests.server.publishing.conftest import DOCUMENT, counted_statements


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


def test_an_account_with_both_a_gain_and_a_loss_is_in_both(catalogue, join):
    join("acme", plan="pro")
    catalogue.give("pro", "boards", 50)
    catalogue.give("pro", "exports", {"limit": 5, "per": "month"})

    assert counts(catalogue.impact(audience=Audience.ALL)) == (1, 1, 0, 1)


def test_an_override_shields_from_a_loss(catalogue, join, grant):
    for customer in ("acme", "beta"):
        join(customer, plan="pro")
    grant("beta", "override", feature="exports", entitlement={"limit": 100, "per": "month"})
    catalogue.give("pro", "exports", {"limit": 5, "per": "month"})

    assert counts(catalogue.impact(audience=Audience.ALL)) == (0, 1, 0, 2)
    assert catalogue.affected(Effect.LOSSES, audience=Audience.ALL) == ["acme"]


def test_an_override_of_one_of_two_lost_features_shields_from_one_only(catalogue, join, grant):
    join("acme", plan="pro")
    grant("acme", "override", feature="exports", entitlement={"limit": 100, "per": "month"})
    catalogue.give("pro", "exports", {"limit": 5, "per": "month"})
    catalogue.give("pro", "boards", 10)

    page = review.affected_accounts(
        catalogue.environment_id, effect=Effect.LOSSES, source=catalogue.source, terms=Terms(Audience.ALL)
    )

    assert [(item.customer, item.name, item.plan, item.version) for item in page.items] == [("acme", "Acme", "pro", 1)]
    assert page.items[0].details == ("boards 25 → 10",)


def test_an_override_that_ends_before_the_date_does_not_shield(catalogue, join, grant, clock):
    join("acme", plan="pro")
    override = {"feature": "boards", "entitlement": 25}
    grant("acme", "override", ends_at=clock.now() + timedelta(days=10), **override)
    catalogue.give("pro", "boards", 10)

    later = clock.now() + timedelta(days=20)

    assert counts(catalogue.impact(audience=Audience.ALL)) == (0, 0, 0, 1)
    assert counts(catalogue.impact(audience=Audience.ALL, starts_at=later)) == (0, 1, 0, 1)


def test_who_has_more_than_the_new_limit_goes_over_it(catalogue, join, reported):
    for customer, boards in (("acme", 11), ("beta", 10), ("gamma", 99)):
        join(customer, plan="pro")
        reported(customer, boards=boards)
    catalogue.give("pro", "boards", 10)

    impact = catalogue.impact(audience=Audience.ALL)

    # Gamma was over the old limit already.
    assert (impact.over_limit, [plan.over_limit for plan in impact.plans]) == (1, [1])
    assert catalogue.affected(Effect.OVER_LIMIT, audience=Audience.ALL) == ["acme"]


def test_what_the_ledger_counts_goes_before_what_hosts_reported(catalogue, join, reported, counted):
    for customer, said, used in (("acme", 3, 11), ("beta", 11, 3), ("gamma", 11, None)):
        join(customer, plan="pro")
        reported(customer, boards=said)
        if used is not None:
            counted(customer, boards=used)
    catalogue.give("pro", "boards", 10)

    assert catalogue.impact(audience=Audience.ALL).over_limit == 2
    assert catalogue.affected(Effect.OVER_LIMIT, audience=Audience.ALL) == ["acme", "gamma"]


def test_the_page_of_an_account_says_what_the_ledger_counts(catalogue, join, reported, counted):
    join("acme", plan="pro")
    reported("acme", boards=3)
    counted("acme", boards=11)
    catalogue.give("pro", "boards", 10)

    page = review.affected_accounts(
        catalogue.environment_id, effect=Effect.OVER_LIMIT, source=catalogue.source, terms=Terms(Audience.ALL)
    )

    assert "11 in use, 10 in the plan" in str(page.items[0])
    assert levels(catalogue.environment_id, "acme") == {"boards": 11}


def test_add_ons_raise_the_limit_that_one_goes_over(catalogue, join, reported):
    join("acme", plan="pro", more_boards=2)
    reported("acme", boards=29)
    catalogue.give("pro", "boards", 10)
    assert catalogue.impact(audience=Audience.ALL).over_limit == 0

    reported("acme", boards=31)

    assert catalogue.impact(audience=Audience.ALL).over_limit == 1


def test_an_add_on_that_shrinks_counts_as_it_will_be(catalogue, join, reported):
    join("acme", plan="pro", more_boards=2)
    reported("acme", boards=29)
    catalogue.give("pro", "boards", 20)
    catalogue.document["addons"]["more_boards"]["entitlements"]["boards"] = 4

    impact = catalogue.impact(audience=Audience.ALL)

    assert (impact.over_limit, impact.losing, impact.moving) == (1, 1, 1)
    assert [(plan.kind, plan.accounts) for plan in impact.plans] == [("plan", 1), ("addon", 1)]


def test_an_add_on_that_shrinks_alone_takes_its_holders_over_the_limit(catalogue, join, reported):
    for customer, boards in (("acme", 45), ("beta", 33), ("gamma", 46)):
        join(customer, plan="pro", more_boards=2)
        reported(customer, boards=boards)
    catalogue.document["addons"]["more_boards"]["entitlements"]["boards"] = 4

    impact = catalogue.impact(audience=Audience.ALL)
    page = review.affected_accounts(
        catalogue.environment_id, effect=Effect.OVER_LIMIT, source=catalogue.source, terms=Terms(Audience.ALL)
    )

    # Gamma was over the old limit already: 25 of the plan and twice 10.
    assert (impact.over_limit, [(plan.kind, plan.over_limit) for plan in impact.plans]) == (1, [("addon", 1)])
    assert [item.details for item in page.items] == [("boards: 45 in use, 33 with the add-ons",)]


def test_an_add_on_comes_on_top_of_an_override_and_is_taken_by_a_revoke(catalogue, join, grant):
    for customer in ("acme", "beta"):
        join(customer, plan="pro", more_boards=1)
    grant("acme", "override", feature="boards", entitlement=50)
    grant("beta", "revoke", feature="boards")
    catalogue.document["addons"]["more_boards"]["entitlements"]["boards"] = 20

    assert catalogue.affected(Effect.GAINS, audience=Audience.ALL) == ["acme"]


def test_an_over_limit_of_the_default_plan_is_counted_too(catalogue, join, reported):
    join("acme")
    reported("acme", boards=3)
    catalogue.give("free", "boards", 2)

    impact = catalogue.impact()

    assert (impact.over_limit, impact.plans[0].over_limit) == (1, 1)


def test_versions_that_end_anyway_are_counted_as_what_they_will_be(catalogue, join, clock):
    join("acme", plan="pro")
    soon, later = clock.now() + timedelta(days=5), clock.now() + timedelta(days=50)
    catalogue.give("pro", "boards", 40)
    catalogue.publish(audience=Audience.ALL, starts_at=soon)
    catalogue.give("pro", "boards", 30)

    [plan] = catalogue.impact(audience=Audience.ALL, starts_at=later).plans

    assert (plan.from_version, plan.to_version, plan.losses) == (2, 3, ("boards 40 → 30",))


def test_a_trial_and_a_paused_subscription(catalogue, join, environment):
    join("acme", plan="pro")
    subscriptions.set_status(environment.id, "acme", SubscriptionStatus.PAUSED)
    catalogue.give("free", "boards", 1)

    # Paused gives nothing of the plan, so the default plan is what the account has.
    assert catalogue.affected(Effect.LOSSES) == ["acme"]


def test_the_list_is_paged_and_as_long_as_the_count(catalogue, join):
    for number in range(7):
        join(f"c{number}", plan="pro")
    catalogue.give("pro", "boards", 99)
    terms = Terms(Audience.ALL)

    cursor, seen = None, []
    while True:
        page = review.affected_accounts(
            catalogue.environment_id, effect=Effect.GAINS, source=catalogue.source, terms=terms, cursor=cursor, limit=3
        )
        seen += [item.customer for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [f"c{number}" for number in range(7)]
    assert catalogue.impact(audience=Audience.ALL).gaining == 7


def test_a_review_says_the_changes_and_warnings_in_words_of_the_reader(catalogue):
    catalogue.give("pro", "boards", 2)

    told = review.review(catalogue.environment_id, source=catalogue.source, language="de")

    assert told.changes == ("Tarif pro: boards 25 → 2",)
    assert [(warning.code, warning.plan) for warning in told.warnings] == [(WarningCode.GIVES_LESS, "pro")]
    assert (told.base_version, told.revision, told.is_empty) == (1, None, False)


def test_nothing_to_publish_is_an_empty_review(catalogue):
    told = review.review(catalogue.environment_id)

    assert (told.is_empty, told.changes, told.unified, told.revision) == (True, (), "", 0)


def test_what_is_in_use_is_named_as_blocked(catalogue, join):
    join("acme", plan="pro")
    del catalogue.document["plans"]["pro"]

    [blocked] = catalogue.review().blocked

    assert (blocked.subject, [(use.kind, use.count) for use in blocked.holds]) == ("plan:pro", [("subscription", 1)])


def test_the_number_of_statements_does_not_depend_on_the_number_of_customers(catalogue, join, grant, reported):
    counted = []
    numbers = iter(range(1_000))
    for more in (10, 90):
        for number in itertools.islice(numbers, more):
            join(f"c{number:03}", plan="pro" if number % 3 else None)
            reported(f"c{number:03}", boards=number)
        grant("c001", "override", feature="boards", entitlement=3)
        catalogue.document = copy.deepcopy(DOCUMENT)
        catalogue.give("pro", "boards", 9)
        catalogue.give("free", "boards", 1)
        with counted_statements() as statements:
            catalogue.review(audience=Audience.ALL)
            for effect in Effect:
                review.affected_accounts(
                    catalogue.environment_id, effect=effect, source=catalogue.source, terms=Terms(Audience.ALL), limit=9
                )
            uses.uses(catalogue.environment_id)
        counted.append(len(statements))

    assert counted[0] == counted[1]
    assert counted[0] < 100
