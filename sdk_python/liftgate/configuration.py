"""What a client is told: its server, its key and its tuning, checked once and then frozen."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time
from typing import Final

from liftgate.engine.gate_modes import FailPolicy
from liftgate.errors import ConfigurationError

__all__ = [
    "Clock",
    "Credentials",
    "ServerAddress",
    "Settings",
    "parse_address",
    "parse_fail_policy",
    "parse_key",
    "parse_spool",
    "parse_stream",
]

Clock = Callable[[], float]
"""Seconds since 1970-01-01 UTC."""

_KEY: Final = re.compile(
    r"lgsk_(?P<environment>[a-z0-9-]{1,64})_(?P<key_id>[a-z0-9]{1,64})_(?P<secret>[A-Za-z0-9]{1,256})"
)
_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::(?P<port>\d{1,5}))?(?P<path>/[^\s?#]*)?",
)


_SWITCHES: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


@dataclass(frozen=True, slots=True, eq=False)
class ServerAddress:
    """Where the server is. ``path`` is the prefix it is mounted under, without a trailing slash."""

    is_secure: bool
    host: str
    port: int
    path: str
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class Credentials:
    """A secret key, taken apart. The parts that could be used by somebody else never show in a log."""

    environment: str
    key_id: str
    secret: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Settings:
    """The tuning of a client. The defaults suit a web process with some thousand customers."""

    load_budget_seconds: float = 0.2
    poll_seconds: float = 1.0
    stream: bool | str = True
    request_timeout_seconds: float = 5.0
    stale_after_seconds: float = 30.0
    idle_after_seconds: float = 300.0
    on_failure: FailPolicy = FailPolicy.CLOSED
    max_customers: int = 10_000
    strict: bool = False
    clock: Clock = time
    spool_dir: str | None = None

    def __post_init__(self) -> None:
        for name in ("poll_seconds", "request_timeout_seconds", "stale_after_seconds", "idle_after_seconds"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"`{name}` must be greater than 0.")
        if isinstance(self.stream, str):
            parse_address(self.stream)
        if not self.load_budget_seconds >= 0:
            raise ConfigurationError("`load_budget_seconds` must not be negative.")
        if self.max_customers < 1:
            raise ConfigurationError("`max_customers` must be at least 1.")


def parse_fail_policy(on_failure: FailPolicy | str) -> FailPolicy:
    """Read a fail policy, which may be written as a word."""
    try:
        return FailPolicy(on_failure)
    except ValueError as error:
        raise ConfigurationError("`on_failure` must be 'open' or 'closed'.") from error


def parse_stream(*, stream: bool | str | None) -> bool | str:
    """Read whether there is to be a stream, or its address, from LIFTGATE_STREAM when nothing is given."""
    told = stream if stream is not None else os.environ.get("LIFTGATE_STREAM") or True
    return _SWITCHES.get(told.lower(), told) if isinstance(told, str) else told


def parse_spool(spool_dir: str | os.PathLike[str] | None) -> str | None:
    """Read the folder for what cannot be delivered, from LIFTGATE_SPOOL_DIR when none is given; it need not exist."""
    told = os.environ.get("LIFTGATE_SPOOL_DIR") if spool_dir is None else os.fspath(spool_dir)
    return told or None


def parse_address(url: str | None) -> ServerAddress:
    """Read a server address, from LIFTGATE_URL when none is given."""
    text = url if url is not None else os.environ.get("LIFTGATE_URL")
    if not text:
        raise ConfigurationError("No server address: pass `url` or set LIFTGATE_URL.")
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ConfigurationError(
            f"{text!r} is not a server address; expected something like 'https://liftgate.example.com'."
        )
    is_secure = match["scheme"] == "https"
    port = int(match["port"] or (443 if is_secure else 80))
    if not 0 < port < 65536:  # noqa: PLR2004 - the size of a port number
        raise ConfigurationError(f"{text!r} has a port outside of 1 to 65535.")
    return ServerAddress(
        is_secure=is_secure,
        host=match["host"].strip("[]"),
        port=port,
        path=(match["path"] or "").rstrip("/"),
        url=text.rstrip("/"),
    )


def parse_key(api_key: str | None) -> Credentials:
    """Read a secret key, from LIFTGATE_API_KEY when none is given. Messages never repeat the key."""
    text = api_key if api_key is not None else os.environ.get("LIFTGATE_API_KEY")
    if not text:
        raise ConfigurationError("No key: pass `api_key` or set LIFTGATE_API_KEY.")
    if text.startswith("lgmk_"):
        raise ConfigurationError("This is a management key; the SDK needs a secret key, which starts with 'lgsk_'.")
    match = _KEY.fullmatch(text)
    if match is None:
        raise ConfigurationError("The key is not a secret key of the form 'lgsk_<environment>_<key id>_<secret>'.")
    return Credentials(environment=match["environment"], key_id=match["key_id"], secret=match["secret"], key=text)
