"""`liftgate customers`: what is owed to the people behind the data, directly on the database."""

from __future__ import annotations

import json
from typing import BinaryIO

import click

from liftgate_server.access.queries import environment_by_key
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.plumbing.shapes import write_instant
from liftgate_server.privacy import service
from liftgate_server.privacy.facts import Erasure, ErasureState

_environment = click.option("--environment", required=True, help="The environment's key.")


@click.group()
def customers() -> None:
    """Hand out what is known of a customer, or forget one."""


@customers.command()
@_environment
@click.option("--output", type=click.File("wb"), default="-", help="Where to; standard output without it.")
@click.argument("customer")
def export(environment: str, customer: str, output: BinaryIO) -> None:
    """Write every row about a customer, one JSON object a line; the last line counts the others."""
    with opened_server(read_config()):
        output.writelines(service.export(environment_by_key(environment).id, customer))


@customers.command()
@_environment
@click.option("--user", help="Forget this person only; the account goes on.")
@click.option("--confirm", help="The id that is to be forgotten, once more; asked for without it.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.argument("customer")
def erase(environment: str, customer: str, user: str | None, confirm: str | None, *, as_json: bool) -> None:
    """Forget a customer, or a user of one, for good. What was counted and paid stays under a pseudonym."""
    whom = customer if user is None else user
    said = confirm if confirm is not None else click.prompt(f"There is no way back. Type {whom!r} to confirm", err=True)
    with opened_server(read_config()):
        owner = environment_by_key(environment)
        erasure = _erase(owner.id, customer, user, confirm=said)
        while erasure.state is ErasureState.RUNNING:
            erasure = _erase(owner.id, customer, user, confirm=said)
    if as_json:
        click.echo(json.dumps(_described(erasure)))
        return
    click.echo(f"Forgotten. {sum(erasure.rows.values())} rows are changed; what stays is under {erasure.pseudonym}.")


def _erase(environment_id: int, customer: str, user: str | None, *, confirm: str) -> Erasure:
    if user is None:
        return service.erase_customer(environment_id, customer, confirm=confirm)
    return service.erase_user(environment_id, customer, user, confirm=confirm)


def _described(erasure: Erasure) -> dict[str, object]:
    return {
        "id": erasure.id,
        "kind": erasure.kind,
        "pseudonym": erasure.pseudonym,
        "state": erasure.state,
        "rows": dict(erasure.rows),
        "requested_by": erasure.requested_by,
        "requested_at": write_instant(erasure.requested_at),
        "finished_at": None if erasure.finished_at is None else write_instant(erasure.finished_at),
    }
