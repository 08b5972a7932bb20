"""`liftgate catalog draft`: the draft that several people work on, field by field."""

from __future__ import annotations

import json
from typing import Any

import click

from liftgate_server.cli.catalog_calls import json_output, print_json, server_options
from liftgate_server.cli.management import CallFailed, ManagementApi

__all__ = ["draft"]

_DRAFT = "/v1/catalogue/draft"

_base_option = click.option(
    "--base", type=click.IntRange(min=0), help="The revision it was made in; without it the newest one."
)


@click.group()
def draft() -> None:
    """Work on the draft: what will be published next."""


@draft.command("set")
@click.argument("path")
@click.argument("value")
@_base_option
@json_output
@server_options
def set_field(api: ManagementApi, path: str, value: str, *, base: int | None, as_json: bool) -> None:
    """Set the field at PATH, such as plans/pro/rank, to VALUE: JSON, or else taken as text."""
    _edit(api, path, _json_or_text(value), base=base, as_json=as_json)


@draft.command()
@click.argument("path")
@_base_option
@json_output
@server_options
def unset(api: ManagementApi, path: str, *, base: int | None, as_json: bool) -> None:
    """Take out the field at PATH, such as plans/pro/entitlements/exports."""
    _edit(api, path, None, base=base, as_json=as_json)


@draft.command()
@json_output
@server_options
def revisions(api: ManagementApi, *, as_json: bool) -> None:
    """List the newest kept revisions."""
    found = api.call("GET", f"{_DRAFT}/revisions", query={"limit": 200}).json()
    if as_json:
        print_json(found)
        return
    for one in found["items"]:
        what = "discarded" if one["is_discarded"] else f"from version {one['base_version']}"
        click.echo(f"{one['revision']} {one['saved_at']} {one['saved_by'] or '-'}: {what}")


@draft.command()
@_base_option
@click.option("--keep", type=click.Choice(["draft", "published"]), help="Whose value stays where both changed a field.")
@json_output
@server_options
def rebase(api: ManagementApi, *, base: int | None, keep: str | None, as_json: bool) -> None:
    """Merge into the draft what was published since it was begun."""
    query = {"base": _base(api, base), "keep": keep}
    _tell_draft(api.call("POST", f"{_DRAFT}/rebase", query=query).json(), as_json=as_json)


@draft.command()
@_base_option
@server_options
def discard(api: ManagementApi, *, base: int | None) -> None:
    """Give up the draft; its revisions are kept."""
    api.call("DELETE", _DRAFT, query={"base": _base(api, base)})
    click.echo("Discarded the draft.")


def _edit(api: ManagementApi, path: str, value: Any, *, base: int | None, as_json: bool) -> None:
    edit = {"path": path.split("/"), "value": value}
    wanted = {"base_revision": _base(api, base, without=0), "edits": [edit]}
    body = ("application/json", json.dumps(wanted).encode())
    _tell_draft(api.call("PATCH", _DRAFT, body=body).json(), as_json=as_json)


def _base(api: ManagementApi, given: int | None, *, without: int | None = None) -> int:
    if given is not None:
        return given
    try:
        return int(api.call("GET", _DRAFT).json()["revision"])
    except CallFailed as failure:
        if failure.status != 404 or without is None:  # noqa: PLR2004 - not found: there is no draft yet
            raise
        return without


def _tell_draft(saved: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(saved)
    else:
        click.echo(f"The draft is at revision {saved['revision']}.")


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
