"""`liftgate people`: who signs in to the pages, managed directly on the database, also when nobody can sign in."""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

import click

from liftgate_server.access.caller import Role
from liftgate_server.access.people import create_person, disable_person, make_reset_link
from liftgate_server.access.people_queries import Person, list_people, person_by_email
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.plumbing.paging import LARGEST_PAGE
from liftgate_server.plumbing.shapes import write_instant

_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def people() -> None:
    """Create, list and disable the people who sign in to the pages."""


@people.command()
@click.argument("email")
@click.option("--name", help="How the pages call them.  [default: what stands before the @]")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="owner", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@_as_json
def create(email: str, name: str | None, role: str, *, password_stdin: bool, as_json: bool) -> None:
    """Create the person EMAIL with a role in every environment, and show a password that was made for them."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(15)
    with opened_server(read_config()):
        made = create_person(email, name or email.partition("@")[0], role=Role(role), password=password)
    shown = None if password_stdin else password
    if as_json:
        click.echo(json.dumps({**_described(made), "password": shown}))
        return
    click.echo(f"{made.email} is {made.role}.")
    if shown is not None:
        click.echo(f"Password: {shown}")
        click.echo("Keep it now: it is not shown again.", err=True)


@people.command("list")
@_as_json
def list_(*, as_json: bool) -> None:
    """List everybody."""
    with opened_server(read_config()):
        found = _everybody()
    if as_json:
        click.echo(json.dumps([_described(person) for person in found]))
        return
    for person in found:
        click.echo(f"{person.email}  {person.role or 'no role':<9}  {_state(person):<14}  {person.name}")


@people.command("reset-password")
@click.argument("email")
@_as_json
def reset_password(email: str, *, as_json: bool) -> None:
    """Make a link by which the person EMAIL chooses a new password, once, within three days."""
    with opened_server(read_config()):
        made = make_reset_link(person_by_email(email).id)
    path = f"/admin/link/{made.token}"
    if as_json:
        click.echo(json.dumps({"email": made.person.email, "path": path}))
        return
    click.echo(path)
    click.echo("Put the server's address before it, and send it to the person alone.", err=True)


@people.command()
@click.argument("email")
def disable(email: str) -> None:
    """Keep the person EMAIL out from the next request on."""
    with opened_server(read_config()):
        disable_person(person_by_email(email).id)
    click.echo(f"{email} is disabled.")


def _everybody() -> list[Person]:
    found: list[Person] = []
    cursor: str | None = None
    while True:
        page = list_people(cursor=cursor, limit=LARGEST_PAGE)
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


def _state(person: Person) -> str:
    if person.disabled_at is not None:
        return "disabled"
    if not person.has_password:
        return "invited"
    return "has signed in" if person.signed_in_at else "never signed in"


def _described(person: Person) -> dict[str, Any]:
    instants = {
        "created_at": person.created_at,
        "disabled_at": person.disabled_at,
        "signed_in_at": person.signed_in_at,
    }
    return {"id": person.id, "email": person.email, "name": person.name, "role": person.role} | {
        name: None if at is None else write_instant(at) for name, at in instants.items()
    }
