"""An answer is never older than the request, whoever made the change."""

from __future__ import annotations

import pytest
from flask import Flask

from liftgate_server.catalog import service as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.customers import service as customers
from liftgate_server.entitlements.caches import EnvironmentCache, LoadedCustomer
from liftgate_server.entitlements.mappers import unknown_customer_state
from liftgate_server.plumbing.changes import Change, ChangeKind, ChangePage, append_change, latest_number
from liftgate_server.plumbing.db import transaction
from tests.server.conftest import Caller

QUESTION = {"customer": "acme", "gate": "boards.create"}


@pytest.fixture
def other_process(make_app) -> Flask:
    """Another worker on the same database."""
    return make_app()


@pytest.fixture
def other_caller(other_process, secret_key) -> Caller:
    return Caller(other_process.test_client(), secret_key)


def limit(caller):
    return caller.post("/v1/check", json=QUESTION).json["decision"]["limit"]


def test_a_publication_by_another_process_decides_the_next_request(
    runtime_caller, other_process, environment, document
):
    assert limit(runtime_caller) == 3
    document["plans"]["free"]["entitlements"]["boards"] = 4
    with other_process.app_context():
        catalog.publish(environment.id, SourceDocument(document))
    assert limit(runtime_caller) == 4


def test_a_subscription_by_another_process_decides_the_next_request(runtime_caller, other_caller, subscribe, document):
    assert limit(other_caller) == 3
    subscribe("acme")
    assert limit(other_caller) == 25
    assert limit(runtime_caller) == 25


def test_batch_and_state_are_as_fresh(runtime_caller, other_caller, document):
    runtime_caller.put("/v1/customers/acme", json={"language": "en"})
    first = other_caller.get("/v1/customers/acme/state")
    runtime_caller.put("/v1/customers/acme", json={"language": "de"})
    second = other_caller.get("/v1/customers/acme/state", headers={"If-None-Match": first.headers["ETag"]})
    decisions = other_caller.post("/v1/check/batch", json={"customer": "acme"}).json["decisions"]
    assert (second.status_code, second.json["language"]) == (200, "de")
    assert decisions["boards"]["customer_version"] == second.json["version"]


def test_a_change_of_one_customer_leaves_the_others_in_the_cache(app, runtime_caller, environment, document):
    for customer in ("acme", "globex"):
        runtime_caller.post("/v1/check", json=QUESTION | {"customer": customer})
    checks = app.extensions["liftgate.checks"]
    with app.app_context():
        kept = checks.known_customer(environment.id, latest_number(environment.id), "globex")
        customers.upsert_customer(environment.id, "acme", customers.UpsertCustomer(language="de"))
        number = latest_number(environment.id)
        assert checks.known_customer(environment.id, number, "globex") is kept
        assert checks.known_customer(environment.id, number, "acme").state.language == "de"


def test_many_changes_at_once_are_caught_up_with(app, runtime_caller, other_process, environment, document):
    assert limit(runtime_caller) == 3
    with other_process.app_context():
        with transaction():
            for index in range(1_010):
                append_change(environment.id, ChangeKind.CUSTOMER, key=f"c{index}", version=1)
        document["plans"]["free"]["entitlements"]["boards"] = 4
        catalog.publish(environment.id, SourceDocument(document))
    assert limit(runtime_caller) == 4


def loaded(number, snapshot, customer="acme"):
    return LoadedCustomer(number, snapshot, unknown_customer_state(snapshot, customer))


@pytest.fixture
def snapshot(in_app, environment, document):
    return current_snapshot(environment.id)


def changed(number, *, kind=ChangeKind.CUSTOMER, key="acme", reset=False):
    changes = () if reset else (Change(number, kind, key, 1),)
    return ChangePage(number, reset, changes)


def test_what_was_read_before_a_change_is_not_remembered_after_it(snapshot):
    cache = EnvironmentCache(7)
    read_earlier = loaded(7, snapshot)
    cache.catch_up(7, changed(8))
    assert cache.keep(read_earlier).state is read_earlier.state
    assert cache.customer("acme") is None


@pytest.mark.parametrize(
    ("page", "is_kept"),
    [
        (changed(8, key="globex"), True),
        (changed(8), False),
        (changed(8, kind=ChangeKind.CATALOGUE, key="catalogue"), False),
        (changed(8, kind=ChangeKind.ACCESS, key="acme"), True),
        (changed(900, reset=True), False),
    ],
)
def test_a_change_takes_what_it_concerns(snapshot, page, is_kept):
    cache = EnvironmentCache(7)
    cache.keep(loaded(7, snapshot))
    cache.catch_up(7, page)
    assert (cache.customer("acme") is not None) is is_kept
    assert cache.number == page.latest


def test_a_page_that_another_thread_has_applied_changes_nothing(snapshot):
    cache = EnvironmentCache(7)
    cache.catch_up(7, changed(9))
    cache.keep(loaded(9, snapshot))
    cache.catch_up(7, changed(8))
    assert cache.number == 9
    assert cache.customer("acme") is not None


def test_the_least_recently_asked_for_customer_goes_first(snapshot, monkeypatch):
    monkeypatch.setattr("liftgate_server.entitlements.caches._MOST_CUSTOMERS", 2)
    cache = EnvironmentCache(7)
    for customer in ("a", "b"):
        cache.keep(loaded(7, snapshot, customer))
    cache.customer("a")
    cache.keep(loaded(7, snapshot, "c"))
    assert [cache.customer(customer) is not None for customer in "abc"] == [True, False, True]


def test_the_views_of_one_customer_are_bounded(snapshot):
    known = EnvironmentCache(7).keep(loaded(7, snapshot))
    for number in range(100):
        known.view((f"u{number}", None, None))
    assert len(known._views) <= 32
