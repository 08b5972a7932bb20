"""The audit log over HTTP: own environment only, for every role, by whom, what and to what."""

from __future__ import annotations

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.access.service import NewEnvironment, create_environment
from tests.server.conftest import Caller


def test_a_change_over_http_is_written_down_with_its_key(manager, management_key):
    manager.patch("/v1/environments/demo", json={"name": "Renamed"})

    entry = manager.get("/v1/audit").json["items"][0]
    assert (entry["action"], entry["subject"]) == ("environment.updated", "environment:demo")
    assert (entry["before"], entry["after"]) == ({"name": "Demo"}, {"name": "Renamed"})
    assert (entry["actor_kind"], entry["actor_id"], entry["actor_name"]) == (
        "key",
        management_key.split("_")[2],
        "a test",
    )


def test_a_change_that_changes_nothing_is_no_entry(manager):
    before = manager.get("/v1/audit").json

    manager.patch("/v1/environments/demo", json={"name": "Demo"})

    assert manager.get("/v1/audit").json == before


def test_keys_are_written_down_without_their_secrets(manager):
    made = manager.post("/v1/keys", json={"kind": "secret", "name": "web"}).json
    manager.post(f"/v1/keys/{made['id']}/revoke")

    answer = manager.get("/v1/audit", query_string={"subject": f"key:{made['id']}"})
    assert [entry["action"] for entry in answer.json["items"]] == ["key.revoked", "key.created"]
    assert made["key"].rpartition("_")[2] not in answer.text


def test_the_log_is_filtered_and_paged(manager):
    for number in range(5):
        manager.patch("/v1/environments/demo", json={"name": f"Name {number}"})

    first = manager.get("/v1/audit", query_string={"action": "environment.updated", "limit": 3}).json
    rest = manager.get(
        "/v1/audit", query_string={"action": "environment.updated", "limit": 3, "cursor": first["next_cursor"]}
    ).json
    names = [entry["after"]["name"] for entry in first["items"] + rest["items"]]
    assert names == [f"Name {number}" for number in range(4, -1, -1)]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("role", list(Role))
def test_every_management_role_may_read_it(client, make_key, role):
    assert Caller(client, make_key(role)).get("/v1/audit").status_code == 200


def test_no_other_credential_may(runtime_caller, call_with, make_token):
    assert runtime_caller.get("/v1/audit").status_code == 403
    assert call_with(make_token()).get("/v1/audit").status_code == 403


def test_another_environments_changes_are_not_in_it(in_app, manager):
    create_environment(NewEnvironment("other"))

    assert "other" not in manager.get("/v1/audit").text
