"""A cursor leads through every row once, and no other text is a cursor."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.queries import list_keys
from liftgate_server.access.service import create_key
from liftgate_server.plumbing.errors import BadRequest


@pytest.fixture
def seven_keys(in_app, environment):
    return [create_key(environment.id, CallerKind.SECRET, name=f"key {number}").key.id for number in range(7)]


def test_the_pages_together_are_the_list(seven_keys, environment):
    seen, cursor = [], None
    while True:
        page = list_keys(environment.id, cursor=cursor, limit=3)
        seen += [key.id for key in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == sorted(seven_keys)


def test_a_row_that_comes_in_between_shifts_nothing(seven_keys, environment):
    first = list_keys(environment.id, limit=3)
    create_key(environment.id, CallerKind.SECRET, name="late")

    second = list_keys(environment.id, cursor=first.next_cursor, limit=4)

    assert [key.id for key in first.items + second.items] == sorted(seven_keys)


def test_the_last_page_has_no_cursor(seven_keys, environment):
    assert list_keys(environment.id, limit=7).next_cursor is None
    assert list_keys(environment.id, limit=6).next_cursor is not None


def test_no_changed_cursor_is_accepted(seven_keys, environment):
    cursor = list_keys(environment.id, limit=3).next_cursor or ""
    signed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    for position in range(len(signed)):
        changed = bytearray(signed)
        changed[position] ^= 1
        with pytest.raises(BadRequest, match="invalid_cursor"):
            list_keys(environment.id, cursor=urlsafe_b64encode(changed).decode())


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "bnVsbA", "ä", "A" * 1999, "A" * 5000])
def test_what_was_never_a_cursor_is_refused(in_app, environment, cursor):
    with pytest.raises(BadRequest, match="invalid_cursor"):
        list_keys(environment.id, cursor=cursor)


def test_over_http_a_bad_cursor_is_400_with_its_code(manager):
    answer = manager.get("/v1/keys?cursor=nonsense")

    assert (answer.status_code, answer.json["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "ten", "", "١"])
def test_over_http_a_bad_limit_is_422_naming_it(manager, limit):
    answer = manager.get(f"/v1/keys?limit={limit}")

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "limit")
