"""`liftgate serve`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from liftgate_server.access.first_run import setup_link
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.logs import configure_logs
from liftgate_server.serving.listening import CannotListen
from liftgate_server.serving.running import run_server

__all__ = ["serve", "serve_until_ended"]


@click.command()
@click.option("--config", "file", type=click.Path(exists=True, dir_okay=False), help="TOML file of settings.")
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 finds a free one.  [default: 8787]")
@click.option("--workers", type=int, help="Processes that answer requests.")
@click.option("--threads", type=int, help="Threads of each worker.")
@click.option("--stream-port", help="Port of the stream; 0 finds a free one, off runs none.  [default: the next one]")
@click.option("--stream-url", help="Where readers find the stream when a proxy leads there: https://stream.example.com")
@click.option("--pages-port", type=int, help="Port of a process of its own for the pages.  [default: none]")
def serve(file: str | None, **options: Any) -> None:
    """Serve until Ctrl-C or SIGTERM: request workers, the stream, the periodic work.

    Each is a process that is started again when it dies. Every option is a setting too: --stream-port is
    LIFTGATE_STREAM_PORT, or stream_port in the file. At the end, requests under way are answered and the readers of
    the stream are told to come back.

    Exit codes: 0 ended as asked, 1 could not start, 2 wrong options, 3 something had to be killed at the end.
    """
    if file is not None:
        os.environ["LIFTGATE_CONFIG"] = file
    config = read_config(**options)
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    with opened_server(config):
        first_run = setup_link(config)
    if first_run is not None:
        click.echo(f"Nobody can sign in to the pages yet. Make the first owner: {first_run}", err=True)
    sys.exit(serve_until_ended(config))


def serve_until_ended(config: Config) -> int:
    """Run the server and return its exit code; a taken port ends the command with a sentence."""
    try:
        return run_server(config)
    except CannotListen as failure:
        raise click.ClickException(str(failure)) from failure
