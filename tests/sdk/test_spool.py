"""What could not be delivered outlives its process: written at once, held by a lock, taken over by whoever finds it."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from liftgate import Client, courier, journal, spool
from liftgate.messages import Request
from tests.sdk.conftest import KEY, eventually
from tests.sdk.fake_server import FakeServer, problem
from tests.sdk.socket_servers import http_server, misbehaving_server, refusing_address, stay_silent


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "spool"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.usage"))


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
    monkeypatch.setattr("liftgate.journal.os.write", full)
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


def test_what_arrives_while_the_server_hangs_is_in_the_file_at_once(folder):
    with misbehaving_server(stay_silent) as url:
        client = Client(url, KEY, load_budget_seconds=0.05, request_timeout_seconds=60, spool_dir=folder)
        with client, client.customer("acme"):
            client.record("exports")
            assert not client.flush(0.1)
            for _ in range(100):
                client.record("exports")

            assert eventually(lambda: [path.read_bytes().count(b"record ") for path in files(folder)] == [101])


def test_what_arrives_while_a_batch_is_under_way_goes_with_the_next(make_client, server, ledger, folder):
    is_under_way, may_end = threading.Event(), threading.Event()

    def hold_up(request: Request) -> None:
        if request.path.endswith("/record"):
            is_under_way.set()
            may_end.wait(30)

    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        server.before = hold_up
        client.record("exports")
        client.flush(0)
        assert is_under_way.wait(30)
        client.record("exports", 2)
        assert eventually(lambda: [path.read_bytes().count(b"record ") for path in files(folder)] == [2])
        may_end.set()

        assert eventually(lambda: ledger.count_of("exports") == 3)
    assert [len(batch) for batch in ledger.batches] == [1, 1]


def test_more_than_memory_takes_is_told_as_lost(make_client, server, monkeypatch, caplog):
    monkeypatch.setattr(courier, "_MOST_ARRIVING", 10)
    client = make_client()
    with client.customer("acme"):
        server.is_down = True
        monkeypatch.setattr(client._feed._open_courier(), "ensure_running", lambda: None)
        for _ in range(12):
            client.record("exports")
        client._feed._courier._keep()

    assert client._feed._courier.lost == 2
    assert "could not count 2 events" in caplog.text


FORKED = """
import os, sys, time
import liftgate

def journals():
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue
    return [name for name in found if name.endswith(".usage")]

url, key, folder = sys.argv[1:]
client = liftgate.Client(url, key, load_budget_seconds=0.05, request_timeout_seconds=60, spool_dir=folder)
with client.customer("acme"):
    deadline = time.monotonic() + 20
    while not journals() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert journals()
    child = os.fork()
    if child == 0:
        os._exit(len(journals()))
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_does_not_hold_what_its_parent_was_taking_over(folder):
    with misbehaving_server(stay_silent) as url:
        left = spool.Spool(str(folder), url=url, environment="test").create()
        left.append([b"record {}"])
        left.close()
        command = [sys.executable, "-W", "ignore", "-c", FORKED, url, KEY, str(folder)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 0, ended.stderr


def test_what_is_recorded_after_closing_is_kept_for_the_next_start(make_client, server, ledger, folder):
    client = make_client(spool_dir=folder)
    with client.customer("acme"):
        client.close()
        for _ in range(3):
            client.record("exports")
    assert len(files(folder)) == 1
    server.is_closed = False
    with make_client(spool_dir=folder).customer("acme"):
        assert eventually(lambda: ledger.count_of("exports") == 3)
