"""What an SDK loads to check by itself: snapshot, customer state, changes."""

from __future__ import annotations

import pytest

from liftgate.engine.evaluate import Evaluator
from liftgate.engine.wire import decode_snapshot, decode_state
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.entitlements import examples

pytestmark = pytest.mark.usefixtures("document")


def test_the_snapshot_is_tagged_and_not_sent_twice(runtime_caller):
    answer = runtime_caller.get("/v1/snapshot")
    assert (answer.headers["ETag"], decode_snapshot(answer.json).version) == ('"c1"', 1)
    again = runtime_caller.get("/v1/snapshot", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.text, again.headers["ETag"]) == (304, "", '"c1"')


def test_the_snapshot_keeps_the_order_of_features(runtime_caller):
    text = runtime_caller.get("/v1/snapshot").text
    assert text.index('"boards":{"kind"') < text.index('"exports":{"kind"') < text.index('"sso":{"kind"')


def test_a_publication_gives_the_snapshot_a_new_tag(runtime_caller, publish, document):
    publish(document | {"time_zone": "Europe/Berlin"})
    answer = runtime_caller.get("/v1/snapshot", headers={"If-None-Match": '"c1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"c2"')


def test_before_the_first_publication_the_snapshot_knows_no_gate(app, call_with, make_key):
    with app.app_context():
        empty = create_environment(NewEnvironment("empty", name="Empty"))
    answer = call_with(make_key(environment_id=empty.id)).get("/v1/snapshot")
    snapshot = decode_snapshot(answer.json)
    assert (snapshot.environment, snapshot.version, snapshot.gate("sso")) == ("empty", 0, None)


def test_the_state_says_what_the_customer_holds(runtime_caller, subscribe):
    subscribe("acme")
    runtime_caller.put("/v1/customers/acme", json={"language": "de", "attributes": {"employees": 40}})
    runtime_caller.put("/v1/customers/acme/users/u1", json={"buyer": True})
    state = decode_state(runtime_caller.get("/v1/customers/acme/state").json)
    assert (state.customer, state.language, state.buyers) == ("acme", "de", ("u1",))
    assert state.attributes == {"employees": 40}
    assert [(phase.plan, phase.plan_version, phase.status) for phase in state.phases] == [("pro", 1, "active")]


def test_the_state_is_tagged_and_not_sent_twice(runtime_caller, subscribe):
    subscribe("acme")
    tag = runtime_caller.get("/v1/customers/acme/state").headers["ETag"]
    again = runtime_caller.get("/v1/customers/acme/state", headers={"If-None-Match": tag})
    assert (again.status_code, again.text) == (304, "")
    runtime_caller.put("/v1/customers/acme", json={"language": "de"})
    changed = runtime_caller.get("/v1/customers/acme/state", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json["language"]) == (200, "de")


def test_a_state_holds_the_plan_version_that_the_snapshot_has_no_more(runtime_caller, subscribe, publish, document):
    subscribe("acme")
    tag = runtime_caller.get("/v1/customers/acme/state").headers["ETag"]
    document["plans"]["pro"]["entitlements"]["boards"] = 10
    publish(document)
    answer = runtime_caller.get("/v1/customers/acme/state", headers={"If-None-Match": tag})
    state = decode_state(answer.json)
    assert state.pinned_plans["pro@1"].entitlements["boards"].caps[0].limit == 25


def test_an_sdk_decides_from_snapshot_and_state_as_the_server_does(runtime_caller, subscribe, publish, document, clock):
    subscribe("acme")
    document["plans"]["pro"]["entitlements"]["boards"] = 10
    publish(document)
    snapshot = decode_snapshot(runtime_caller.get("/v1/snapshot").json)
    state = decode_state(runtime_caller.get("/v1/customers/acme/state").json)
    local = Evaluator(snapshot, state).decide("boards.create", at=clock.now())
    remote = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "boards.create"}).json["decision"]
    assert (local.limit, local.decided_by) == (remote["limit"], remote["decided_by"]) == (25, "plan:pro@1")


