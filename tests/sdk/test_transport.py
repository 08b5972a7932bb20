"""HTTP as it is spoken: connections kept, dropped ones noticed, answers unpacked and bounded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from liftgate import ServerUnreachable
from liftgate.configuration import parse_address, parse_key
from liftgate.messages import Request
from liftgate.transport import HttpTransport
from tests.sdk.conftest import KEY
from tests.sdk.fake_server import FakeServer
from tests.sdk.socket_servers import http_server


@pytest.fixture
def server() -> FakeServer:
    fake = FakeServer()
    fake.put("acme")
    return fake


@pytest.fixture
def transport_to() -> Iterator[Callable[[str], HttpTransport]]:
    made: list[HttpTransport] = []

    def make(url: str) -> HttpTransport:
        made.append(HttpTransport(parse_address(url), parse_key(KEY)))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def get(transport: HttpTransport, path: str = "/v1/snapshot"):
    return transport.send(Request("GET", path), timeout_seconds=10)


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_arrives_whole(server, zipped, transport_to):
    with http_server(server, zipped=zipped) as url:
        response = get(transport_to(url))

    assert response.status == 200
    assert response.headers["etag"] == '"c1"'
    assert response.body.startswith(b'{"wire": 1')


def test_a_server_that_closes_after_each_answer_is_understood(server, transport_to):
    # More than arrives together with the head, so that reading goes on after http.client has closed its end.
    server.catalogue = {**server.catalogue, "gates": {f"g{number}": {"requires": "sso"} for number in range(2000)}}
    with http_server(server, protocol="HTTP/1.0") as url:
        transport = transport_to(url)
        responses = [get(transport), get(transport)]

    assert [response.status for response in responses] == [200, 200]
    assert transport._idle == []


def test_the_key_travels_in_a_header_only(server, transport_to):
    with http_server(server) as url:
        get(transport_to(url))

    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in server.requests[0].path


def test_the_prefix_of_the_address_is_kept(server, transport_to):
    with http_server(server) as url:
        transport_to(f"{url}/liftgate/").send(Request("GET", "/v1/snapshot"), timeout_seconds=10)

    assert server.requests[0].path == "/liftgate/v1/snapshot"


def test_one_connection_serves_many_requests(server, transport_to):
    with http_server(server) as url:
        transport = transport_to(url)
        get(transport)
        connection = transport._idle[0]
        for _ in range(3):
            get(transport)

        assert transport._idle == [connection]


class Scripted:
    """A server that answers one request per connection, takes another one, and hangs up."""

    def __init__(self) -> None:
        self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                with peer:
                    self.requests += bool(peer.recv(65536))
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                    # As a server does that ends while we write.
                    self.requests += bool(peer.recv(65536))

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    yield server
    server.close()


def test_a_read_is_sent_again_when_a_kept_connection_was_dropped(scripted, transport_to):
    transport = transport_to(scripted.url)

    assert get(transport).body == b"{}"
    assert get(transport).body == b"{}"
    assert scripted.requests == 3


def test_a_write_is_never_sent_again(scripted, transport_to):
    transport = transport_to(scripted.url)
    get(transport)

    with pytest.raises(ServerUnreachable):
        transport.send(Request("POST", "/v1/orders", body=b"{}"), timeout_seconds=10)
    assert scripted.requests == 2


def test_a_connection_that_was_closed_while_idle_is_not_used(server, transport_to):
    with http_server(server) as url:
        transport = transport_to(url)
        get(transport)
        transport._idle[0].interrupt()
        response = transport.send(Request("PUT", "/v1/customers/acme", body=b"{}"), timeout_seconds=10)

    assert response.status == 200


def test_an_answer_without_end_is_cut_off(server, monkeypatch, transport_to):
    monkeypatch.setattr("liftgate.connections._MAX_BODY_BYTES", 100)
    with http_server(server) as url, pytest.raises(ServerUnreachable, match="larger"):
        get(transport_to(url))


def test_a_bomb_is_not_unpacked(server, monkeypatch, transport_to):
    monkeypatch.setattr("liftgate.connections._MAX_BODY_BYTES", 400)
    server.catalogue = {**server.catalogue, "gates": {f"g{number}": {"requires": "sso"} for number in range(2000)}}
    with http_server(server, zipped=True) as url, pytest.raises(ServerUnreachable):
        get(transport_to(url))


def test_after_closing_nothing_is_sent(server, transport_to):
    with http_server(server) as url:
        transport = transport_to(url)
        get(transport)
        transport.close()
        with pytest.raises(ServerUnreachable, match="closed"):
            get(transport)

    assert len(server.requests) == 1


def test_a_server_without_a_trusted_certificate_is_refused(server, transport_to):
    with http_server(server) as url, pytest.raises(ServerUnreachable):
        get(transport_to(url.replace("http:", "https:")))
