"""The request workers say where the stream is, to whoever may listen."""

from __future__ import annotations

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.plumbing.errors import Unavailable
from liftgate_server.stream.routes import stream_address
from tests.databases import make_config
from tests.server.conftest import ORIGIN


def test_a_caller_is_sent_to_the_same_host_on_the_port_of_the_stream(runtime_caller):
    answer = runtime_caller.get("/v1/stream?after=7")

    assert (answer.status_code, answer.headers["Location"]) == (307, "http://localhost:8788/v1/stream?after=7")
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_kind_of_credential_is_sent_there(call_with, secret_key, make_key, make_token):
    answers = [
        call_with(credential).get("/v1/stream") for credential in (secret_key, make_key(Role.VIEWER), make_token())
    ]

    assert [answer.status_code for answer in answers] == [307] * 3


@pytest.mark.parametrize("query", ["after=x", "since=3"])
def test_a_bad_position_is_refused_here_already(runtime_caller, query):
    assert runtime_caller.get(f"/v1/stream?{query}").json["code"] == "invalid_request"


def test_the_rules_about_origins_are_those_of_the_faces(call_with, secret_key, make_token):
    token = make_token()

    assert call_with(secret_key, Origin=ORIGIN).get("/v1/stream").json["code"] == "secret_key_in_browser"
    assert call_with(token, Origin="https://evil.example").get("/v1/stream").json["code"] == "origin_not_allowed"
    assert call_with(token, Origin=ORIGIN).get("/v1/stream").headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_management_key_tells_pages_of_other_sites_nothing(call_with, management_key):
    answer = call_with(management_key, Origin=ORIGIN).get("/v1/stream")

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("settings", "host", "address"),
    [
        ({"stream_port": 9000}, "liftgate.example:8787", "http://liftgate.example:9000"),
        ({"stream_port": 9000}, "[::1]:8787", "http://[::1]:9000"),
        ({"stream_port": 9000}, "127.0.0.1", "http://127.0.0.1:9000"),
        ({"stream_url": "https://live.example", "stream_port": "off"}, "liftgate.example", "https://live.example"),
    ],
)
def test_the_address_is_the_one_that_the_caller_reaches(tmp_path, settings, host, address):
    assert stream_address(make_config(tmp_path, **settings), "http", host) == address


@pytest.mark.parametrize("port", ["off", None, 0])
def test_where_no_stream_runs_readers_are_told(tmp_path, port):
    with pytest.raises(Unavailable, match="stream_unavailable"):
        stream_address(make_config(tmp_path, stream_port=port), "http", "liftgate.example")