def test_grants_and_addons_travel_in_the_state(runtime_caller, manager, subscribe, publish, document):
    document["addons"] = {
        "more_boards": {
            "name": {"en": "More boards"},
            "prices": [{"interval": "month", "currency": "EUR", "amount": 500}],
            "max_quantity": 3,
            "entitlements": {"boards": 10},
        }
    }
    publish(document)
    subscribe("acme")
    manager.post("/v1/customers/acme/subscription/addons", json={"addon": "more_boards", "quantity": 2})
    manager.post("/v1/customers/acme/grants", json={"kind": "promotion", "feature": "boards", "entitlement": 7})
    state = decode_state(runtime_caller.get("/v1/customers/acme/state").json)
    assert [(addon.addon, addon.addon_version, addon.quantity) for addon in state.addons] == [("more_boards", 1, 2)]
    assert [grant.entitlement and grant.entitlement.caps[0].limit for grant in state.grants] == [7]
    answer = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "boards.create"})
    assert answer.json["decision"]["limit"] == 25 + 2 * 10 + 7


def test_the_state_of_an_unknown_customer_is_version_0(runtime_caller):
    answer = runtime_caller.get("/v1/customers/nobody/state")
    state = decode_state(answer.json)
    assert (answer.status_code, state.customer, state.version, state.phases) == (200, "nobody", 0, ())


def test_an_address_that_is_no_customer_id_is_refused(runtime_caller):
    assert runtime_caller.get("/v1/customers/a%20b/state").status_code == 422


def test_without_a_number_only_the_latest_is_told(runtime_caller, subscribe):
    before = runtime_caller.get("/v1/changes").json
    subscribe("acme")
    after = runtime_caller.get("/v1/changes").json
    assert before["changes"] == after["changes"] == []
    assert after["latest"] > before["latest"]


def test_changes_after_a_number_name_what_to_load_anew(runtime_caller, subscribe, publish, document):
    known = runtime_caller.get("/v1/changes").json["latest"]
    subscribe("acme")
    publish(document | {"time_zone": "Europe/Berlin"})
    answer = runtime_caller.get(f"/v1/changes?after={known}").json
    assert answer["reset"] is False
    assert [change["number"] for change in answer["changes"]] == list(range(known + 1, answer["latest"] + 1))
    assert {(change["kind"], change["key"]) for change in answer["changes"]} == {
        ("customer", "acme"),
        ("catalogue", "catalogue"),
    }


def test_a_number_ahead_of_the_server_resets_the_reader(runtime_caller):
    assert runtime_caller.get("/v1/changes?after=9999").json["reset"] is True


@pytest.mark.parametrize("after", ["", "-1", "x", "1.0", "99999999999999999", "1e3"])
def test_a_number_that_is_none_is_refused(runtime_caller, after):
    answer = runtime_caller.get(f"/v1/changes?after={after}")
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "after")


def test_a_misspelt_query_is_refused(runtime_caller):
    answer = runtime_caller.get("/v1/changes?since=3")
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "since")


@pytest.mark.parametrize(
    ("method", "path", "body", "example"),
    [
        ("POST", "/v1/check", {"customer": "acme", "gate": "boards.create"}, examples.CHECK),
        ("POST", "/v1/check/batch", {"customer": "acme", "gates": ["boards.create"]}, examples.BATCH),
        ("POST", "/v1/explain", {"customer": "acme", "gate": "boards.create"}, examples.EXPLANATION),
        ("GET", "/v1/snapshot", None, examples.SNAPSHOT),
        ("GET", "/v1/customers/acme/state", None, examples.STATE),
        ("GET", "/v1/changes?after=0", None, examples.CHANGES),
    ],
)
def test_the_examples_look_like_the_answers(runtime_caller, subscribe, method, path, body, example):
    subscribe("acme")
    assert shape(runtime_caller(method, path, json=body).json) == shape(example)


def shape(answer):
    """The names of the fields, to the depth where names are data."""
    fields = {"decision", "decisions", "boards.create", "trace", "skipped", "phases", "changes"}
    if isinstance(answer, dict):
        return {name: shape(value) if name in fields else None for name, value in answer.items()}
    return shape(answer[0]) if isinstance(answer, list) and answer else None
