"""What anyone may read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from liftgate_server.plumbing import file_routes
from liftgate_server.plumbing.config import CONFIG_EXTENSION
from liftgate_server.plumbing.db import db
from liftgate_server.plumbing.resources import MissingResource, payload_schema_file
from tests.databases import make_config


def test_health_and_readiness_are_ok(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}


@pytest.fixture
def older_schema(in_app) -> Iterator[None]:
    """A database that says it has another schema; the version outlives a test where databases are lent again."""

    def say(version: str) -> None:
        db.session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        db.session.commit()

    version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    say("older")
    yield
    say(version)


def test_a_database_of_another_version_is_not_ready(client, older_schema):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert client.get("/healthz").status_code == 200


def test_metrics_count_requests_by_route(client, runtime_caller):
    runtime_caller.get("/v1/ping")

    text_ = client.get("/metrics").text

    assert 'liftgate_requests_total{method="GET",route="/v1/ping",status="200"}' in text_
    assert 'liftgate_request_seconds_bucket{le="0.005",route="/v1/ping"}' in text_


def test_made_up_methods_do_not_make_new_series(client):
    for number in range(3):
        client.open("/v1/ping", method=f"MADEUP{number}")

    text_ = client.get("/metrics").text

    assert "MADEUP" not in text_
    assert 'liftgate_requests_total{method="(other)",route="(unknown)",status="405"}' in text_


@pytest.mark.parametrize(
    ("remote", "headers"),
    [("203.0.113.7", {}), ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}), ("127.0.0.1", {"Forwarded": "for=x"})],
)
def test_metrics_are_for_this_machine(client, remote, headers):
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": remote})

    assert (answer.status_code, answer.json["code"]) == (403, "metrics_are_local")


@pytest.mark.parametrize(("setting", "status"), [("all", 200), ("off", 404)])
def test_metrics_can_be_opened_or_switched_off(client, app, tmp_path, setting, status):
    app.extensions[CONFIG_EXTENSION] = make_config(tmp_path, metrics=setting)

    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.7"}).status_code == status


@pytest.fixture
def widget(tmp_path, monkeypatch):
    """A widget file of our own, so that the test does not need a build."""
    file = tmp_path / "liftgate.js"
    file.write_text("export const version = 1;")
    monkeypatch.setattr(file_routes, "widget_file", lambda _name: file)
    return file


def test_the_widget_is_a_module_for_pages_of_any_origin(client, widget):
    answer = client.get("/widget/liftgate.js")

    assert answer.text == "export const version = 1;"
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")


def test_a_widget_that_is_known_is_not_sent_again(client, widget):
    etag = client.get("/widget/liftgate.js").headers["ETag"]

    again = client.get("/widget/liftgate.js", headers={"If-None-Match": etag})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_an_installation_without_widget_says_so(client, monkeypatch):
    def missing(_name):
        raise MissingResource("widget/liftgate.js is missing")

    monkeypatch.setattr(file_routes, "widget_file", missing)

    answer = client.get("/widget/liftgate.js")

    assert (answer.status_code, answer.json["code"]) == (404, "widget_missing")


def test_the_payload_schema_is_served_as_it_is(client):
    answer = client.get("/schemas/payload-1.json")

    assert answer.content_type == "application/schema+json"
    assert json.loads(answer.data) == json.loads(payload_schema_file().read_text())


def test_every_answer_carries_safe_headers_and_an_id(client, runtime_caller):
    for answer in (runtime_caller.get("/v1/ping"), client.get("/v1/ping"), client.get("/nowhere")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ("ä", False)])
def test_a_sane_request_id_is_kept_and_another_replaced(client, given, kept):
    answer = client.get("/healthz", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is kept


def test_two_requests_have_two_ids(client):
    assert client.get("/healthz").headers["X-Request-Id"] != client.get("/healthz").headers["X-Request-Id"]
