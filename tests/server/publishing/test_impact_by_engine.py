"""The numbers of a review against the engine, which is asked for every account before and after the publication."""

from __future__ import annotations

import copy
import itertools
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liftgate.engine.access import generosity, resolve_access
from liftgate.engine.catalogue_model import FeatureKind, Recurrence
from liftgate.engine.customer_state import GrantKind
from liftgate.engine.holdings import hold
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.customers import grant_service as grants
from liftgate_server.customers import service as customers
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.entitlements.service import load_customer
from liftgate_server.publishing.facts import Audience, Effect
from liftgate_server.usage.facts import LevelReport, Report
from liftgate_server.usage.service import take_report
from tests.server.conftest import START
from tests.server.publishing.conftest import DOCUMENT, Catalogue

WITHIN_A_WEEK = START + timedelta(days=7)

boards = st.sampled_from([0, 2, 5, "unlimited"])
exports = st.sampled_from([0, 10, 50, "unlimited"]).map(lambda limit: {"limit": limit, "per": "month"})
given_by = {
    "boards": boards,
    "exports": exports,
    "sso": st.booleans(),
    "size": st.sampled_from(["small", "large"]),
}
in_plans = st.fixed_dictionaries({}, optional=given_by)
in_addons = st.fixed_dictionaries({}, optional={"boards": st.sampled_from([1, 3]), "sso": st.booleans()})


@st.composite
def documents(draw):
    """Draw a catalogue of the same plans and add-ons with other entitlements."""
    document = copy.deepcopy(DOCUMENT)
    document["features"]["size"] = {"kind": "setting", "name": {"en": "Size"}, "values": ["small", "large"]}
    document["default_plan"] = draw(st.sampled_from(["free", "free", "free", "pro"]))
    for plan in document["plans"].values():
        plan["entitlements"] = draw(in_plans)
    document["addons"]["more_boards"]["entitlements"] = draw(in_addons.filter(bool))
    return document


grant_wishes = st.sampled_from(
    [
        ("override", {"feature": "boards", "entitlement": 4}),
        ("override", {"feature": "sso", "entitlement": False}),
        ("revoke", {"feature": "exports"}),
    ]
)
accounts = st.lists(
    st.fixed_dictionaries(
        {
            "plan": st.sampled_from([None, "free", "pro"]),
            "addons": st.integers(0, 2),
            "grants": st.lists(grant_wishes, max_size=2),
            "used": st.none() | st.integers(0, 12),
        }
    ),
    min_size=1,
    max_size=5,
)
terms = st.sampled_from(
    [{}, {"audience": Audience.ALL}, {"audience": Audience.ALL, "starts_at": WITHIN_A_WEEK}],
)
numbers = itertools.count()


def join(environment_id, customer, wish):
    customers.upsert_customer(environment_id, customer, customers.UpsertCustomer())
    if wish["plan"] is not None:
        command = subscriptions.StartSubscription(wish["plan"], Recurrence.MONTH, currency="EUR")
        subscriptions.start_subscription(environment_id, customer, command)
        if wish["addons"]:
            subscriptions.set_addon(environment_id, customer, addon="more_boards", quantity=wish["addons"])
    for kind, what in wish["grants"]:
        grants.create_grant(environment_id, customer, grants.CreateGrant(GrantKind(kind), **what))
    if wish["used"] is not None:
        levels = (LevelReport(customer, "boards", wish["used"], START),)
        take_report(environment_id, Report(f"b{next(numbers)}", b"d", (), levels))


def worth(feature, holdings):
    """How much of a feature the holdings give, as one number; more is more."""
    access = resolve_access(feature, holdings)
    if access.revoke is not None:
        return -1
    if feature.kind is FeatureKind.SWITCH:
        return int(any(one.entitlement.enabled for one in access.contributions))
    if feature.kind is FeatureKind.SETTING:
        return max((generosity(feature, one.entitlement.value) for one in access.contributions), default=-1)
    bases, buckets = access.cap_sets()
    return max(map(limit_of, bases), default=0) + sum(map(limit_of, buckets))


def limit_of(caps):
    return min((float("inf") if cap.limit is None else cap.limit for cap in caps.caps), default=0)


def effective(environment_id, customer, at):
    loaded = load_customer(environment_id, customer, at=None)
    holdings = hold(loaded.snapshot, loaded.state, at)
    return {key: worth(feature, holdings) for key, feature in loaded.snapshot.catalogue.features.items()}


def felt(before, after, used):
    """The effects of a publication on an account, from what the engine gives it."""
    if any(after[key] > before[key] for key in before):
        yield Effect.GAINS
    if any(after[key] < before[key] for key in before):
        yield Effect.LOSSES
    if used is not None and before["boards"] >= used > after["boards"]:
        yield Effect.OVER_LIMIT


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(st.tuples(documents(), accounts, terms), min_size=1, max_size=2), new=documents(), on=terms)
def test_the_impact_is_what_the_engine_says_of_every_account(in_app, history, new, on):
    environment_id = create_environment(NewEnvironment(f"e{next(numbers)}", name="A try")).id
    catalogue, wishes = Catalogue(environment_id), {}
    for document, joining, when in history:
        catalogue.document = document
        catalogue.publish(**when)
        for wish in joining:
            customer = f"c{next(numbers)}"
            join(environment_id, customer, wish)
            wishes[customer] = wish
    at = on.get("starts_at", START)
    catalogue.document = new
    told = {effect: set(catalogue.affected(effect, **on)) for effect in Effect}
    impact = catalogue.impact(**on)
    before = {customer: effective(environment_id, customer, at) for customer in wishes}

    catalogue.publish(**on)

    found: dict[Effect, set[str]] = {effect: set() for effect in Effect}
    for customer, wish in wishes.items():
        for effect in felt(before[customer], effective(environment_id, customer, at), wish["used"]):
            found[effect].add(customer)
    # What a plan and what an add-on gives is told each for itself; together they may come to less than that.
    alone = {customer for customer, wish in wishes.items() if not wish["addons"]}
    for effect in (Effect.GAINS, Effect.LOSSES):
        assert found[effect] <= told[effect]
        assert found[effect] & alone == told[effect] & alone
    assert found[Effect.OVER_LIMIT] - overridden(wishes) == told[Effect.OVER_LIMIT]
    counted = (impact.gaining, impact.losing, impact.over_limit)
    assert counted == tuple(len(told[effect]) for effect in (Effect.GAINS, Effect.LOSSES, Effect.OVER_LIMIT))


def overridden(wishes):
    """Who has a number of boards of their own, so that nobody's plan decides it."""
    return {
        customer
        for customer, wish in wishes.items()
        if any(kind == "override" and what["feature"] == "boards" for kind, what in wish["grants"])
    }
