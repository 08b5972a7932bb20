"""Where the demo listens: where it was told to, else where it usually does, else wherever there is room."""

from __future__ import annotations

import socket

import click

__all__ = ["free_port"]


def free_port(wanted: int | None, usual: int) -> int:
    """Return the wanted port, or say that it is taken; without a wish the usual one, or any that is free."""
    if wanted is not None and wanted != 0:
        if not _is_free(wanted):
            raise click.ClickException(f"Port {wanted} is taken; choose another one, or 0 for any.")
        return wanted
    if wanted is None and _is_free(usual):
        return usual
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
