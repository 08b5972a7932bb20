"""`liftgate demo`."""

from __future__ import annotations

import importlib

import click


@click.command()
@click.option("--port", type=int, default=8787, show_default=True, help="Where the server listens.")
@click.option("--host-port", type=int, default=8788, show_default=True, help="Where the example app listens.")
def demo(port: int, host_port: int) -> None:
    """Start a server and an example app to click through; Ctrl-C ends both."""
    # Late: the demonstration stands above the server, and every other command can do without it.
    run = importlib.import_module("liftgate_server.demo.run")
    run.run_demo(port=port, host_port=host_port)
