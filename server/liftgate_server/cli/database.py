"""`liftgate db`."""

from __future__ import annotations

import click

from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.plumbing.migrating import current_revision


@click.group("db")
def database() -> None:
    """Look after the database."""


@database.command()
def upgrade() -> None:
    """Bring the schema to the version of this program; `serve` does so by itself."""
    with opened_server(read_config()):
        click.echo(f"The database has the schema {current_revision()}.")
