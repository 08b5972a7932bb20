"""`liftgate environments`."""

from __future__ import annotations

import json

import click

from liftgate_server.access.queries import Environment, all_environments, environment_by_key
from liftgate_server.access.service import (
    EnvironmentChanges,
    NewEnvironment,
    create_environment,
    update_environment,
)
from liftgate_server.cli.opening import opened_server, read_config

_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
_origins = click.option("--origin", "origins", multiple=True, help="A page that may use the client face; repeatable.")


@click.group()
def environments() -> None:
    """Create, list and change environments."""


@environments.command()
@click.argument("key")
@click.option("--name")
@_origins
@click.option("--self-confirm", is_flag=True, help="Let buyers complete manual orders alone; for demonstrations.")
@click.option("--language", default="en", show_default=True)
@_as_json
def create(
    key: str, name: str | None, origins: tuple[str, ...], language: str, *, self_confirm: bool, as_json: bool
) -> None:
    """Create the environment KEY."""
    new = NewEnvironment(key, name, origins, self_confirm=self_confirm, default_language=language)
    with opened_server(read_config()):
        made = create_environment(new)
    _show([made], as_json=as_json)
    click.echo(f"Make a key: liftgate keys create --environment {made.key} --kind secret", err=True)


@environments.command("list")
@_as_json
def list_(*, as_json: bool) -> None:
    """List all environments."""
    with opened_server(read_config()):
        found = all_environments()
    _show(found, as_json=as_json)


@environments.command()
@click.argument("key")
@click.option("--name")
@_origins
@click.option("--self-confirm/--no-self-confirm", default=None)
@click.option("--language")
@_as_json
def update(
    key: str,
    name: str | None,
    origins: tuple[str, ...],
    language: str | None,
    *,
    self_confirm: bool | None,
    as_json: bool,
) -> None:
    """Change the environment KEY; what is not named stays. Origins replace the ones before."""
    changes = EnvironmentChanges(name, origins or None, self_confirm=self_confirm, default_language=language)
    with opened_server(read_config()):
        changed = update_environment(environment_by_key(key).id, changes)
    _show([changed], as_json=as_json)


def _show(found: tuple[Environment, ...] | list[Environment], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_described(environment) for environment in found]))
        return
    for environment in found:
        origins = ", ".join(environment.allowed_origins) or "no page"
        click.echo(f"{environment.key}  {environment.name}  {environment.default_language}  client face: {origins}")


def _described(environment: Environment) -> dict[str, object]:
    return {
        "key": environment.key,
        "name": environment.name,
        "allowed_origins": list(environment.allowed_origins),
        "self_confirm": environment.self_confirm,
        "default_language": environment.default_language,
    }
