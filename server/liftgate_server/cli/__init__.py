"""Owns the command line `liftgate`.

Refuses to decide anything: it opens a server or calls one.
May use every room.
"""

from __future__ import annotations

import click

from liftgate_server.cli.catalog import catalog
from liftgate_server.cli.customers import customers
from liftgate_server.cli.database import database
from liftgate_server.cli.demo import demo
from liftgate_server.cli.devstack import devstack
from liftgate_server.cli.doctor import doctor
from liftgate_server.cli.environments import environments
from liftgate_server.cli.keys import keys
from liftgate_server.cli.people import people
from liftgate_server.cli.serve import serve
from liftgate_server.plumbing.logs import log_to_stderr

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="liftgate")
def main() -> None:
    """Liftgate: gates, limits and upgrades for your product.

    Settings come from LIFTGATE_* variables or a TOML file named by LIFTGATE_CONFIG; the default is a SQLite file in
    ./liftgate-data.
    """
    log_to_stderr()


for _command in (serve, demo, devstack, catalog, keys, environments, people, customers, doctor, database):
    main.add_command(_command)
