"""Keys are shown once, stored as hashes, and refused from the moment they are revoked."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from liftgate_server.access.caller import Role
from liftgate_server.access.keys import looks_like_key
from liftgate_server.access.models import ApiKeyRow
from liftgate_server.access.queries import list_keys
from liftgate_server.plumbing.db import reading


def test_a_key_names_its_kind_its_environment_and_its_id(manager):
    made = manager.post("/v1/keys", json={"kind": "secret", "name": "web"}).json

    prefix, environment, key_id, secret = made["key"].split("_", 3)
    assert (prefix, environment, key_id) == ("lgsk", "demo", made["id"])
    assert len(secret) >= 40
    assert looks_like_key(made["key"])


def test_only_the_hash_of_a_key_is_stored(in_app, secret_key):
    row = reading().scalars(select(ApiKeyRow).where(ApiKeyRow.kind == "secret")).one()

    assert row.sha256 == hashlib.sha256(secret_key.encode()).digest()
    assert secret_key.split("_", 3)[3].encode() not in (row.token_key or b"")


def test_a_list_shows_keys_without_their_secrets(manager, secret_key):
    answer = manager.get("/v1/keys")

    assert {item["kind"] for item in answer.json["items"]} == {"secret", "management"}
    assert "key" not in answer.json["items"][0]
    assert secret_key.split("_", 3)[3] not in answer.text


def test_a_revoked_key_is_refused_by_the_next_request_of_every_process(make_app, manager, secret_key):
    other_process = make_app().test_client()
    headers = {"Authorization": f"Bearer {secret_key}"}
    before = other_process.get("/v1/ping", headers=headers)

    revoked = manager.post(f"/v1/keys/{secret_key.split('_')[2]}/revoke")
    after = other_process.get("/v1/ping", headers=headers)

    assert (before.status_code, revoked.status_code) == (200, 200)
    assert (after.status_code, after.json["code"]) == (401, "revoked_key")


def test_revoking_again_changes_nothing(manager, secret_key, clock):
    path = f"/v1/keys/{secret_key.split('_')[2]}/revoke"
    first = manager.post(path)
    clock.advance(timedelta(days=1))

    assert manager.post(path).json["revoked_at"] == first.json["revoked_at"]


def test_a_key_that_does_not_exist_cannot_be_revoked(manager):
    answer = manager.post("/v1/keys/00000000/revoke")

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_key")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"kind": "management", "name": "x"}, "role"),
        ({"kind": "secret", "role": "owner", "name": "x"}, "role"),
        ({"kind": "end_user", "name": "x"}, "kind"),
        ({"kind": "secret", "name": ""}, "name"),
        ({"kind": "secret", "name": "x" * 201}, "name"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(manager, body, path):
    answer = manager.post("/v1/keys", json=body)

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, path)


def test_the_use_of_a_key_is_noted_to_the_hour(app, environment, runtime_caller, clock):
    def used_at():
        with app.app_context():
            return next(key.last_used_at for key in list_keys(environment.id).items)

    unused = used_at()
    runtime_caller.get("/v1/ping")
    first = used_at()
    clock.advance(timedelta(minutes=59))
    runtime_caller.get("/v1/ping")
    same_hour = used_at()
    clock.advance(timedelta(minutes=1))
    runtime_caller.get("/v1/ping")

    assert (unused, same_hour) == (None, first)
    assert used_at() == clock.now()


def test_roles_include_those_below_them():
    assert [role for role in Role if Role.EDITOR.includes(role)] == [Role.VIEWER, Role.EDITOR]
