"""Streams end when access ends, and when the server does; readers are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from liftgate_server.access.rules import EnvironmentChanges
from liftgate_server.access.service import revoke_key, update_environment
from liftgate_server.stream.admission import admit
from tests.server.conftest import ORIGIN
from tests.server.stream.waiting import wait_until


def last_event(reader):
    event = reader.next_event()
    assert reader.read_to_the_end() == b""
    return event


def test_the_stream_of_a_revoked_key_ends_before_it_hears_more(app, environment, stream, make_key, change):
    revoked, kept = make_key(), make_key()
    readers = [stream.listen(revoked), stream.listen(kept)]
    for reader in readers:
        reader.next_event()

    with app.app_context():
        revoke_key(environment.id, revoked.split("_")[2])

    end = last_event(readers[0])
    assert (end.name, end.data) == ("end", {"code": "revoked_key"})
    assert readers[1].next_event().data["changes"][0]["kind"] == "access"


def test_tokens_go_with_the_key_that_signed_them(app, environment, stream, make_key, make_token):
    key = make_key()
    reader = stream.listen(make_token(key))
    reader.next_event()

    with app.app_context():
        revoke_key(environment.id, key.split("_")[2])

    assert last_event(reader).data == {"code": "revoked_key"}


def test_the_stream_of_a_token_ends_when_it_expires(stream, make_token, clock):
    reader = stream.listen(make_token())
    reader.next_event()

    clock.advance(timedelta(seconds=601))

    assert last_event(reader).data == {"code": "expired_token"}


def test_a_key_that_was_believed_for_an_hour_is_asked_about_again(environment, stream, secret_key, clock, change):
    reader = stream.listen(secret_key)
    reader.next_event()

    clock.advance(timedelta(hours=3))
    (listener,) = stream.audience_of(environment.id)
    wait_until(lambda: listener.believed_until > clock.now())
    change("acme")

    assert reader.next_event().name == "changes"


def test_a_page_whose_origin_is_no_longer_listed_hears_no_more(app, environment, stream, make_token):
    reader = stream.listen(make_token(), Origin=ORIGIN)
    reader.next_event()

    with app.app_context():
        update_environment(environment.id, EnvironmentChanges(allowed_origins=()))

    assert last_event(reader).data == {"code": "origin_not_allowed"}


def test_a_reader_on_its_way_in_while_its_key_is_revoked_is_sent_away(app, environment, stream, make_key, monkeypatch):
    kept, revoked = make_key(), make_key()
    stream.listen(kept).next_event()
    audience = stream.audience_of(environment.id)
    admitted: list[object] = []

    def admit_and_revoke(credential):
        admission = admit(credential)
        if not admitted:
            admitted.append(admission)
            revoke_key(environment.id, revoked.split("_")[2])
            wait_until(lambda: audience.access > admission.marks.access)
        return admission

    monkeypatch.setattr("liftgate_server.stream.reception.admit", admit_and_revoke)
    reader = stream.listen(revoked)

    assert reader.next_event().name == "hello"
    assert last_event(reader).data == {"code": "revoked_key"}


@pytest.mark.parametrize("readers", [1, 40])
def test_a_restart_tells_every_reader_when_to_come_back(open_stream, secret_key, readers):
    stream = open_stream()
    inside = [stream.listen(secret_key) for _ in range(readers)]
    for reader in inside:
        reader.next_event()

    stream.drain()
    last_words = [reader.read_to_the_end().decode() for reader in inside]

    pauses = {int(found) for words in last_words for found in re.findall(r"^retry: (\d+)\n\n", words)}
    assert all('event: end\ndata: {"code":"restarting"}\n\n' in words for words in last_words)
    assert all(500 <= pause <= 5_000 for pause in pauses)
    assert len(pauses) > readers / 2


def test_nobody_is_let_in_while_the_stream_ends(open_stream, secret_key):
    stream = open_stream()
    stream.drain()

    with pytest.raises(OSError, match="refused"):
        stream.listen(secret_key)
