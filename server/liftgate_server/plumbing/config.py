"""The settings of a server: environment variables `LIFTGATE_*` over an optional TOML file over defaults."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from flask import current_app

from liftgate_server.plumbing.db import normalise_url

CONFIG_EXTENSION = "liftgate.config"

_LEAST_SECRET_LENGTH = 16
_HIGHEST_PORT = 65_535


class ConfigError(Exception):
    """Settings that cannot be used, all of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Config:
    """What a server needs to know before it starts."""

    database_url: str
    # Keys at rest, cursors and recorded answers depend on it: without it, end-user tokens stop working.
    secret: str
    data_directory: Path
    host: str = "127.0.0.1"
    port: int = 8787
    # Chosen by measurement; the record is docs/decisions/0007.
    workers: int = 1
    threads: int = 1
    log_level: str = "info"
    log_format: str = "json"
    # Who may read /metrics: loopback | all | off.
    metrics: str = "loopback"
    # Where the stream listens. None stands for the port after `port` under `liftgate serve`, which fills it in;
    # elsewhere nobody holds a stream.
    stream_port: int | Literal["off"] | None = None
    # Where readers find the stream, when a proxy knows better than host and port.
    stream_url: str | None = None
    stream_connections: int = 10_000
    stream_heartbeat_seconds: int = 15
    # A process of its own for the pages of product managers; None leaves them to the request workers.
    pages_port: int | None = None
    # Wakes the stream of other servers at once; without it they look every 50 ms.
    redis_url: str | None = None
    # How many proxies in front add to X-Forwarded-For; 0 believes nobody's word about who calls.
    trusted_proxies: int = 0
    # Entries of the ledger of usage are kept one by one for so long, then an hour's become one.
    usage_detail_days: int = 400

    def __repr__(self) -> str:
        """Show everything but the secret and the password in the URL."""
        shown = normalise_url(self.database_url).render_as_string(hide_password=True)
        return (
            f"Config(database_url={shown!r}, host={self.host!r}, port={self.port}, data={str(self.data_directory)!r})"
        )


def running_config() -> Config:
    """Give the settings of the running app."""
    return cast("Config", current_app.extensions[CONFIG_EXTENSION])


def load_config(environ: Mapping[str, str] | None = None, *, installs: bool = True, **overrides: Any) -> Config:
    """Read the settings, or raise ConfigError naming everything wrong; `overrides` come from the command line.

    The data folder and the secret in it are made, unless `installs` is false: who only looks leaves nothing behind.
    """
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    raw = _read_file(environ.get("LIFTGATE_CONFIG"), problems)
    raw |= {name: environ[variable] for name in _NAMES if (variable := f"LIFTGATE_{name.upper()}") in environ}
    raw |= {name: value for name, value in overrides.items() if value is not None}
    values = {name: _read(name, value, problems) for name, value in raw.items()}
    if problems:
        raise ConfigError(problems)
    directory: Path = values.pop("data", Path("liftgate-data")).absolute()
    values.setdefault("database_url", f"sqlite:///{directory / 'liftgate.db'}")
    if not installs and not (directory.is_dir() and ("secret" in values or secret_file(directory).exists())):
        raise ConfigError([f"data: nothing is installed in {directory} yet. Run: liftgate db upgrade"])
    try:
        # The database holds people's names and addresses; a directory that is there already is its owner's affair.
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        values.setdefault("secret", _kept_secret(directory))
    except OSError as failure:
        raise ConfigError([f"data: cannot write to {directory}: {failure.strerror}"]) from failure
    return Config(data_directory=directory, **values)


def settings_of(config: Config) -> dict[str, str]:
    """Write the settings as environment variables, for a process started by this one.

    They are all of them: a file that was edited meanwhile must not reach a process that is started again.
    """
    values = {name: getattr(config, "data_directory" if name == "data" else name) for name in _NAMES}
    told = {f"LIFTGATE_{name.upper()}": str(value) for name, value in values.items() if value is not None}
    return {"LIFTGATE_CONFIG": "", **told}


def secret_file(directory: Path) -> Path:
    return directory / "secret"


def _read_file(path: str | None, problems: list[str]) -> dict[str, Any]:
    if not path:
        return {}
    try:
        read = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as failure:
        problems.append(f"LIFTGATE_CONFIG: cannot read {path}: {failure.strerror}")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        problems.append(f"LIFTGATE_CONFIG: {path} is not TOML: {failure}")
        return {}
    problems.extend(f"{name}: there is no such setting (in {path})" for name in read if name not in _NAMES)
    return {name: value for name, value in read.items() if name in _NAMES}


def _read(name: str, value: Any, problems: list[str]) -> Any:
    try:
        return _READERS[name](value)
    except ValueError as failure:
        problems.append(f"{name}: {failure}")
        return None


def _kept_secret(directory: Path) -> str:
    """Read the secret of this data directory; the first start makes it."""
    path = secret_file(directory)
    try:
        return _secret(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        pass
    except ValueError as failure:
        raise ConfigError([f"secret: {path} is damaged: {failure}"]) from failure
    draft = path.with_name(f".secret-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # of two first starts, one wins and both read the winner's
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _database_url(value: Any) -> str:
    return normalise_url(_text(value)).render_as_string(hide_password=False)


def _secret(value: Any) -> str:
    text = _text(value)
    if len(text) < _LEAST_SECRET_LENGTH:
        raise ValueError(f"needs at least {_LEAST_SECRET_LENGTH} characters")
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text that is not empty")
    return value


def _number(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least} to {most}, not {value!r}")
        return value

    return read


def _redis_url(value: Any) -> str:
    parts = urlsplit(_text(value))
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.netloc or parts.path):
        raise ValueError("must be like redis://127.0.0.1:6379/0")
    return str(value)


def _port_or_off(value: Any) -> int | str:
    return "off" if isinstance(value, str) and value.lower() == "off" else _number(0, _HIGHEST_PORT)(value)


def _base_url(value: Any) -> str:
    parts = urlsplit(_text(value))
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment or "@" in value:
        raise ValueError("must be like https://stream.example.com")
    return str(value).rstrip("/")


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value.lower() not in words:
            raise ValueError(f"must be one of {', '.join(words)}, not {value!r}")
        return value.lower()

    return read


_READERS: dict[str, Callable[[Any], Any]] = {
    "database_url": _database_url,
    "secret": _secret,
    "data": lambda value: Path(value) if isinstance(value, Path) else Path(_text(value)),
    "host": _text,
    "port": _number(0, _HIGHEST_PORT),
    "workers": _number(1, 64),
    "threads": _number(1, 64),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("json", "console"),
    "metrics": _one_of("loopback", "all", "off"),
    "stream_port": _port_or_off,
    "stream_url": _base_url,
    "stream_connections": _number(1, 1_000_000),
    "stream_heartbeat_seconds": _number(1, 60),
    "pages_port": _number(0, _HIGHEST_PORT),
    "redis_url": _redis_url,
    "trusted_proxies": _number(0, 10),
    # Keys are remembered for 35 days.
    "usage_detail_days": _number(36, 36_500),
}
_NAMES = tuple(_READERS)
