"""A request is read strictly, because nobody else reads it first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate_server.plumbing.errors import BadRequest, Invalid, Problem
from liftgate_server.stream.request_head import read_head, read_position

GOOD = b"GET /v1/stream?after=7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x y"


def test_a_head_is_read():
    head = read_head(GOOD)

    assert (head.method, head.path, head.query) == ("GET", "/v1/stream", "after=7")
    assert head.headers == {"host": "a", "authorization": "Bearer x y"}
    assert read_position(head) == 7


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"GET /v1/stream",
        b"GET /v1/stream HTTP/2.0",
        b"get /v1/stream HTTP/1.1",
        b"GET  /v1/stream HTTP/1.1",
        b"GET http://elsewhere/v1/stream HTTP/1.1",
        GOOD + b"\r\nAuthorization: Bearer z",
        GOOD + b"\r\nOrigin: https://a\r\norigin: https://b",
        GOOD + b"\r\n folded: line",
        GOOD + b"\r\nNo colon",
        GOOD + b"\r\nSpace : before",
        GOOD + b"\r\nBare: line\nfeed",
        GOOD + b"\r\nNul: \x00",
        GOOD + b"\r\nContent-Length: 1",
        GOOD + b"\r\nTransfer-Encoding: chunked",
    ],
)
def test_what_is_doubtful_is_refused(raw):
    with pytest.raises(BadRequest):
        read_head(raw)


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1.0", "after=99999999999999999", "since=1", "after="])
def test_a_position_is_a_whole_number(query):
    with pytest.raises(Invalid):
        read_position(read_head(f"GET /v1/stream?{query} HTTP/1.1".encode()))


def test_two_positions_are_none():
    with pytest.raises(BadRequest):
        read_position(read_head(b"GET /v1/stream?after=1&after=2 HTTP/1.1"))


def test_more_fields_than_anybody_needs_are_refused(stream):
    query = "&".join(f"field{number}=1" for number in range(11))
    refused = stream.request(f"GET /v1/stream?{query} HTTP/1.1\r\n\r\n").read_head()

    assert (refused.status, refused.problem()["code"]) == (400, "bad_request")


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(raw):
    for sent in (raw, b"GET /v1/stream?" + raw + b" HTTP/1.1", GOOD + b"\r\n" + raw):
        try:
            read_position(read_head(sent))
        except Problem:
            continue


@pytest.mark.parametrize(
    ("first_line", "status", "code"),
    [
        ("POST /v1/stream", 405, "method_not_allowed"),
        ("HEAD /v1/stream", 405, "method_not_allowed"),
        ("GET /v1/changes", 404, "unknown_path"),
        ("GET /v1/stream/", 404, "unknown_path"),
    ],
)
def test_the_stream_answers_nothing_else(stream, first_line, status, code):
    refused = stream.request(f"{first_line} HTTP/1.1\r\n\r\n").read_head()

    assert (refused.status, refused.problem()["code"]) == (status, code)


def test_a_head_without_end_is_refused(stream):
    refused = stream.request("GET /v1/stream HTTP/1.1\r\nA: " + "a" * 20_000).read_head()

    assert (refused.status, refused.problem()["code"]) == (400, "bad_request")


def test_the_process_says_that_it_is_well(stream):
    answer = stream.request("GET /healthz HTTP/1.1\r\n\r\n").read_head()

    assert (answer.status, answer.problem()) == (200, {"status": "ok"})
