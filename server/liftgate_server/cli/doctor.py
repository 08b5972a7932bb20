"""`liftgate doctor`: is this installation well? Ends with 0 when it is, 1 when it is not."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from liftgate_server.app import create_app
from liftgate_server.cli.doctor_usage import usage
from liftgate_server.cli.examinations import examine
from liftgate_server.cli.opening import read_config
from liftgate_server.plumbing.db import detach_database


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--running", is_flag=True, help="Ask the server that runs with these settings, too.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool, running: bool) -> None:
    """Examine this installation: database, schema, keys, secret, clock, widget, Redis, ports.

    Ends with 0 when all is well, 1 when something is not. It changes nothing.
    """
    if context.invoked_subcommand is None:
        _examine_installation(as_json=as_json, running=running)


doctor.add_command(usage)


def _examine_installation(*, as_json: bool, running: bool) -> None:
    config = read_config(installs=False)
    app = create_app(config)
    try:
        findings = examine(app, config, running=running)
    finally:
        detach_database(app)
    if as_json:
        click.echo(json.dumps({"ok": all(finding.ok for finding in findings), "findings": [*map(asdict, findings)]}))
    else:
        for finding in findings:
            click.echo(f"{'well' if finding.ok else 'ILL '}  {finding.name}: {finding.detail}")
            if finding.advice:
                click.echo(f"      {finding.advice}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)
