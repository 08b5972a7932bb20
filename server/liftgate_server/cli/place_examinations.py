"""What `liftgate doctor` looks at outside of the database."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from liftgate_server.cli.finding import Finding
from liftgate_server.plumbing.config import Config, secret_file
from liftgate_server.plumbing.ports import probe_port
from liftgate_server.plumbing.redis import attempt as redis_attempt
from liftgate_server.plumbing.resources import MissingResource, payload_schema_file, widget_file

__all__ = ["examine_files", "examine_port", "examine_redis", "examine_secret"]


def examine_secret(config: Config) -> Iterator[Finding]:
    path = secret_file(config.data_directory)
    if not path.exists():
        yield Finding("secret", ok=True, detail="given by LIFTGATE_SECRET")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    is_private = not mode & 0o077
    advice = None if is_private else f"Run: chmod 600 {path}"
    yield Finding("secret", ok=is_private, detail=f"{path} has the mode {mode:04o}", advice=advice)


def examine_files(_config: Config) -> Iterator[Finding]:
    for name, find in (("widget", widget_file), ("payload schema", payload_schema_file)):
        try:
            path = find()
        except MissingResource as failure:
            yield Finding(name, ok=False, detail=str(failure))
        else:
            yield Finding(name, ok=path.is_file(), detail=str(path))


def examine_redis(config: Config) -> Iterator[Finding]:
    if config.redis_url is None:
        yield Finding("redis", ok=True, detail="none is configured")
        return
    answers = redis_attempt(lambda redis: bool(redis.ping()), otherwise=False)
    detail = "answers" if answers else "does not answer within 50 ms"
    advice = (
        None if answers else "Decisions stay right without it; changes arrive a little later. See LIFTGATE_REDIS_URL."
    )
    yield Finding("redis", ok=answers, detail=detail, advice=advice)


def examine_port(config: Config) -> Iterator[Finding]:
    try:
        probe_port(config.host, config.port)
    except OSError as failure:
        advice = "Choose another: LIFTGATE_PORT. If liftgate serves there already, ask it: liftgate doctor --running"
        yield Finding("port", ok=False, detail=f"{config.host}:{config.port}: {failure.strerror}", advice=advice)
    else:
        yield Finding("port", ok=True, detail=f"{config.host}:{config.port} is free")
