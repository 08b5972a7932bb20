"""Where the demo listens: where it was told to, else where it usually does, else wherever there is room."""

from __future__ import annotations

import click

from liftgate_server.plumbing.ports import probe_port

__all__ = ["free_port"]

_HOST = "127.0.0.1"


def free_port(wanted: int | None, usual: int) -> int:
    """Return the wanted port, or say that it is taken; without a wish the usual one, or any that is free."""
    if wanted is not None:
        try:
            return probe_port(_HOST, wanted)
        except OSError as failure:
            raise click.ClickException(f"Port {wanted} is taken; choose another one, or 0 for any.") from failure
    try:
        return probe_port(_HOST, usual)
    except OSError:
        return probe_port(_HOST, 0)
