"""Ports are taken before anything starts, and by one server only."""

from __future__ import annotations

import socket

import pytest

from liftgate_server.plumbing.ports import probe_port
from liftgate_server.serving.listening import CannotListen, taken_ports
from tests.databases import make_config

HOST = "127.0.0.1"


def test_a_free_port_is_found_for_every_role(tmp_path):
    with taken_ports(make_config(tmp_path, port=0, stream_port=None, pages_port=0)) as ports:
        found = {ports.config.port, ports.config.stream_port, ports.config.pages_port}

    assert len(found) == 3
    assert all(isinstance(port, int) and port > 0 for port in found)


def test_the_port_of_requests_is_kept_also_while_no_worker_listens(tmp_path):
    with taken_ports(make_config(tmp_path, port=0, stream_port="off")) as ports:
        with pytest.raises(OSError, match="in use"):
            probe_port(HOST, ports.config.port)
        with pytest.raises(CannotListen, match=r"\(port\)"), taken_ports(ports.config):
            pass


def test_workers_can_still_share_it(tmp_path):
    with taken_ports(make_config(tmp_path, port=0, stream_port="off")) as ports, socket.socket() as worker:
        worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        worker.bind((HOST, ports.config.port))
        worker.listen()

        with socket.create_connection((HOST, ports.config.port), timeout=5) as client:
            assert client.getpeername()[1] == ports.config.port


def test_the_stream_has_the_next_port_unless_told_otherwise(tmp_path):
    port = free_pair()

    with taken_ports(make_config(tmp_path, port=port, stream_port=None)) as ports:
        assert ports.config.stream_port == port + 1


def test_a_taken_next_port_is_an_error_not_another_port(tmp_path):
    port = free_pair()

    with (
        socket.create_server((HOST, port + 1)),
        pytest.raises(CannotListen, match="stream_port"),
        taken_ports(make_config(tmp_path, port=port, stream_port=None)),
    ):
        pass


def free_pair() -> int:
    """Find a free port with a free one after it."""
    while True:
        port = probe_port(HOST, 0)
        try:
            return probe_port(HOST, port + 1) - 1
        except OSError:
            continue
