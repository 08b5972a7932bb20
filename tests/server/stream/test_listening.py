"""What a reader hears, from where it left off."""

from __future__ import annotations

from sqlalchemy import delete

from liftgate_server.plumbing.changes import ChangeRow, latest_number
from liftgate_server.plumbing.db import transaction


def number_of(app, environment) -> int:
    with app.app_context():
        return latest_number(environment.id)


def test_a_stream_begins_with_where_the_environment_stands(app, environment, stream, secret_key):
    reader = stream.listen(secret_key)
    hello = reader.next_event()

    assert (reader.status, reader.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert (hello.name, hello.data) == ("hello", {"latest": number_of(app, environment), "heartbeat_seconds": 15})


def test_a_change_is_sent_as_the_page_that_the_list_of_changes_gives(stream, secret_key, change, runtime_caller):
    reader = stream.listen(secret_key)
    latest = reader.next_event().data["latest"]

    change("acme")
    event = reader.next_event()

    assert event.name == "changes"
    assert event.id == latest + 1
    assert event.data == runtime_caller.get(f"/v1/changes?after={latest}").json


def test_a_reader_that_comes_back_hears_what_it_missed_exactly_once(stream, secret_key, change):
    first = stream.listen(secret_key)
    known = first.next_event().data["latest"]
    first.close()
    change("acme")
    change("globex")

    second = stream.listen(secret_key, after=known)
    second.next_event()
    missed = second.next_event()
    change("acme")
    live = second.next_event()

    assert [change["number"] for change in missed.data["changes"]] == [known + 1, known + 2]
    assert [change["number"] for change in live.data["changes"]] == [known + 3]


def test_the_last_event_of_a_reconnecting_reader_counts_more_than_its_address(stream, secret_key, change):
    known = stream.listen(secret_key).next_event().data["latest"]
    change("acme")
    change("acme")

    reader = stream.listen(secret_key, after=known, Last_Event_ID=str(known + 1))
    reader.next_event()

    assert [change["number"] for change in reader.next_event().data["changes"]] == [known + 2]


def test_many_missed_changes_come_page_by_page_without_a_gap(open_stream, secret_key, change):
    stream = open_stream(changes_in_a_page=3)
    known = stream.listen(secret_key).next_event().data["latest"]
    for _ in range(9):
        change("acme")

    reader = stream.listen(secret_key, after=known)
    reader.next_event()
    pages = [reader.next_event() for _ in range(3)]

    numbers = [change["number"] for page in pages for change in page.data["changes"]]
    assert numbers == list(range(known + 1, known + 10))
    assert [page.id for page in pages] == [known + 3, known + 6, known + 9]


def test_readers_at_different_numbers_all_arrive_at_the_same(stream, secret_key, change):
    known = stream.listen(secret_key).next_event().data["latest"]
    for _ in range(3):
        change("acme")
    readers = [stream.listen(secret_key, after=known + behind) for behind in range(4)]
    change("globex")

    for behind, reader in enumerate(readers):
        numbers: list[int] = []
        while numbers[-1:] != [known + 4]:
            event = reader.next_event()
            numbers += [change["number"] for change in event.data.get("changes", [])]
        assert numbers == list(range(known + behind + 1, known + 5))


def test_a_number_that_was_forgotten_is_answered_with_a_reset(app, environment, stream, secret_key, change):
    for _ in range(3):
        change("acme")
    with app.app_context(), transaction() as session:
        session.execute(delete(ChangeRow).where(ChangeRow.number < number_of(app, environment)))

    reader = stream.listen(secret_key, after=0)
    latest = reader.next_event().data["latest"]
    reset = reader.next_event()

    assert (reset.id, reset.data) == (latest, {"latest": latest, "reset": True, "changes": []})
    change("acme")
    assert reader.next_event().id == latest + 1


def test_a_number_from_the_future_is_answered_with_a_reset_also_beside_other_readers(stream, secret_key):
    latest = stream.listen(secret_key).next_event().data["latest"]

    reader = stream.listen(secret_key, after=latest + 1_000)
    reader.next_event()

    assert reader.next_event().data == {"latest": latest, "reset": True, "changes": []}


def test_a_quiet_stream_beats(open_stream, secret_key):
    stream = open_stream(heartbeat_seconds=0.05)
    reader = stream.listen(secret_key)
    reader.next_event()

    assert [reader.next_block() for _ in range(3)] == [": "] * 3
