"""A forked child stands on its own: own connections, own poller, changes seen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sdk.conftest import KEY
from tests.sdk.fake_server import FakeServer
from tests.sdk.socket_servers import http_server

PROGRAM = """
import os, sys, threading, time
import liftgate

def sockets():
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            name = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue  # the one that listed the folder
        if name.startswith("socket:"):
            found.add(name)
    return found

client = liftgate.Client(sys.argv[1], sys.argv[2], poll_seconds=0.02, load_budget_seconds=5)
with client.customer("acme"):
    assert not client.check("sso").granted
    client.record("exports")
    assert client.flush(10)
inherited = sockets()
assert inherited
if sys.argv[3] == "locks held":
    # The worst moment: every lock is in the hands of a thread that the child will not have.
    feed = client._feed
    views = [view for entry in feed.cache.customers() for view in entry.views()]
    held = [feed._poller._poll_lock, feed.loader._snapshot_lock, feed._lock, feed._poller._lock, feed._transport._lock]
    held += [feed.loader._flights._lock, feed.cache._lock, *(view._lock for view in views)]
    held += [feed._courier._keeping, feed._courier._changed, feed.reporter._lock, feed.reporter._tally._lock]
    assert views
    for lock in held:
        lock.acquire()
child = os.fork()
if child:
    _, status = os.waitpid(child, 0)
    sys.stdout.flush()
    os._exit(os.waitstatus_to_exitcode(status))

assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
with client.customer("acme"):
    client.record("exports", 2)
    assert client.consume("exports", 1)
    assert client.flush(10)
    client.upsert_customer("acme")  # the server upgrades whoever is upserted
    deadline = time.monotonic() + 20
    while not client.check("sso").granted and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.check("sso").granted
    assert not inherited & sockets(), "the child still has a socket of its parent"
    assert "liftgate-poll" in [thread.name for thread in threading.enumerate()]
client.close()
print("child is well")
os._exit(0)
"""


@pytest.mark.parametrize("moment", ["quiet", "locks held"])
def test_a_child_sees_changes_over_connections_of_its_own(moment):
    server = FakeServer()
    server.put("acme")
    server.before = lambda request: server.upgrade("acme") if request.method == "PUT" else None
    with http_server(server) as url:
        ended = subprocess.run(
            [sys.executable, "-u", "-c", PROGRAM, url, KEY, moment],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (ended.returncode, ended.stdout) == (0, "child is well\n"), ended.stderr
    assert server.ledger.count_of("exports") == 4


IMPORTING = """
import os, sys, threading, time
from liftgate import feed
from liftgate.flights import imports

done, is_there = [], threading.Event()

def bring_in():
    with imports:
        is_there.set()
        time.sleep(0.3)
        done.append(True)

threading.Thread(target=bring_in, daemon=True).start()
is_there.wait()
child = os.fork()
if child == 0:
    with imports:  # as the child's own threads do
        os._exit(0 if done else 1)
with imports:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_waits_for_what_our_threads_import():
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", IMPORTING], timeout=60, check=False)

    assert ended.returncode == 0
