"""History and ledger, as pages for programs and as files for people."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from liftgate_server.metering import examples, listing


@pytest.fixture
def week(meters, clock):
    """A few days of use by two users; the clock stands at the end."""
    for number in range(4):
        meters.consume("export.open", number + 1, key=f"k{number}", user=f"u{number % 2}")
        clock.advance(timedelta(days=1))


def rows(answer):
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True))))


def read(caller, path, **query):
    return caller.get(f"/v1/customers/acme/usage/{path}", query_string=query)


@pytest.mark.usefixtures("week")
def test_history_by_day(runtime_caller):
    items = read(runtime_caller, "history", feature="exports", **{"from": "2026-11-23"}).json["items"]

    assert [(it["day"], it["units"], it["uses"], it["users"]) for it in items] == [
        ("2026-11-23", 2, 1, 1),
        ("2026-11-24", 3, 1, 1),
        ("2026-11-25", 4, 1, 1),
    ]


@pytest.mark.usefixtures("week")
def test_history_by_user(runtime_caller):
    items = read(runtime_caller, "history", feature="exports", by="user").json["items"]

    assert [(it["user"], it["units"], it["uses"]) for it in items] == [("u0", 4, 2), ("u1", 6, 2)]


@pytest.mark.usefixtures("week")
def test_history_of_one_user_in_pages(runtime_caller):
    first = read(runtime_caller, "history", feature="exports", user="u0", limit=1).json
    second = read(runtime_caller, "history", feature="exports", user="u0", limit=1, cursor=first["next_cursor"]).json

    assert [page["items"][0]["day"] for page in (first, second)] == ["2026-11-22", "2026-11-24"]
    assert second["next_cursor"] is None


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({}, ["k3", "k2", "k1", "k0"]),
        ({"user": "u1"}, ["k3", "k1"]),
        ({"operation": "record"}, []),
        ({"feature": "calls"}, []),
        ({"from": "2026-11-23T09:00:00Z", "to": "2026-11-25T09:00:00Z"}, ["k2", "k1"]),
    ],
)
def test_the_ledger_is_read_by_what_is_asked_for(runtime_caller, query, keys):
    assert [entry["key"] for entry in read(runtime_caller, "events", **query).json["items"]] == keys


@pytest.mark.usefixtures("week")
def test_an_entry_says_all_there_is_to_know(runtime_caller):
    entry = read(runtime_caller, "events", limit=1).json["items"][0]

    assert entry == {
        "key": "k3",
        "operation": "consume",
        "feature": "exports",
        "gate": "export.open",
        "user": "u1",
        "quantity": 4,
        "uses": 1,
        "at": "2026-11-25T09:00:00Z",
        "received_at": "2026-11-25T09:00:00Z",
        "refused": False,
        "properties": {},
        "receipt": [{"bucket": "base", "units": 4}],
    }


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize("asked", [{"query_string": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_the_ledger_as_a_file(runtime_caller, asked):
    answer = runtime_caller.get("/v1/customers/acme/usage/events", **asked)

    header, *entries = rows(answer)
    assert tuple(header) == listing.ENTRY_COLUMNS == tuple(examples.LEDGER_CSV.splitlines()[0].split(","))
    assert [entry[2] for entry in entries] == ["k3", "k2", "k1", "k0"]


@pytest.mark.usefixtures("week")
def test_history_as_a_file(runtime_caller):
    by_day = rows(read(runtime_caller, "history", feature="exports", format="csv"))
    by_user = rows(read(runtime_caller, "history", feature="exports", by="user", format="csv"))

    assert by_day[1] == ["2026-11-22", "1", "1", "1", "2026-11-22T09:00:00Z"]
    assert [row[:3] for row in by_user[1:]] == [["u0", "4", "2"], ["u1", "6", "2"]]


def test_a_file_is_written_page_by_page_to_the_end(meters, runtime_caller, monkeypatch):
    monkeypatch.setattr(listing, "_ROWS_AT_ONCE", 3)
    meters.record(*({"key": f"e{number}", "customer": "acme", "feature": "calls"} for number in range(10)))

    assert len(rows(read(runtime_caller, "events", format="csv"))) == 11


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_a_file_is_a_formula(meters, runtime_caller, text):
    meters("consume", gate="exports", key="=cmd", properties={text: "x"})
    meters.caller.post("/v1/usage/refund", json={"customer": "acme", "key": "=cmd"}, headers={"Idempotency-Key": "r"})

    refunded, consumed = rows(read(runtime_caller, "events", format="csv"))[1:]

    assert consumed[2] == "'=cmd"
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in consumed + refunded)
    # A number below zero is a number.
    assert {cell for cell in refunded if cell.startswith("-")} == {"-1"}


@pytest.mark.parametrize(
    ("path", "path_of_error"),
    [
        ("history", "feature"),
        ("history?feature=exports&by=week", "by"),
        ("history?feature=exports&by=user&user=u1", "user"),
        ("history?feature=exports&from=yesterday", "from"),
        ("history?feature=exports&limit=0", "limit"),
        ("events?operations=record", "operations"),
        ("events?format=xls", "format"),
        ("events?from=2026-11-22", "from"),
    ],
)
def test_a_wrong_question_is_refused(runtime_caller, path, path_of_error):
    answer = runtime_caller.get(f"/v1/customers/acme/usage/{path}")

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, path_of_error)


@pytest.mark.parametrize("query", [{}, {"by": "user"}, {"format": "csv"}])
def test_the_days_before_the_first_day_there_is_hold_nothing(runtime_caller, query):
    answer = read(runtime_caller, "history", feature="exports", to="0001-01-01", **query)

    assert answer.status_code == 200
