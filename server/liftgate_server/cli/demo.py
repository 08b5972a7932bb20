"""`liftgate demo`."""

from __future__ import annotations

import click

from liftgate_server.cli.serve import serve_until_ended
from liftgate_server.demo.run import run_demo

_PORT = click.IntRange(0, 65_535)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Where the server listens.  [default: 8787, or a free one]")
@click.option(
    "--host-port", type=click.IntRange(0, 65535), help="Where the host app listens.  [default: 8788, or a free one]"
)
def demo(port: int | None, host_port: int | None) -> None:
    """Start a seeded server and a host app to click through; Ctrl-C ends both and leaves nothing behind."""
    run_demo(port=port, host_port=host_port, serve=serve_until_ended)
