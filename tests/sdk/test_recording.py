"""What is recorded reaches the server exactly once, whatever happens to either of them."""

from __future__ import annotations

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liftgate import Client, courier, journal, spool
from liftgate.journal import Journal
from liftgate.spool import Spool
from tests.sdk.conftest import KEY, eventually, settle
from tests.sdk.fake_server import FakeServer, problem
from tests.sdk.socket_servers import http_server, misbehaving_server, refusing_address, stay_silent


@pytest.fixture
def bound(client):
    """A client within a binding of acme, whose background threads have come to rest."""
    with client.customer("acme", user="u1"):
        settle(client)
        yield client


@pytest.fixture
def ledger(server):
    return server.ledger


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "spool"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.usage"))


def test_an_event_says_who_used_what_when(bound, ledger):
    bound.record("exports", 3, properties={"format": "pdf"})
    bound.record("exports", user="u2", at=datetime(2026, 11, 1, 8, tzinfo=UTC), key="line-7")
    assert bound.flush(10)

    first, second = ledger.batches[0]
    assert first == {
        "key": first["key"],
        "customer": "acme",
        "feature": "exports",
        "quantity": 3,
        "user": "u1",
        "at": "2026-11-22T09:00:00Z",
        "properties": {"format": "pdf"},
    }
    assert (second["key"], second["user"], second["at"]) == ("line-7", "u2", "2026-11-01T08:00:00Z")


def test_the_next_check_sees_it(bound):
    bound.record("exports", 5)

    assert not bound.check("exports")


def test_events_leave_together_and_packed(bound, server, ledger):
    for _ in range(1_200):
        bound.record("exports")
    assert bound.flush(10)
    sizes = [len(batch) for batch in ledger.batches]

    assert [max(sizes), sum(sizes)] == [500, 1_200]
    (request, *_) = [request for request in server.requests if "/usage/record" in request.path]
    assert request.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(request.body))["events"]) == 500


def test_they_leave_by_themselves(bound, ledger, monkeypatch):
    monkeypatch.setattr(courier, "_LINGER_SECONDS", 0.01)
    bound.record("exports")

    assert eventually(lambda: ledger.count_of("exports") == 1)


def test_closing_delivers_what_is_left(make_client, ledger):
    client = make_client()
    with client.customer("acme"):
        client.record("exports", 2)
    client.close()

    assert ledger.count_of("exports") == 2


def test_a_batch_that_found_no_answer_counts_once(bound, server, ledger):
    good = server._answer

    def lose_the_answer(request):
        told = good(request)
        return problem(503, "not_now") if "/usage/record" in request.path else told

    bound.record("exports", 3)
    server._answer = lose_the_answer
    assert not bound.flush(0.2)
    assert ledger.count_of("exports") == 3
    server._answer = good
    assert bound.flush(10)

    assert ledger.count_of("exports") == 3
    assert len(ledger.batches) >= 2


def test_recording_while_the_server_is_away_raises_nothing_and_loses_nothing(bound, server, ledger):
    server.is_down = True
    for _ in range(100):
        bound.record("exports")
    assert not bound.flush(0.1)
    server.is_down = False
    assert bound.flush(10)

    assert ledger.count_of("exports") == 100


def test_what_the_server_will_not_count_keeps_nothing_else(bound, ledger, caplog):
    bound.record("unknown")
    bound.record("exports")
    assert bound.flush(10)

    assert ledger.count_of("exports") == 1
    assert bound._feed._courier.lost == 1
    assert bound.last_error.code == "unknown_feature"
    assert "could not count 1 events" in caplog.text


def test_a_batch_that_is_refused_whole_is_searched_for_the_reason(bound, ledger):
    ledger.poison = "poison"
    for feature in ("exports", "exports", "poison", "exports"):
        bound.record(feature)
    assert bound.flush(10)

    assert ledger.count_of("exports") == 3
    assert bound._feed._courier.lost == 1


def test_the_same_key_told_twice_counts_once_and_is_no_fault(bound, ledger, wall_clock):
    bound.record("exports", key="line-7")
    wall_clock.now += 60
    bound.record("exports", key="line-7")
    assert bound.flush(10)

    assert ledger.count_of("exports") == 1
    assert bound._feed._courier.lost == 0


