"""The network of a test ends at this machine."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

GUARDED_EVENTS = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})


class ForeignAddressError(Exception):
    """A test reached for an address outside this machine."""


def is_on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_foreign_addresses(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop a socket before it leaves; as an audit hook it sees every library, also those written in C."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in GUARDED_EVENTS and isinstance(arguments[1], tuple):  # a Unix socket's address is a path
        host = arguments[1][0]
    else:
        return
    if host is not None and not is_on_this_machine(host.decode() if isinstance(host, bytes) else str(host)):
        message = f"{event} for {host!r}: tests talk to 127.0.0.1 only"
        raise ForeignAddressError(message)


def install() -> None:
    sys.addaudithook(refuse_foreign_addresses)
