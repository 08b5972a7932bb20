"""What is in use, by what, and what that keeps from being removed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.catalog.drafts import push_draft
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.errors import Conflict
from liftgate_server.publishing.facts import Audience
from liftgate_server.publishing.uses import uses, uses_of


@pytest.fixture
def used(catalogue):
    """Say what uses a part: `used("plan:pro")` gives kinds and counts."""
    return lambda subject: {str(use.kind): use.count for use in uses(catalogue.environment_id)[subject].by}


def remove(catalogue, section, key):
    """Take a part out of the document, and what refers to it."""
    del catalogue.document[section][key]
    if section == "features":
        for part in ("plans", "addons"):
            for product in catalogue.document[part].values():
                product["entitlements"].pop(key, None)
        gates = catalogue.document["gates"]
        catalogue.document["gates"] = {name: gate for name, gate in gates.items() if gate["requires"] != key}


def refusal(catalogue):
    with pytest.raises(Conflict) as refused:
        catalogue.publish()
    assert refused.value.code == "in_use"
    return {error.path for error in refused.value.errors}


def test_a_plan_is_used_by_subscriptions_and_the_document(catalogue, join, used):
    join("acme", plan="pro")

    assert used("plan:pro") == {"subscription": 1}
    assert used("plan:free") == {"setting": 1}


def test_the_default_plan_is_used_by_who_has_no_subscription(catalogue, join, used):
    join("acme")

    assert used("plan:free") == {"default_plan": 1, "setting": 1}


def test_an_older_version_that_is_held_is_told(catalogue, join, used):
    join("acme", plan="pro")
    catalogue.give("pro", "boards", 50)
    catalogue.publish()

    assert used("plan:pro") == {"subscription": 1, "pinned_version": 1}


def test_a_trial_is_told_with_what_is_scheduled_after_it(catalogue, environment, join, used):
    join("acme")
    command = subscriptions.StartSubscription("pro", Recurrence.MONTH, currency="EUR", trial_days=14)
    subscriptions.start_subscription(environment.id, "acme", command)

    assert used("plan:pro") == {"trial": 1, "scheduled": 1}


def test_what_has_ended_uses_nothing(catalogue, environment, join, used):
    join("acme", plan="pro")
    subscriptions.cancel_subscription(environment.id, "acme", when=When.NOW)

    assert used("plan:pro") == {}


def test_a_feature_is_used_by_plans_add_ons_and_gates_of_the_document(catalogue, used):
    assert used("feature:boards") == {"plan": 2, "addon": 1}
    assert used("feature:exports") == {"plan": 1, "gate": 1}
    assert used("feature:sso") == {}


def test_a_grant_uses_its_feature_until_it_ends(catalogue, join, grant, used, clock):
    join("acme")
    grant("acme", "promotion", feature="sso", entitlement=True, ends_at=clock.now() + timedelta(days=5))
    assert used("feature:sso") == {"grant": 1}

    clock.advance(timedelta(days=5))

    assert used("feature:sso") == {}


def test_a_gate_is_used_by_hosts_that_asked_within_a_week(catalogue, reported, used, clock):
    reported("acme", gate="reports.export")
    assert used("gate:reports.export") == {"host": 3}

    clock.advance(timedelta(days=8))

    assert used("gate:reports.export") == {}


def test_one_part_is_told_as_it_is_among_all(catalogue, join, grant, reported, clock):
    join("nobody")
    join("acme", plan="pro", more_boards=2)
    grant("acme", "promotion", feature="sso", entitlement=True, ends_at=clock.now() + timedelta(days=5))
    grant("nobody", "trial", plan="pro", ends_at=clock.now() + timedelta(days=5))
    reported("acme", gate="reports.export")
    catalogue.give("pro", "boards", 50)
    catalogue.publish(audience=Audience.ALL, starts_at=clock.now() + timedelta(days=9))
    catalogue.document["default_plan"] = "pro"
    push_draft(catalogue.environment_id, catalogue.source, base_revision=0, by=None)

    every = uses(catalogue.environment_id)

    assert {subject for subject, in_use in every.items() if in_use.by} >= {
        "plan:pro",
        "feature:sso",
        "addon:more_boards",
    }
    assert {subject: uses_of(catalogue.environment_id, subject) for subject in every} == every


@pytest.mark.parametrize("subject", ["plan:none", "pro", "plan:", "text:pro", "gate:sso2"])
def test_what_is_nowhere_has_no_uses(catalogue, subject):
    assert uses_of(catalogue.environment_id, subject) is None


def test_the_draft_is_counted_with_as_it_is_now(catalogue, used):
    assert used("plan:pro") == {}
    catalogue.document["default_plan"] = "pro"

    push_draft(catalogue.environment_id, catalogue.source, base_revision=0, by=None)

    assert used("plan:pro") == {"setting": 1}
    assert used("plan:free") == {}


def test_an_add_on_that_is_held_cannot_be_removed(catalogue, join):
    join("acme", plan="pro", more_boards=1)
    remove(catalogue, "addons", "more_boards")

    assert refusal(catalogue) == {"addons.more_boards"}


def test_a_gate_that_a_host_asks_cannot_be_removed(catalogue, reported):
    reported("acme", gate="reports.export")
    remove(catalogue, "gates", "reports.export")

    assert refusal(catalogue) == {"gates.reports.export"}


def test_a_feature_of_a_held_version_cannot_be_removed(catalogue, join):
    join("acme", plan="pro")
    remove(catalogue, "features", "exports")

    assert refusal(catalogue) == {"features.exports"}


def test_a_feature_that_only_an_older_held_version_has_cannot_be_removed(catalogue, join):
    join("acme", plan="pro")
    del catalogue.document["plans"]["pro"]["entitlements"]["exports"]
    catalogue.publish()
    remove(catalogue, "features", "exports")

    assert refusal(catalogue) == {"features.exports"}


def test_once_everybody_was_moved_off_a_feature_it_can_go(catalogue, join):
    join("acme", plan="pro")
    del catalogue.document["plans"]["pro"]["entitlements"]["exports"]
    catalogue.publish(audience=Audience.ALL)
    remove(catalogue, "features", "exports")

    assert catalogue.publish().version == 3


def test_until_everybody_is_moved_off_a_feature_it_stays(catalogue, join, clock):
    join("acme", plan="pro")
    del catalogue.document["plans"]["pro"]["entitlements"]["exports"]
    catalogue.publish(audience=Audience.ALL, starts_at=clock.now() + timedelta(days=9))
    remove(catalogue, "features", "exports")
    assert refusal(catalogue) == {"features.exports"}

    clock.advance(timedelta(days=9))

    assert catalogue.publish().version == 3


def test_what_nobody_uses_can_be_removed(catalogue, join):
    join("acme", plan="pro")
    remove(catalogue, "features", "sso")
    remove(catalogue, "addons", "more_boards")

    assert catalogue.publish().version == 2


@pytest.mark.parametrize("audience", Audience)
def test_a_feature_that_is_held_cannot_become_another_kind(catalogue, join, audience):
    join("acme", plan="pro")
    catalogue.document["features"]["boards"]["kind"] = "switch"
    for product in (*catalogue.document["plans"].values(), *catalogue.document["addons"].values()):
        product["entitlements"]["boards"] = True

    with pytest.raises(Conflict) as refused:
        catalogue.publish(audience=audience)

    assert (refused.value.code, [error.path for error in refused.value.errors]) == ("in_use", ["features.boards"])


def test_a_feature_of_the_default_plan_alone_may_become_another_kind(catalogue, join):
    join("acme")
    catalogue.document["features"]["boards"]["kind"] = "switch"
    for product in (*catalogue.document["plans"].values(), *catalogue.document["addons"].values()):
        product["entitlements"]["boards"] = True

    assert catalogue.publish().version == 2


def test_archiving_is_the_way_for_what_is_in_use(catalogue, join):
    join("acme", plan="pro")
    catalogue.document["plans"]["pro"]["archived"] = True

    assert catalogue.publish().changes == ("Plan pro: archived",)
