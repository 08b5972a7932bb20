"""Every failure is an RFC 9457 problem with a stable code."""

from __future__ import annotations

import io

import pytest
from sqlalchemy.exc import OperationalError

from liftgate_server.access import queries
from liftgate_server.plumbing.bodies import DEFAULT_BODY_LIMIT_BYTES
from liftgate_server.plumbing.errors import Problem

MEMBERS = {"type", "title", "status", "detail", "code"}


def is_problem(answer, status: int, code: str) -> bool:
    return (
        answer.status_code == status
        and answer.content_type == "application/problem+json"
        and set(answer.json) - {"errors"} == MEMBERS
        and answer.json["status"] == status
        and answer.json["code"] == code
        and answer.json["type"] == f"urn:liftgate:problem:{code}"
    )


def test_an_unknown_path_is_404(client):
    assert is_problem(client.get("/v1/nowhere"), 404, "unknown_path")


def test_a_wrong_method_is_405_and_says_which_are_allowed(client):
    answer = client.delete("/v1/ping")

    assert is_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_large_body_is_413(manager):
    answer = manager.post("/v1/keys", json={"kind": "secret", "name": "x" * DEFAULT_BODY_LIMIT_BYTES})

    assert is_problem(answer, 413, "too_large")


@pytest.mark.parametrize(("size", "status"), [(DEFAULT_BODY_LIMIT_BYTES - 100, 201), (DEFAULT_BODY_LIMIT_BYTES, 413)])
def test_a_body_without_stated_length_is_not_cut_short(manager, size, status):
    """It comes in chunks; what fits of it is valid JSON, so that a silent cut would be taken for the whole."""
    whole = b'{"kind": "secret", "name": "x"}'

    answer = manager.post(
        "/v1/keys",
        input_stream=io.BytesIO(whole + b" " * size),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )

    assert answer.status_code == status


def test_a_body_of_another_type_is_415(manager):
    answer = manager.post("/v1/keys", data="kind=secret", content_type="application/x-www-form-urlencoded")

    assert is_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("body", ["{", '{"kind": NaN}', '{"a": Infinity}', "'x'", "[" * 5000, b"\xff\xfe"])
def test_a_body_that_is_not_json_is_400(manager, body):
    assert is_problem(manager.post("/v1/keys", data=body, content_type="application/json"), 400, "malformed_json")


def test_wrong_fields_are_422_each_with_path_and_code(manager):
    answer = manager.post("/v1/keys", json={"kind": "golden", "nmae": "x", "role": 7})

    assert is_problem(answer, 422, "invalid_request")
    assert {(error["path"], error["code"]) for error in answer.json["errors"]} == {
        ("kind", "bad_value"),
        ("name", "missing"),
        ("nmae", "unknown_field"),
        ("role", "bad_value"),
    }


@pytest.mark.parametrize("body", [[], "text", 7, None, [{"kind": "secret"}]])
def test_json_that_is_no_object_is_422(manager, body):
    assert is_problem(manager.post("/v1/keys", json=body), 422, "invalid_request")


def test_items_of_a_list_are_named_by_index(manager):
    answer = manager.patch("/v1/environments/demo", json={"allowed_origins": ["https://a.example", 7]})

    assert [error["path"] for error in answer.json["errors"]] == ["allowed_origins[1]"]


def test_an_unknown_query_parameter_is_422(manager):
    answer = manager.get("/v1/keys?limt=5")

    assert is_problem(answer, 422, "invalid_request")
    assert answer.json["errors"][0]["path"] == "limt"


def test_a_bug_is_500_without_a_word_of_its_inside(make_app):
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    app.add_url_rule("/broken", view_func=lambda: dict[str, str]()["the secret inside"])

    answer = app.test_client().get("/broken")

    assert is_problem(answer, 500, "internal_error")
    assert b"secret inside" not in answer.data


def test_a_database_that_is_locked_is_503_and_may_be_tried_again(client, call_with, monkeypatch):
    def fail(*_args):
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(queries, "reading", fail)

    answer = call_with("lgsk_demo_00000000_" + "x" * 43).get("/v1/ping")

    assert is_problem(answer, 503, "database_unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_a_401_says_how_to_authenticate(client):
    answer = client.get("/v1/ping")

    assert is_problem(answer, 401, "missing_credentials")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_problem_reads_as_its_code_and_sentence():
    assert str(Problem("unknown_gate", "There is no gate 'x'.")) == "unknown_gate: There is no gate 'x'."
