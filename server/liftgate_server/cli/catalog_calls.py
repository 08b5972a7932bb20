"""What the commands of `liftgate catalog` share: the server they call, terms, printing, and exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import wraps
from typing import Any, NoReturn, TypeVar

import click

from liftgate_server.cli.catalog_files import read_document, shown
from liftgate_server.cli.management import CallFailed, ManagementApi

__all__ = [
    "YAML",
    "Exit",
    "json_output",
    "optional_document",
    "print_changes",
    "print_json",
    "print_unified",
    "server_options",
    "terms_of",
    "terms_options",
]

YAML = "application/yaml"

Command = TypeVar("Command", bound=Callable[..., Any])

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_INVALID, _CONFLICT = 422, 409


class Exit(IntEnum):
    """What a script is told."""

    DONE = 0
    DIFFERENT = 1
    FAILED = 2
    INVALID = 3
    CONFLICT = 4


def server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --server and --key, and hand over the server they name; the key says which environment."""

    @click.option("--server", envvar="LIFTGATE_URL", show_envvar=True, required=True, help="The server's address.")
    @click.option("--key", envvar="LIFTGATE_MANAGEMENT_KEY", show_envvar=True, required=True, help="A management key.")
    @wraps(command)
    def with_server(*args: Any, server: str, key: str, **kwargs: Any) -> None:
        with _failures_told(kwargs.get("file")):
            command(*args, api=ManagementApi(server, key), **kwargs)

    return with_server


json_output = click.option("--json", "as_json", is_flag=True, help="Print the server's answer as JSON.")


def terms_options(command: Command) -> Command:
    """Add what says whom a publication is for; `terms_of` makes the query of it."""
    for option in (
        click.option("--incentive", help='What moving early brings: {"feature": …, "entitlement": …, "days": …}.'),
        click.option("--notice-days", type=click.IntRange(0, 366), help="Days before, from which they are told (30)."),
        click.option("--starts-at", help="With --audience all: when subscribers move; at once without it."),
        click.option(
            "--audience",
            type=click.Choice(["new", "all"]),
            help="new (default): subscribers keep their version; all: they move to the new one.",
        ),
    ):
        command = option(command)
    return command


def terms_of(given: dict[str, Any]) -> dict[str, Any]:
    """Take the terms out of a command's options."""
    return {name: given.pop(name) for name in ("audience", "starts_at", "notice_days", "incentive")}


def optional_document(file: str | None) -> tuple[str, bytes] | None:
    """Read the file that was named, ``None`` for the draft."""
    return None if file is None else read_document(file)


def print_json(found: object) -> None:
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def print_changes(changes: list[str]) -> None:
    for change in changes:
        click.echo(change)


def print_unified(text: str) -> None:
    for line in text.splitlines():
        click.echo(click.style(line, fg=_COLOURS.get(line[:1])))


@contextmanager
def _failures_told(file: str | None) -> Iterator[None]:
    try:
        yield
    except CallFailed as failure:
        _tell(failure, file)


def _tell(failure: CallFailed, file: str | None) -> NoReturn:
    name = "draft" if file is None else shown(file)
    for problem in failure.problems:
        place = name if problem.line is None else f"{name}:{problem.line}"
        click.echo(
            f"{place}: {problem.path}: {problem.message}" if problem.path else f"{place}: {problem.message}", err=True
        )
    click.echo(f"Error: {failure}", err=True)
    sys.exit({_INVALID: Exit.INVALID, _CONFLICT: Exit.CONFLICT}.get(failure.status or 0, Exit.FAILED))
