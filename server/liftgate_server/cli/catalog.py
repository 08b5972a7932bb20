"""`liftgate catalog`: the catalogue of an environment as a file, so that it can live in Git."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from liftgate_server.cli.catalog_calls import (
    YAML,
    Exit,
    json_output,
    optional_document,
    print_changes,
    print_json,
    print_unified,
    server_options,
    terms_of,
    terms_options,
)
from liftgate_server.cli.catalog_draft import draft
from liftgate_server.cli.catalog_files import STANDARD_INPUT, read_document, write_whole
from liftgate_server.cli.catalog_publishing import review, rollback, schedule, scheduled, uses
from liftgate_server.cli.management import Answer, CallFailed, ManagementApi

__all__ = ["catalog"]

_NOTHING_PUBLISHED = "c0"


@click.group("catalog")
def catalog() -> None:
    """Read, compare and publish the catalogue of an environment.

    Exit codes: 0 done (diff: equal), 1 diff found differences (review: warnings that were to count), 2 a wrong command,
    a server that cannot be reached or a key that may not, 3 the document is not valid, 4 a conflict: others published
    or edited in the meantime, or something would be removed that is in use.
    """


_file_to_read = click.argument("file", type=click.Path(dir_okay=False, exists=True, allow_dash=True))


@catalog.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, writable=True, allow_dash=True))
@click.option("--draft", "of_draft", is_flag=True, help="The draft instead of what is published.")
@click.option("--version", type=click.IntRange(min=1), help="An older published version.")
@server_options
def pull(api: ManagementApi, file: str | None, *, of_draft: bool, version: int | None) -> None:
    """Write the catalogue as YAML to FILE, or to standard output. Refused while nothing is published."""
    if of_draft and version is not None:
        raise click.UsageError("--draft and --version exclude each other.")
    path = "/v1/catalogue/draft" if of_draft else "/v1/catalogue"
    answer = api.call("GET", path if version is None else f"{path}/versions/{version}", accept=YAML)
    _refuse_nothing(answer)
    if file is None or file == STANDARD_INPUT:
        click.echo(answer.text, nl=False)
        return
    write_whole(Path(file), answer.text)
    click.echo(f"{file}: {_name_of(answer.etag)}", err=True)


def _refuse_nothing(answer: Answer) -> None:
    if answer.etag == _NOTHING_PUBLISHED:
        # An empty catalogue in a file waits to be published over the real one.
        raise CallFailed("nothing is published in this environment yet; nothing was written")


@catalog.command()
@_file_to_read
@click.option("--base", type=click.IntRange(min=0), default=0, help="The draft's revision it replaces; 0 for none.")
@click.option("--merge", is_flag=True, help="Merge in what others saved since --base, instead of being refused.")
@server_options
def push(api: ManagementApi, file: str, *, base: int, merge: bool) -> None:
    """Make FILE the draft. Refused when somebody saved after the revision named by --base, unless merged."""
    query = {"base": base, "merge": "true" if merge else None}
    pushed = api.call("PUT", "/v1/catalogue/draft", query=query, body=read_document(file)).json()
    click.echo(f"Pushed draft revision {pushed['revision']}.")


@catalog.command()
@_file_to_read
@click.option("--against", default="published", help="published (default), draft, or the number of a version.")
@click.option("--exit-code/--no-exit-code", default=True, help="End with 1 when there are differences (default).")
@json_output
@server_options
def diff(api: ManagementApi, file: str, *, against: str, exit_code: bool, as_json: bool) -> None:
    """Tell how FILE differs from what is published. Exit code 0 when equal, 1 when not."""
    found = api.call("POST", "/v1/catalogue/diff", query={"against": against}, body=read_document(file)).json()
    if as_json:
        print_json(found)
    elif found["equal"]:
        click.echo(f"{file} is equal to {found['against']}.")
    else:
        print_changes(found["changes"])
        click.echo()
        print_unified(found["unified"])
    if exit_code and not found["equal"]:
        sys.exit(Exit.DIFFERENT)


@catalog.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, allow_dash=True))
@click.option("--base", type=click.IntRange(min=0), help="Refuse unless this version is the published one; 0 for none.")
@click.option("--message", default=None, help="Why, for the list of versions.")
@click.option("--dry-run", is_flag=True, help="Check it and tell what would change; publish nothing.")
@terms_options
@json_output
@server_options
def publish(api: ManagementApi, file: str | None, **given: Any) -> None:
    """Publish FILE, or the draft, as the next version: wholly or not at all."""
    terms, as_json = terms_of(given), given["as_json"]
    if given["dry_run"]:
        _rehearse(api, file, base=given["base"], terms=terms, as_json=as_json)
        return
    query = {"base": given["base"], "message": given["message"], **terms}
    done = api.call("POST", "/v1/catalogue/publish", query=query, body=optional_document(file)).json()
    if as_json:
        print_json(done)
    elif done["changed"]:
        print_changes(done["changes"])
        click.echo(f"Published version {done['version']}.")
    else:
        click.echo(f"Version {done['version']} has this content already; nothing was published.")


def _rehearse(api: ManagementApi, file: str | None, *, base: int | None, terms: dict[str, Any], as_json: bool) -> None:
    if file is None:
        api.call("GET", "/v1/catalogue/draft")
    body = optional_document(file)
    found = api.call("GET" if body is None else "POST", "/v1/catalogue/review", query=terms, body=body).json()
    current = found["base_version"]
    if base is not None and base != current:
        message = f"The current version is {current}, not {base}; compare with it first. (stale_base)"
        raise CallFailed(message, status=409)
    if found["blocked"]:
        names = ", ".join(blocked["subject"] for blocked in found["blocked"])
        raise CallFailed(f"What is in use cannot be removed: {names}. (in_use)", status=409)
    if as_json:
        print_json(found)
        return
    print_changes(found["changes"])
    click.echo("Nothing would change." if found["is_empty"] else f"Would be published as version {current + 1}.")


def _name_of(etag: str) -> str:
    word = {"c": "version", "d": "draft revision"}.get(etag[:1], "version")
    return f"{word} {etag[1:]}"


for _command in (review, rollback, schedule, scheduled, uses, draft):
    catalog.add_command(_command)
