"""`liftgate keys`: keys, made and revoked directly on the database."""

from __future__ import annotations

import json

import click

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.queries import ApiKey, environment_by_key, list_keys
from liftgate_server.access.service import create_key, revoke_key
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.plumbing.paging import LARGEST_PAGE
from liftgate_server.plumbing.shapes import write_instant

_environment = click.option("--environment", required=True, help="The environment's key.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def keys() -> None:
    """Make, list and revoke keys."""


@keys.command()
@_environment
@click.option("--kind", type=click.Choice(["secret", "management"]), default="secret", show_default=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Of a management key.")
@click.option("--name", default="made on the command line", show_default=True)
@_as_json
def create(environment: str, kind: str, role: str | None, name: str, *, as_json: bool) -> None:
    """Make a key and show it, this once."""
    with opened_server(read_config()):
        owner = environment_by_key(environment)
        made = create_key(owner.id, CallerKind(kind), name=name, role=None if role is None else Role(role))
    if as_json:
        click.echo(json.dumps({**_described(made.key), "key": made.text}))
        return
    click.echo(made.text)
    click.echo("Keep it now: it is not shown again.", err=True)


@keys.command("list")
@_environment
@_as_json
def list_(environment: str, *, as_json: bool) -> None:
    """List the keys of an environment."""
    found: list[ApiKey] = []
    cursor: str | None = None
    with opened_server(read_config()):
        owner = environment_by_key(environment)
        while True:
            page = list_keys(owner.id, cursor=cursor, limit=LARGEST_PAGE)
            found.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
    if as_json:
        click.echo(json.dumps([_described(key) for key in found]))
        return
    for key in found:
        state = "revoked" if key.revoked_at else "in use" if key.last_used_at else "not used yet"
        click.echo(f"{key.id}  {key.kind:<10}  {key.role or '-':<9}  {state:<12}  {key.name}")


@keys.command()
@_environment
@click.argument("key_id")
def revoke(environment: str, key_id: str) -> None:
    """Refuse a key from the next request on."""
    with opened_server(read_config()):
        revoke_key(environment_by_key(environment).id, key_id)
    click.echo(f"The key {key_id} is revoked.")


def _described(key: ApiKey) -> dict[str, str | None]:
    instants = {"created_at": key.created_at, "revoked_at": key.revoked_at, "last_used_at": key.last_used_at}
    return {"id": key.id, "kind": key.kind, "role": key.role, "name": key.name} | {
        name: None if at is None else write_instant(at) for name, at in instants.items()
    }
