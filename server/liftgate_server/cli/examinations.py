"""What `liftgate doctor` looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.access.queries import all_environments, list_keys
from liftgate_server.cli.finding import Finding
from liftgate_server.cli.place_examinations import examine_files, examine_port, examine_redis, examine_secret
from liftgate_server.cli.running_examinations import examine_requests, examine_stream
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import db, integrity_problems, normalise_url
from liftgate_server.plumbing.migrating import current_revision, wanted_revision

_OLDEST_PLAUSIBLE = datetime(2026, 1, 1, tzinfo=UTC)  # this program did not exist before
_CLOCK_TOLERANCE = timedelta(minutes=5)


Examination = Callable[[Config], Iterator[Finding]]


def examine(app: Flask, config: Config, *, running: bool = False) -> list[Finding]:
    """Examine the installation, and the server that runs on it or the port it will need."""
    of_the_place = (*_OF_THE_PLACE, *(_OF_THE_SERVER if running else (examine_port,)))
    findings: list[Finding] = []
    missing = _missing_database(config)
    if missing is not None:
        findings.append(missing)
    # Looking into a file that is not there would make it.
    for examination in of_the_place if missing else (*_OF_THE_DATABASE, *of_the_place):
        with app.app_context():
            try:
                findings.extend(examination(config))
            except SQLAlchemyError as failure:
                name = examination.__name__.removeprefix("_").removeprefix("examine_")
                findings.append(Finding(name, ok=False, detail=str(failure.__cause__ or failure)))
    return findings


def _missing_database(config: Config) -> Finding | None:
    url = normalise_url(config.database_url)
    if url.get_backend_name() != "sqlite" or Path(url.database or "").exists():
        return None
    return Finding("database", ok=False, detail=f"no file {url.database} yet", advice="Run: liftgate db upgrade")


def _examine_database(_config: Config) -> Iterator[Finding]:
    problems = integrity_problems()
    shown = db.engine.url.render_as_string(hide_password=True)
    detail = "; ".join(problems) or f"whole and writable ({shown})"
    yield Finding("database", ok=not problems, detail=detail, advice="Restore a backup." if problems else None)


def _examine_schema(_config: Config) -> Iterator[Finding]:
    current, wanted = current_revision(), wanted_revision()
    advice = None if current == wanted else "Run: liftgate db upgrade"
    yield Finding("schema", ok=current == wanted, detail=f"{current}, wanted {wanted}", advice=advice)


def _examine_keys(_config: Config) -> Iterator[Finding]:
    if current_revision() is None:
        yield Finding("keys", ok=False, detail="no table yet", advice="Run: liftgate db upgrade")
        return
    environments = all_environments()
    if not environments:
        yield Finding("keys", ok=False, detail="no environment", advice="Run: liftgate environments create production")
    for environment in environments:
        live = [key for key in list_keys(environment.id, limit=200).items if key.revoked_at is None]
        advice = None if live else f"Run: liftgate keys create --environment {environment.key}"
        yield Finding(f"keys of {environment.key}", ok=bool(live), detail=f"{len(live)} in force", advice=advice)


def _examine_clock(_config: Config) -> Iterator[Finding]:
    now = datetime.now(UTC)
    latest = db.session.scalar(text("SELECT max(at) FROM changes")) if current_revision() else None
    written = None if latest is None else datetime.fromisoformat(str(latest))
    if written is not None and written.tzinfo is None:
        written = written.replace(tzinfo=UTC)
    runs = now > _OLDEST_PLAUSIBLE and (written is None or written <= now + _CLOCK_TOLERANCE)
    advice = None if runs else "Set the clock: what was written lies in its future."
    yield Finding("clock", ok=runs, detail=now.isoformat(timespec="seconds"), advice=advice)


_OF_THE_DATABASE: tuple[Examination, ...] = (_examine_database, _examine_schema, _examine_keys, _examine_clock)
_OF_THE_PLACE: tuple[Examination, ...] = (examine_secret, examine_files, examine_redis)
_OF_THE_SERVER: tuple[Examination, ...] = (examine_requests, examine_stream)
