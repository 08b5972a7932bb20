"""Changes are heard as they happen, from one connection, which may fail in every way there is."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler

import pytest

from liftgate import Client, ConfigurationError, polling, streaming
from tests.sdk.conftest import KEY, eventually
from tests.sdk.fake_server import FakeServer, problem
from tests.sdk.socket_servers import Streaming, http_server
from tests.sdk.stream_servers import ENDING, REFUSING, GoodStream, be_unavailable, begin, say_hello, tell


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Waits of a test's length: what is seconds in earnest is a tenth of one here."""
    monkeypatch.setattr(streaming, "_HELLO_WITHIN_SECONDS", 0.3)
    monkeypatch.setattr(streaming, "_RECONNECT_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr(streaming, "_LONGEST_WAIT_SECONDS", 0.05)


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Make a client of the server at a URL, which asks only once an hour, and close it."""
    with ExitStack() as stack:

        def make(url: str, **settings) -> Client:
            client = Client(url, KEY, **{"poll_seconds": 3600, "load_budget_seconds": 5, **settings})
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def stream(server) -> Iterator[GoodStream]:
    good = GoodStream(server)
    yield good
    good.end_all()


def is_listening(client: Client) -> bool:
    return client._feed._poller.is_listening


def by_turns(*first: Streaming, then: Streaming) -> Streaming:
    turns = iter(first)

    def stream(handler: BaseHTTPRequestHandler) -> None:
        next(turns, then)(handler)

    return stream


def polls(server: FakeServer) -> int:
    return server.count(r"/v1/changes\?after=")


def test_a_change_is_heard_without_asking(server, stream, connect):
    with http_server(server, stream=stream) as url:
        client = connect(url)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
            assert not client.check("sso").granted
            server.upgrade("acme")

            assert eventually(lambda: client.check("sso").granted)
    assert (stream.afters, polls(server)) == ([1], 0)
    assert stream.keys == [f"Bearer {KEY}"]


def test_what_happened_while_the_stream_was_away_is_caught_up_by_number(server, stream, connect):
    with http_server(server, stream=stream) as url:
        client = connect(url)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
            stream.end_all()
            server.upgrade("acme")

            assert eventually(lambda: client.check("sso").granted)
    assert set(stream.afters) == {1}
    assert len(stream.afters) > 1
    assert polls(server) == 0


@pytest.mark.parametrize("misbehaviour", ENDING, ids=lambda it: it.__name__)
def test_a_stream_that_breaks_is_opened_again(server, stream, connect, misbehaviour):
    with http_server(server, stream=by_turns(misbehaviour, misbehaviour, then=stream)) as url:
        client = connect(url, poll_seconds=0.05)
        with client.customer("acme"):
            assert eventually(lambda: stream.afters != [])
            server.upgrade("acme")

            assert eventually(lambda: client.check("sso").granted)


@pytest.mark.parametrize("misbehaviour", REFUSING, ids=lambda it: it.__name__)
def test_where_there_is_no_stream_polling_goes_on(server, connect, misbehaviour):
    asked = []

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        misbehaviour(handler)

    with http_server(server, stream=refuse) as url:
        client = connect(url, poll_seconds=0.02)
        with client.customer("acme"):
            assert eventually(lambda: polls(server) > 2)
            server.upgrade("acme")

            assert eventually(lambda: client.check("sso").granted)
            assert client._feed._poller._stream.not_before > 0
            client.close()
    assert len([path for path in asked if "after" in path]) == 1


def test_a_refused_stream_is_tried_again_later(server, stream, connect, monkeypatch):
    monkeypatch.setattr(streaming, "_AGAIN_AFTER_SECONDS", 0.1)
    with http_server(server, stream=by_turns(be_unavailable, then=stream)) as url:
        client = connect(url, poll_seconds=0.02)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))


def redirecting(location: Callable[[], str]) -> Streaming:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {location()}\r\nContent-Length: 0\r\n\r\n"
        handler.wfile.write(head.encode())

    return redirect


def test_a_stream_on_another_port_of_the_server_is_followed(server, stream, connect):
    with http_server(FakeServer(), stream=stream) as there:
        with http_server(server, stream=redirecting(lambda: f"{there}/v1/stream?after=1")) as url:
            client = connect(url)
            with client.customer("acme"):
                assert eventually(lambda: is_listening(client))
        assert stream.keys == [f"Bearer {KEY}"]
        stream.end_all()


def test_the_key_is_never_taken_to_another_host(server, stream, connect):
    with http_server(FakeServer(), stream=stream) as there:
        foreign = there.replace("127.0.0.1", "localhost")
        with http_server(server, stream=redirecting(lambda: f"{foreign}/v1/stream?after=1")) as url:
            client = connect(url, poll_seconds=0.02)
            with client.customer("acme"):
                assert eventually(lambda: polls(server) > 2)
                assert "another host" in str(client.last_error)
    assert stream.keys == []


def test_a_stream_on_another_host_can_be_named(server, stream, connect):
    with http_server(FakeServer(), stream=stream) as there, http_server(server) as url:
        client = connect(url, stream=there.replace("127.0.0.1", "localhost"))
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
        stream.end_all()


def test_a_redirect_to_nowhere_is_a_stream_refused(server, connect):
    with http_server(server, stream=redirecting(lambda: "http://127.0.0.1:99999/v1/stream")) as url:
        client = connect(url, poll_seconds=0.02)
        with client.customer("acme"):
            assert eventually(lambda: polls(server) > 2)
            assert client._feed._poller._stream.is_refused


def test_a_lost_page_is_noticed_by_its_number(server, connect):
    spoken = threading.Event()

    def skip(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        say_hello(handler, 10)
        spoken.wait()
        change = {"number": 99, "kind": "customer", "key": "other", "version": 1}
        tell(handler, {"latest": 99, "reset": False, "changes": [change]})
        handler.connection.recv(1)

    with http_server(server, stream=skip) as url:
        client = connect(url)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
            server.upgrade("acme")
            spoken.set()

            assert eventually(lambda: client.check("sso").granted)
            assert client._feed._poller._number == 2


def test_a_reset_refreshes_everything(server, connect):
    spoken = threading.Event()

    def begin_anew(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        say_hello(handler, 10)
        spoken.wait()
        tell(handler, {"latest": 5, "reset": True, "changes": []})
        handler.connection.recv(1)

    with http_server(server, stream=begin_anew) as url:
        client = connect(url)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
            server.upgrade("acme")
            spoken.set()

            assert eventually(lambda: client.check("sso").granted)
            assert client._feed._poller._number == 5


def test_a_change_that_cannot_be_loaded_is_tried_again_without_haste(server, stream, connect):
    good = server._answer
    with http_server(server, stream=stream) as url:
        client = connect(url, poll_seconds=0.05)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
            server._answer = lambda request: problem(503, "down") if "state" in request.path else good(request)
            server.publish({**server.catalogue})
            server.upgrade("acme")
            assert eventually(lambda: server.count("/state") > 2)
            server._answer = good

            assert eventually(lambda: client.check("sso").granted)


def test_a_stream_that_is_well_is_checked_by_asking_now_and_then(server, stream, connect, monkeypatch):
    monkeypatch.setattr(polling, "_SAFETY_POLL_SECONDS", 0.1)
    with http_server(server, stream=stream) as url:
        client = connect(url)
        with client.customer("acme"):
            assert eventually(lambda: polls(server) > 2)
            assert is_listening(client)


def test_closing_ends_the_stream_at_once(server, connect):
    held = GoodStream(server, heartbeat_seconds=100)
    with http_server(server, stream=held) as url:
        client = connect(url)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))
        thread = client._feed._poller._thread
        client.close()

        assert not thread.is_alive()
        held.end_all()


def test_a_client_nobody_uses_lets_go_of_the_stream(server, stream, connect):
    with http_server(server, stream=stream) as url:
        client = connect(url, idle_after_seconds=0.1)
        with client.customer("acme"):
            assert eventually(lambda: is_listening(client))

        assert eventually(lambda: client._feed._poller._thread is None)
        assert not is_listening(client)
        assert client._feed._transport._in_use == set()


def test_without_a_stream_none_is_asked_for(server, stream, connect):
    with http_server(server, stream=stream) as url:
        client = connect(url, stream=False, poll_seconds=0.02)
        with client.customer("acme"):
            assert eventually(lambda: polls(server) > 2)
    assert stream.afters == []


@pytest.mark.parametrize(("told", "means"), [("0", False), ("off", False), ("TRUE", True), ("", True)])
def test_the_environment_says_whether_there_is_to_be_a_stream(monkeypatch, told, means):
    monkeypatch.setenv("LIFTGATE_STREAM", told)

    assert Client("http://127.0.0.1:9", KEY)._settings.stream is means


def test_an_address_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("LIFTGATE_STREAM", "perhaps")

    with pytest.raises(ConfigurationError, match="perhaps"):
        Client("http://127.0.0.1:9", KEY)


PROGRAM = """
import os, sys, threading, time
import liftgate

def wait_until(holds):
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert holds()

client = liftgate.Client(sys.argv[1], sys.argv[2], poll_seconds=3600, load_budget_seconds=5)
with client.customer("acme"):
    wait_until(lambda: client._feed._poller.is_listening)
    child = os.fork()
    if child == 0:
        with client.customer("acme"):
            wait_until(lambda: client._feed._poller.is_listening)
            client.upsert_customer("other")  # the server upgrades acme when it sees this
            wait_until(lambda: client.check("sso").granted)
        client.close()
        print("child is well", flush=True)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    wait_until(lambda: client.check("sso").granted)
    assert client._feed._poller.is_listening
client.close()
print("parent is well")
"""


def test_parent_and_child_have_a_stream_each(server, stream):
    server.before = lambda request: server.upgrade("acme") if request.method == "PUT" else None
    with http_server(server, stream=stream) as url:
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROGRAM, url, KEY],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        stream.end_all()

    assert (ended.returncode, ended.stdout) == (0, "child is well\nparent is well\n"), ended.stderr
    assert len(stream.afters) == 2
