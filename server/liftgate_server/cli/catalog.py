"""`liftgate catalog`: the catalogue of an environment as a file, so that it can live in Git.

Exit codes: 0 done (`diff`: equal), 1 `diff` found differences, 2 nothing was done because of an error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NoReturn, ParamSpec

import click

from liftgate_server.cli.management import CallFailed, ManagementApi
from liftgate_server.plumbing.bodies import CATALOGUE_BODY_LIMIT_BYTES

__all__ = ["catalog"]

P = ParamSpec("P")

_YAML = "application/yaml"
_JSON = "application/json"
_DIFFERENT = 1
_FAILED = 2
_STANDARD_INPUT = "-"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.group("catalog")
def catalog() -> None:
    """Read, compare and publish the catalogue of an environment."""


def _server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --server and --key, and hand over the server they name; the key says which environment."""

    @click.option("--server", envvar="LIFTGATE_URL", show_envvar=True, required=True, help="The server's address.")
    @click.option("--key", envvar="LIFTGATE_MANAGEMENT_KEY", show_envvar=True, required=True, help="A management key.")
    @wraps(command)
    def with_server(*args: Any, server: str, key: str, **kwargs: Any) -> None:
        with _failures_told(kwargs.get("file")):
            command(*args, api=ManagementApi(server, key), **kwargs)

    return with_server


_file_to_read = click.argument("file", type=click.Path(dir_okay=False, exists=True, allow_dash=True))
_json_output = click.option("--json", "as_json", is_flag=True, help="Print the server's answer as JSON.")


@catalog.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, writable=True, allow_dash=True))
@click.option("--draft", is_flag=True, help="The draft instead of what is published.")
@click.option("--version", type=click.IntRange(min=1), help="An older published version.")
@_server_options
def pull(api: ManagementApi, file: str | None, *, draft: bool, version: int | None) -> None:
    """Write the catalogue as YAML to FILE, or to standard output."""
    if draft and version is not None:
        raise click.UsageError("--draft and --version exclude each other.")
    path = "/v1/catalogue/draft" if draft else "/v1/catalogue"
    answer = api.call("GET", path if version is None else f"{path}/versions/{version}", accept=_YAML)
    if file is None or file == _STANDARD_INPUT:
        click.echo(answer.text, nl=False)
        return
    _write_whole(Path(file), answer.text)
    click.echo(f"{file}: {_name_of(answer.etag)}", err=True)


@catalog.command()
@_file_to_read
@click.option("--base", type=click.IntRange(min=0), default=0, help="The draft's revision it replaces; 0 for none.")
@_server_options
def push(api: ManagementApi, file: str, *, base: int) -> None:
    """Make FILE the draft. Refused when somebody pushed after the revision named by --base."""
    draft = api.call("PUT", "/v1/catalogue/draft", query={"base": base}, body=_read_document(file)).json()
    click.echo(f"Pushed draft revision {draft['revision']}.")


@catalog.command()
@_file_to_read
@click.option("--against", default="published", help="published (default), draft, or the number of a version.")
@_json_output
@_server_options
def diff(api: ManagementApi, file: str, *, against: str, as_json: bool) -> None:
    """Tell how FILE differs from what is published. Exit code 0 when equal, 1 when not, 2 after an error."""
    found = api.call("POST", "/v1/catalogue/diff", query={"against": against}, body=_read_document(file)).json()
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif found["equal"]:
        click.echo(f"{file} is equal to {found['against']}.")
    else:
        _print_changes(found["changes"])
        click.echo()
        _print_unified(found["unified"])
    if not found["equal"]:
        sys.exit(_DIFFERENT)


