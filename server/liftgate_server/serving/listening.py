"""The ports of a server, taken before anything is started: a second server must never quietly share them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.ports import probe_port

__all__ = ["CannotListen", "Ports", "taken_ports"]

_BACKLOG = 4096
_HIGHEST_PORT = 65_535


class CannotListen(Exception):
    """A port is not to be had."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The settings with the ports there are in place of those that were asked for, and the stream's open socket."""

    config: Config
    stream: socket.socket | None


@contextmanager
def taken_ports(config: Config) -> Iterator[Ports]:
    """Take the ports of all roles while the block lasts."""
    with ExitStack() as held:
        port = _hold(held, config.host, config.port, "port")
        pages_port = None
        if config.pages_port is not None:
            pages_port = _hold(held, config.host, config.pages_port, "pages_port")
        wanted = _stream_port(config)
        listening = None if wanted is None else held.enter_context(_listen(config.host, wanted))
        stream_port: int | Literal["off"] = "off" if listening is None else int(listening.getsockname()[1])
        yield Ports(replace(config, port=port, pages_port=pages_port, stream_port=stream_port), listening)


def _stream_port(config: Config) -> int | None:
    if config.stream_port == "off":
        return None
    if config.stream_port is not None:
        return int(config.stream_port)
    # Where any port will do for requests, any will do for the stream.
    return config.port + 1 if 0 < config.port < _HIGHEST_PORT else 0


def _hold(held: ExitStack, host: str, port: int, setting: str) -> int:
    """Keep a port for workers that open it themselves and share it: others that would share it are kept away.

    The socket is bound and never listens. It does not allow the reuse that the probe of a second server asks for.
    """
    try:
        found = probe_port(host, port)
        holder = held.enter_context(socket.socket(_family(host)))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((host, found))
    except OSError as failure:
        raise CannotListen(f"Cannot listen on {host}:{port} ({setting}): {failure.strerror}") from failure
    return found


def _listen(host: str, port: int) -> socket.socket:
    """Open the stream's socket here, so that readers who come while the stream restarts wait in its queue."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
    except OSError as failure:
        advice = "choose another LIFTGATE_STREAM_PORT, or off"
        raise CannotListen(f"Cannot listen on {host}:{port} (stream_port): {failure.strerror}; {advice}") from failure


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
