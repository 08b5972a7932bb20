"""Logs are lines of JSON with a request id and without any credential."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from liftgate_server.plumbing.logs import configure_logs, logger


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    configure_logs(level="info", as_json=True, stream=written)
    yield written
    structlog.reset_defaults()
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def entries(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_refused_request_is_one_line_with_its_id(lines, client):
    client.get("/v1/nowhere", headers={"X-Request-Id": "abc-1"})

    (entry,) = entries(lines)
    assert {"event": "request", "status": 404, "path": "/v1/nowhere", "request_id": "abc-1"}.items() <= entry.items()


def test_a_good_request_writes_no_line(lines, runtime_caller):
    runtime_caller.get("/v1/ping")

    assert entries(lines) == []


def test_no_key_and_no_token_reaches_the_log(lines, secret_key, management_key, make_token, client):
    token = make_token(exp=1)
    for credential in (secret_key, management_key, token):
        client.get(f"/v1/nowhere/{credential}", headers={"Authorization": f"Bearer {credential}"})
        client.get("/v1/client/x", headers={"Authorization": f"Bearer {credential}"})
        logger().warning("careless", authorization=f"Bearer {credential}", text=f"it was {credential}!")

    text = lines.getvalue()
    assert "[hidden]" in text
    for credential in (secret_key, management_key, token):
        assert credential.rpartition("_")[2].rpartition(".")[2] not in text


def test_a_bug_is_logged_with_its_traceback_and_without_credentials(lines, make_app, secret_key):
    app = make_app(PROPAGATE_EXCEPTIONS=False)

    def broken() -> str:
        raise RuntimeError(f"broke with {secret_key}")

    app.add_url_rule("/broken", view_func=broken)
    app.test_client().get("/broken")

    assert any(entry["event"] == "request" and entry["status"] == 500 for entry in entries(lines))
    assert any("RuntimeError" in str(entry.get("exception")) for entry in entries(lines))
    assert secret_key.rpartition("_")[2] not in lines.getvalue()