@catalog.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, allow_dash=True))
@click.option("--base", type=click.IntRange(min=0), help="Refuse unless this version is the published one; 0 for none.")
@click.option("--message", default=None, help="Why, for the list of versions.")
@click.option("--dry-run", is_flag=True, help="Check it and tell what would change; publish nothing.")
@_json_output
@_server_options
def publish(
    api: ManagementApi, file: str | None, *, base: int | None, message: str | None, dry_run: bool, as_json: bool
) -> None:
    """Publish FILE, or the draft, as the next version: wholly or not at all."""
    if dry_run:
        _rehearse(api, file, base=base, as_json=as_json)
        return
    body = None if file is None else _read_document(file)
    done = api.call("POST", "/v1/catalogue/publish", query={"base": base, "message": message}, body=body).json()
    if as_json:
        click.echo(json.dumps(done, indent=2, ensure_ascii=False))
    elif done["changed"]:
        _print_changes(done["changes"])
        click.echo(f"Published version {done['version']}.")
    else:
        click.echo(f"Version {done['version']} has this content already; nothing was published.")


def _rehearse(api: ManagementApi, file: str | None, *, base: int | None, as_json: bool) -> None:
    current = api.call("GET", "/v1/catalogue").json()["version"]
    if base is not None and base != current:
        raise CallFailed(f"The current version is {current}, not {base}; compare with it first. (stale_base)")
    body = _read_document(file) if file is not None else _draft_document(api)
    found = api.call("POST", "/v1/catalogue/diff", body=body).json()
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    _print_changes(found["changes"])
    click.echo("Nothing would change." if found["equal"] else f"Would be published as version {current + 1}.")


def _draft_document(api: ManagementApi) -> tuple[str, bytes]:
    return _YAML, api.call("GET", "/v1/catalogue/draft", accept=_YAML).text.encode()


def _read_document(file: str) -> tuple[str, bytes]:
    content = _read_bytes(file)
    if not content:
        # To the server an empty body means the draft, which is not what was named.
        raise CallFailed(f"{_shown(file)} is empty; nothing was sent.")
    if len(content) > CATALOGUE_BODY_LIMIT_BYTES:
        # A server may hang up on it before its answer is read.
        raise CallFailed(f"{_shown(file)} is larger than {CATALOGUE_BODY_LIMIT_BYTES // 1024**2} MB; nothing was sent.")
    return (_JSON if file.endswith(".json") else _YAML), content


def _read_bytes(file: str) -> bytes:
    if file == _STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as failure:
        raise CallFailed(f"cannot read {file}: {failure.strerror}") from failure


def _shown(file: str) -> str:
    return "<stdin>" if file == _STANDARD_INPUT else file


def _write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that an interruption leaves the old one."""
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
            new.write(text)
        try:
            _keep_mode(path, Path(new.name))
            Path(new.name).replace(path)
        finally:
            Path(new.name).unlink(missing_ok=True)
    except OSError as failure:
        raise CallFailed(f"cannot write {path}: {failure.strerror}") from failure


def _keep_mode(old: Path, new: Path) -> None:
    # A temporary file is private; the catalogue is an ordinary file of the project.
    if old.exists():
        new.chmod(old.stat().st_mode & 0o777)
        return
    mask = os.umask(0)
    os.umask(mask)
    new.chmod(0o666 & ~mask)


def _name_of(etag: str) -> str:
    word = {"c": "version", "d": "draft revision"}.get(etag[:1], "version")
    return f"{word} {etag[1:]}"


def _print_changes(changes: list[str]) -> None:
    for change in changes:
        click.echo(change)


def _print_unified(text: str) -> None:
    for line in text.splitlines():
        click.echo(click.style(line, fg=_COLOURS.get(line[:1])))


@contextmanager
def _failures_told(file: str | None) -> Iterator[None]:
    try:
        yield
    except CallFailed as failure:
        _tell(failure, file or "draft")


def _tell(failure: CallFailed, file: str) -> NoReturn:
    name = _shown(file)
    for problem in failure.problems:
        place = name if problem.line is None else f"{name}:{problem.line}"
        click.echo(
            f"{place}: {problem.path}: {problem.message}" if problem.path else f"{place}: {problem.message}", err=True
        )
    click.echo(f"Error: {failure}", err=True)
    sys.exit(_FAILED)