def test_the_same_key_for_something_else_is_lost_and_said(bound, ledger):
    bound.record("exports", 1, key="line-7")
    bound.record("exports", 2, key="line-7")
    assert bound.flush(10)

    assert ledger.count_of("exports") == 1
    assert bound.last_error.code == "idempotency_conflict"


def test_room_is_bounded_and_what_is_lost_is_said(bound, server, monkeypatch):
    monkeypatch.setattr(journal, "_MOST_ENTRIES", 10)
    server.is_down = True
    for _ in range(25):
        bound.record("exports")
    assert not bound.flush(0.1)

    assert bound._feed._courier.lost == 15


@pytest.mark.parametrize("at", [datetime(2026, 11, 1), "2026-11-01T00:00:00Z", 7])
def test_an_instant_without_a_zone_is_refused_at_once(bound, server, at):
    with pytest.raises(ValueError, match="`at`"):
        bound.record("exports", at=at)

    assert server.count("/usage/") == 0


# With a folder.


def test_without_a_folder_nothing_is_written(bound, server, tmp_path):
    server.is_down = True
    bound.record("exports")
    bound.flush(0.1)

    assert list(tmp_path.iterdir()) == []


def test_what_waits_is_in_a_file_of_the_process_alone(make_client, server, folder):
    server.put("acme")
    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        server.is_down = True
        client.record("exports", 2)
        assert eventually(lambda: [path.stat().st_size > 0 for path in files(folder)] == [True])

    (path,) = files(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_folder_may_come_from_the_environment(make_client, server, folder, monkeypatch):
    monkeypatch.setenv("LIFTGATE_SPOOL_DIR", str(folder))
    client = make_client()
    with client.customer("acme"):
        server.is_down = True
        client.record("exports")

        assert eventually(lambda: len(files(folder)) == 1)


def test_what_was_delivered_leaves_no_file(make_client, ledger, folder):
    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        client.record("exports")
        assert client.flush(10)
        assert [path.stat().st_size for path in files(folder)] == [0]
    client.close()

    assert ledger.count_of("exports") == 1
    assert list(folder.iterdir()) == []


def test_the_next_start_delivers_what_was_left(make_client, server, ledger, folder):
    first = make_client(spool_dir=folder)
    with first.customer("acme"):
        server.is_down = True
        first.record("exports", 3)
    first.close()
    assert len(files(folder)) == 1
    server.is_down, server.is_closed = False, False
    with make_client(spool_dir=folder).customer("acme"):
        assert eventually(lambda: ledger.count_of("exports") == 3)
        assert eventually(lambda: files(folder) == [])


def test_nobody_takes_what_another_holds(make_client, server, folder, monkeypatch):
    monkeypatch.setattr(courier, "_SEARCH_SECONDS", 0.01)
    first, second = make_client(spool_dir=folder), make_client(spool_dir=folder)
    with first.customer("acme"):
        server.is_down = True
        first.record("exports", 3)
        assert eventually(lambda: len(files(folder)) == 1)
        (path,) = files(folder)
        kept = path.read_bytes()
        with second.customer("acme"):
            assert list(second._feed._spool().orphans()) == []

        assert path.read_bytes() == kept


def test_what_is_of_another_environment_or_server_is_left_alone(make_client, server, ledger, folder):
    first = make_client(spool_dir=folder)
    with first.customer("acme"):
        server.is_down = True
        first.record("exports", 3)
    first.close()
    server.is_down, server.is_closed = False, False
    other_key = KEY.replace("_test_", "_staging_")
    for url, key in (("http://elsewhere.test", KEY), ("http://liftgate.test", other_key)):
        with Client(url, key, transport=server, spool_dir=folder, poll_seconds=3600) as other, other.customer("acme"):
            assert list(other._feed._spool().orphans()) == []

    assert len(files(folder)) == 1


def test_a_folder_that_others_may_write_into_is_not_used(make_client, server, ledger, folder):
    folder.mkdir()
    folder.chmod(0o777)
    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        client.record("exports")
        assert client.flush(10)

    assert list(folder.iterdir()) == []
    assert ledger.count_of("exports") == 1
    assert "folder of its own" in str(client.last_error)


def test_a_disk_that_takes_nothing_leaves_memory(make_client, server, ledger, folder, monkeypatch):
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    client = make_client(spool_dir=folder)
    monkeypatch.setattr(journal.os, "write", full)
    with client.customer("acme"):
        client.record("exports")
        assert client.flush(10)

    assert ledger.count_of("exports") == 1


def test_the_size_of_a_file_is_bounded(make_client, server, folder, monkeypatch):
    monkeypatch.setattr(spool, "_MOST_BYTES", 1_000)
    monkeypatch.setattr(journal, "_MOST_ENTRIES", 2)
    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        server.is_down = True
        for _ in range(20):
            client.record("exports")
        assert not client.flush(0.1)
        (path,) = files(folder)

        assert path.stat().st_size <= 1_000
        assert client._feed._courier.lost == 20 - 2 - path.read_bytes().count(b"\n")


@pytest.fixture
def made(folder) -> Journal:
    return Spool(str(folder), url="http://liftgate.test", environment="test").create()


def again(made: Journal) -> Journal:
    """Open the file of a process that has just been killed."""
    os.close(made._descriptor)
    folder = str(made.path.parent)
    (found,) = Spool(folder, url="http://liftgate.test", environment="test").orphans()
    return found


def test_a_journal_remembers_how_far_it_was_delivered(made):
    made.append([b"record 1", b"record 2", b"record 3"])
    assert made.peek(2) == [b"record 1", b"record 2"]
    made.drop(2)
    made.append([b"record 4"])

    assert again(made).peek(10) == [b"record 3", b"record 4"]


@pytest.mark.parametrize("cut", range(1, 18))
def test_a_line_that_was_cut_off_costs_itself_alone(made, cut):
    made.append([b"record 1", b"record 2"])
    os.truncate(made.path, made.path.stat().st_size - cut)

    assert again(made).peek(10) == [b"record 1"]


def test_changed_lines_are_passed_over(made):
    made.append([b"record 1", b"record 2", b"record 3"])
    made.path.write_bytes(made.path.read_bytes().replace(b"record 2", b"record 9"))

    assert again(made).peek(10) == [b"record 1", b"record 3"]


@pytest.mark.parametrize(
    "content", [b"\n", b"\0" * 3_000_000, b"{}" * 10, b"\n\n\xff\xfe\r\n", b"deadbeef delivered x\n"]
)
def test_a_file_that_is_no_journal_is_read_as_an_empty_one(made, content):
    made.path.write_bytes(content)
    found = again(made)

    assert found.peek(10) == []
    found.close()
    assert not made.path.exists()


def test_a_long_journal_is_read_piece_by_piece(made, monkeypatch):
    monkeypatch.setattr(journal, "_PIECE_BYTES", 64)
    entries = [b"record %d" % number for number in range(100)]
    made.append(entries)
    found = []
    while some := made.peek(7):
        found += some
        made.drop(len(some))

    assert found == entries
    assert made.path.stat().st_size == 0


def test_links_and_foreign_files_are_not_taken_over(made, folder, tmp_path):
    made.append([b"record 1"])
    name = made.path.name
    outside = tmp_path / "outside"
    outside.write_bytes(made.path.read_bytes())
    made.path.rename(folder / "kept")
    (folder / name).symlink_to(outside)
    readable = folder / name.replace(".usage", "0.usage")
    readable.write_bytes(outside.read_bytes())
    readable.chmod(0o644)

    assert list(Spool(str(folder), url="http://liftgate.test", environment="test").orphans()) == []


# Processes.

PROGRAM = """
import os, pathlib, signal, sys, time
import liftgate

url, key, folder, ending = sys.argv[1:]
client = liftgate.Client(url, key, poll_seconds=3600, load_budget_seconds=5, spool_dir=folder or None)
with client.customer("acme"):
    for _ in range(3):
        client.record("exports")
    if ending == "kill":
        while sum(path.read_bytes().count(b"record ") for path in pathlib.Path(folder).glob("*.usage")) < 3:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGKILL)
    if ending == "fork":
        child = os.fork()
        if child == 0:
            client.record("exports")
            client.record("exports")
            sys.exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    if ending == "error":
        raise RuntimeError("the host's own")
"""


def run(url: str, folder: Path | str, ending: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, url, KEY, str(folder), ending]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def real() -> FakeServer:
    server = FakeServer()
    server.put("acme")
    return server


@pytest.mark.parametrize("has_folder", [True, False])
@pytest.mark.parametrize(("ending", "counted"), [("plain", 3), ("error", 3), ("fork", 5)])
def test_a_process_that_ends_delivers_what_is_left_and_a_child_only_its_own(real, folder, ending, counted, has_folder):
    with http_server(real) as url:
        ended = run(url, folder if has_folder else "", ending)

    assert (ended.returncode == 0) is (ending != "error"), ended.stderr
    assert real.ledger.count_of("exports") == counted
    assert len(real.ledger.events) == sum(len(batch) for batch in real.ledger.batches) == counted
    assert not has_folder or list(folder.iterdir()) == []


def test_what_a_killed_process_could_not_deliver_the_next_one_does(real, folder):
    with refusing_address() as nowhere:
        assert run(nowhere, folder, "kill").returncode == -signal.SIGKILL
        assert len(files(folder)) == 1
        assert run(nowhere, folder, "plain").returncode == 0
        assert len(files(folder)) == 2
    with http_server(real, port=int(nowhere.rpartition(":")[2])):
        client = Client(nowhere, KEY, poll_seconds=3600, spool_dir=folder)
        with client, client.customer("acme"):
            assert eventually(lambda: list(folder.iterdir()) == [])

    assert real.ledger.count_of("exports") == len(real.ledger.events) == 6


def test_a_child_and_its_parent_keep_files_of_their_own(folder):
    with refusing_address() as nowhere:
        assert run(nowhere, folder, "fork").returncode == 0

    assert sorted(path.read_bytes().count(b"record ") for path in files(folder)) == [2, 3]


def test_a_living_process_takes_over_from_a_killed_one(real, folder, monkeypatch):
    monkeypatch.setattr(courier, "_SEARCH_SECONDS", 0.05)
    with http_server(real) as url:
        client = Client(url, KEY, poll_seconds=3600, spool_dir=folder)
        with client, client.customer("acme"):
            real.failure = problem(503, "not_now")
            run(url, folder, "kill")
            real.failure = None

            assert eventually(lambda: real.ledger.count_of("exports") == 3, seconds=30)
    assert len(real.ledger.events) == 3


def test_closing_with_a_server_that_hangs_is_bounded_and_keeps_what_is_left(folder):
    with misbehaving_server(stay_silent) as url:
        client = Client(url, KEY, load_budget_seconds=0.05, request_timeout_seconds=60, spool_dir=folder)
        with client.customer("acme"):
            client.record("exports", 2)
            assert not client.flush(0.1)
            client.record("exports")
        started = time.monotonic()
        client.close()

        # Generous: two and a half seconds are meant, and without a bound it would be the request's sixty.
        assert time.monotonic() - started < 10
    assert [path.read_bytes().count(b"record ") for path in files(folder)] == [2]
    assert eventually(lambda: not any(thread.name == "liftgate-usage" for thread in threading.enumerate()))


def test_what_is_recorded_after_closing_is_kept_for_the_next_start(make_client, server, ledger, folder):
    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        client.close()
        client.record("exports")
    server.is_closed = False
    with make_client(spool_dir=folder).customer("acme"):
        assert eventually(lambda: ledger.count_of("exports") == 1)


def test_recording_starts_one_thread_and_checking_none(make_client):
    def threads() -> set[str]:
        return {thread.name for thread in threading.enumerate() if thread.name == "liftgate-usage"}

    assert eventually(lambda: not threads())
    client = make_client()
    with client.customer("acme"):
        client.check("exports")
        client.consume("exports")
        assert threads() == set()
        client.record("exports")
        assert threads() == {"liftgate-usage"}
    client.close()
    assert eventually(lambda: not threads())
