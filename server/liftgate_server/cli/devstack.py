"""`liftgate devstack`."""

from __future__ import annotations

import json
import shlex
import signal
import sys

import click

from liftgate_server.plumbing.devstack import Devstack, ServerFailed
from liftgate_server.plumbing.devstack_binaries import MissingProgram


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write the settings as one line of JSON.")
@click.option("--durable", is_flag=True, help="Wait for the disk as a real server does; for measuring.")
def devstack(*, as_json: bool, durable: bool) -> None:
    """Run a PostgreSQL and a Redis of your own until Ctrl-C; everything in them is thrown away.

    The first lines say how a server finds them: paste them into another terminal and start `liftgate serve` there.
    The programs are those named by LIFTGATE_POSTGRESQL_BIN (a folder) and LIFTGATE_REDIS_SERVER, else the system's,
    else those of the extra liftgate[devstack].
    """
    # Like Ctrl-C: the servers are ended in order and their folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with Devstack(durable=durable) as stack:
            _tell(stack.settings(), as_json=as_json)
            while True:
                signal.pause()
    except (MissingProgram, ServerFailed) as failure:
        raise click.ClickException(str(failure)) from failure
    except KeyboardInterrupt:
        return


def _tell(settings: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(settings))
    else:
        for name, value in settings.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        click.echo("# Ctrl-C ends both servers")
    sys.stdout.flush()
