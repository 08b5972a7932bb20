"""The first run: whoever can read the server's output may make the first owner, and nobody else."""

from __future__ import annotations

import base64
import hmac

from liftgate_server.access.people_queries import anyone_exists
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.sealing import Sealer, sealer

_CODE_LENGTH = 20  # of 32 characters each: 100 bits


def setup_link(config: Config) -> str | None:
    """Give the address at which the first owner is made, in an app context; None when there is somebody already.

    Where the port is not known yet, it is only the address's path.
    """
    if anyone_exists():
        return None
    path = f"/admin/setup?code={_code(Sealer(config.secret))}"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104 - compared, not bound
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{config.port}{path}" if config.port else path


def is_setup_code(code: str) -> bool:
    return hmac.compare_digest(code.encode(), _code(sealer()).encode())


def _code(with_sealer: Sealer) -> str:
    signature = with_sealer.signature(b"setup", context="first run")
    return base64.b32encode(signature).decode().lower()[:_CODE_LENGTH]
