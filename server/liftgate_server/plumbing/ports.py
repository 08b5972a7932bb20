"""Whether a port can be listened on, asked before a server tries."""

from __future__ import annotations

import socket

__all__ = ["probe_port"]


def probe_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0; raises ``OSError`` where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Like a server that starts again: connections of the last one that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])
