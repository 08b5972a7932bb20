"""`liftgate serve`."""

from __future__ import annotations

import click

from liftgate_server.access.queries import all_environments
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.cli.serving import run_server
from liftgate_server.plumbing.logs import configure_logs


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 finds a free one.  [default: 8787]")
@click.option("--workers", type=int, help="Processes that answer requests.")
@click.option("--threads", type=int, help="Threads of each worker.")
def serve(host: str | None, port: int | None, workers: int | None, threads: int | None) -> None:
    """Serve the HTTP faces until Ctrl-C or SIGTERM."""
    config = read_config(host=host, port=port, workers=workers, threads=threads)
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    with opened_server(config):
        is_empty = not all_environments()
    if is_empty:
        click.echo("No environment yet. Create one: liftgate environments create production", err=True)
    run_server(config)
