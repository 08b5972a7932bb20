"""`liftgate catalog review`, `rollback`, `schedule`, `scheduled` and `uses`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from liftgate_server.cli.catalog_calls import (
    Exit,
    json_output,
    optional_document,
    print_changes,
    print_json,
    server_options,
    terms_of,
    terms_options,
)
from liftgate_server.cli.management import CallFailed, ManagementApi

__all__ = ["review", "rollback", "schedule", "scheduled", "uses"]

_EFFECTS = ("gains", "losses", "over_limit", "moves")

_optional_file = click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, allow_dash=True))


@click.command()
@_optional_file
@click.option("--accounts", type=click.Choice(_EFFECTS), help="List the accounts with this effect instead.")
@click.option("--fail-on-warnings", is_flag=True, help="End with 1 when there are warnings.")
@terms_options
@json_output
@server_options
def review(api: ManagementApi, file: str | None, **given: Any) -> None:
    """Tell what publishing FILE, or the draft, would do, and to whom. Exit code 4 when it would be refused."""
    terms, as_json = terms_of(given), given["as_json"]
    if given["accounts"] is not None:
        _list_accounts(api, file, {**terms, "effect": given["accounts"]}, as_json=as_json)
        return
    body = optional_document(file)
    found = api.call("GET" if body is None else "POST", "/v1/catalogue/review", query=terms, body=body).json()
    if as_json:
        print_json(found)
    else:
        _print_review(found)
    if found["blocked"]:
        sys.exit(Exit.CONFLICT)
    if found["warnings"] and given["fail_on_warnings"]:
        sys.exit(Exit.DIFFERENT)


@click.command()
@click.argument("version", type=click.IntRange(min=1))
@click.option("--message", default=None, help="Why, for the list of versions.")
@terms_options
@json_output
@server_options
def rollback(api: ManagementApi, version: int, **given: Any) -> None:
    """Publish the document of an older VERSION again, as a new version."""
    terms = {name: value for name, value in terms_of(given).items() if value is not None}
    if "incentive" in terms:
        terms["incentive"] = _read_incentive(terms["incentive"])
    wanted = {"version": version, **terms} | ({} if given["message"] is None else {"message": given["message"]})
    body = ("application/json", json.dumps(wanted).encode())
    done = api.call("POST", "/v1/catalogue/rollback", body=body).json()
    if given["as_json"]:
        print_json(done)
    elif done["changed"]:
        print_changes(done["changes"])
        click.echo(f"Published version {done['version']} with the content of version {version}.")
    else:
        click.echo(f"Version {done['version']} has this content already; nothing was published.")


@click.command()
@_optional_file
@click.option("--at", help="When, such as 2026-12-01T08:00:00Z.")
@click.option("--message", default=None, help="Why, for the list of versions.")
@click.option("--cancel", metavar="ID", help="Take back a publication that still waits.")
@terms_options
@json_output
@server_options
def schedule(api: ManagementApi, file: str | None, **given: Any) -> None:
    """Let FILE, or the draft as it is now, be published by itself --at a time; or --cancel that."""
    terms = terms_of(given)
    if (given["at"] is None) == (given["cancel"] is None):
        raise click.UsageError("Give one of --at and --cancel.")
    if given["cancel"] is not None:
        done = api.call("DELETE", f"/v1/catalogue/scheduled/{given['cancel']}").json()
    else:
        query = {"at": given["at"], "message": given["message"], **terms}
        done = api.call("POST", "/v1/catalogue/scheduled", query=query, body=optional_document(file)).json()
    if given["as_json"]:
        print_json(done)
    else:
        click.echo(_scheduled_line(done))


@click.command()
@json_output
@server_options
def scheduled(api: ManagementApi, *, as_json: bool) -> None:
    """List what was scheduled, and what became of it."""
    found = list(_all_pages(api, "GET", "/v1/catalogue/scheduled", {}))
    if as_json:
        print_json({"items": found})
        return
    for one in found:
        click.echo(_scheduled_line(one))


@click.command()
@click.argument("subject", required=False)
@json_output
@server_options
def uses(api: ManagementApi, subject: str | None, *, as_json: bool) -> None:
    """Tell what uses each part of the catalogue, or SUBJECT alone, such as plan:pro."""
    found = api.call("GET", "/v1/catalogue/uses", query={"subject": subject}).json()
    if as_json:
        print_json(found)
        return
    for in_use in found["items"]:
        click.echo(f"{in_use['subject']}: {_uses_told(in_use)}")


def _list_accounts(api: ManagementApi, file: str | None, query: dict[str, Any], *, as_json: bool) -> None:
    body = optional_document(file)
    method = "GET" if body is None else "POST"
    accounts = _all_pages(api, method, "/v1/catalogue/review/accounts", query, body)
    if as_json:
        print_json({"items": list(accounts)})
        return
    for account in accounts:
        click.echo(f"{account['customer']}: {'; '.join(account['details'])}")


def _all_pages(
    api: ManagementApi, method: str, path: str, query: dict[str, Any], body: tuple[str, bytes] | None = None
) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = api.call(method, path, query={**query, "limit": 200, "cursor": cursor}, body=body).json()
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _read_incentive(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as failure:
        raise CallFailed("the incentive is not JSON") from failure


def _print_review(found: dict[str, Any]) -> None:
    if found["is_empty"]:
        click.echo("Nothing would change.")
    print_changes(found["changes"])
    for warning in found["warnings"]:
        click.echo(click.style(f"Warning: {warning['message']}", fg="yellow"))
    impact = found["impact"]
    click.echo(
        f"Accounts: {impact['gaining']} gain, {impact['losing']} lose, {impact['over_limit']} go over a limit, "
        f"{impact['moving']} move to a new version, {impact['keeping']} keep theirs."
    )
    for plan in impact["plans"]:
        name = f"{plan['plan']}@{plan['from_version']}"
        click.echo(f"  {name}, {plan['accounts']} accounts: {'; '.join((*plan['gains'], *plan['losses']))}")
    for blocked in found["blocked"]:
        click.echo(click.style(f"Cannot be removed: {blocked['subject']} ({_uses_told(blocked)})", fg="red"))


def _uses_told(in_use: dict[str, Any]) -> str:
    return ", ".join(f"{use['count']} {use['kind']}" for use in in_use["by"]) or "not used"


def _scheduled_line(one: dict[str, Any]) -> str:
    outcome = {"published": f"version {one['version']}", "failed": one["reason"]}.get(one["state"], one["message"])
    return f"{one['id']} {one['at']} {one['state']}" + (f": {outcome}" if outcome else "")
