"""Environments are tenants: a key sees its own and founds new ones."""

from __future__ import annotations

import pytest


def test_an_owner_sees_its_own_environment(manager):
    listed = manager.get("/v1/environments").json

    assert [item["key"] for item in listed["items"]] == ["demo"]
    assert manager.get("/v1/environments/demo").json == listed["items"][0]


def test_another_environment_is_refused_whether_or_not_it_exists(manager):
    manager.post("/v1/environments", json={"key": "other"})

    for key in ("other", "nowhere"):
        for answer in (manager.get(f"/v1/environments/{key}"), manager.patch(f"/v1/environments/{key}", json={})):
            assert (answer.status_code, answer.json["code"]) == (403, "foreign_environment")


def test_who_founds_an_environment_gets_its_first_key(manager, call_with):
    made = manager.post("/v1/environments", json={"key": "other", "name": "Other"})

    assert made.status_code == 201
    owner = call_with(made.json["owner_key"])
    assert owner.get("/v1/environments/other").json["name"] == "Other"


def test_a_key_of_an_environment_is_unique(manager):
    answer = manager.post("/v1/environments", json={"key": "demo"})

    assert (answer.status_code, answer.json["code"]) == (409, "environment_exists")


def test_a_change_leaves_what_it_does_not_name(manager):
    before = manager.get("/v1/environments/demo").json

    after = manager.patch("/v1/environments/demo", json={"self_confirm": True}).json

    assert after == before | {"self_confirm": True}


@pytest.mark.parametrize("key", ["", "Demo", "a_b", "a" * 33, "ä", "a b", "a.b"])
def test_a_malformed_key_is_refused(manager, key):
    answer = manager.post("/v1/environments", json={"key": key})

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "key")


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "app.example.com", "https://", "https://*.example.com", "https://app.example.com/"),
        *("https://app.example.com/path", "ftp://a.example", "https://me@a.example", "HTTPS://A.example"),
        *(
            "https://a.example:443",
            "http://a.example:80",
            "https://a.example:99999",
            "https://a.example#x",
            "javascript:",
        ),
    ],
)
def test_what_no_browser_sends_as_origin_is_refused(manager, origin):
    answer = manager.patch("/v1/environments/demo", json={"allowed_origins": ["https://good.example", origin]})

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "allowed_origins[1]")


@pytest.mark.parametrize(
    "origin", ["https://a.example", "http://localhost:8788", "http://127.0.0.1:5000", "http://[::1]"]
)
def test_what_a_browser_sends_as_origin_is_kept(manager, origin):
    assert manager.patch("/v1/environments/demo", json={"allowed_origins": [origin]}).json["allowed_origins"] == [
        origin
    ]


@pytest.mark.parametrize("value", [1, 0, "true", None, []])
def test_a_switch_is_true_or_false(manager, value):
    answer = manager.patch("/v1/environments/demo", json={"self_confirm": value})

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "self_confirm")
