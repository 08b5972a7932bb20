"""`liftgate serve`, from settings to the exit code."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

from liftgate_server.plumbing.config import Config, settings_of
from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.metrics import metrics_shared_by
from liftgate_server.serving.announcing import announce
from liftgate_server.serving.listening import Ports, taken_ports
from liftgate_server.serving.supervisor import Role, Supervisor

__all__ = ["run_server"]

# More than each role allows itself: requests under way, the words to the readers, the work that was begun.
_DRAIN_WITHIN_SECONDS = 15.0
# Pages wait for slow queries, so more of them may wait at once; the hot calls are elsewhere.
_PAGES_WORKERS, _PAGES_THREADS = 1, 4


def run_server(config: Config) -> int:
    """Run every role until a signal ends it, and return the exit code; the database has its schema already.

    Raises `CannotListen` before anything is started.
    """
    with taken_ports(config) as ports:
        roles = tuple(_roles(ports))
        # Everything that counts for /metrics: the workers of requests, and each further role.
        with metrics_shared_by(config.workers + len(roles) - 1):
            address = ports.config.host, ports.config.port
            threading.Thread(target=announce, args=address, daemon=True).start()
            supervisor = Supervisor(roles, logger().warning, drain_within_seconds=_DRAIN_WITHIN_SECONDS)
            return supervisor.run()


def _roles(ports: Ports) -> Iterator[Role]:
    config, stream = ports.config, ports.stream
    settings = settings_of(config)

    def role(name: str, module: str, *arguments: object, files: tuple[int, ...] = ()) -> Role:
        words = (str(os.getpid()), *(str(argument) for argument in arguments))
        command = (sys.executable, "-m", f"liftgate_server.serving.{module}", *words)
        return Role(name, command, settings, files)

    workers = config.workers, config.threads
    yield role("requests", "requests", config.host, config.port, *workers, config.log_format)
    if stream is not None:
        yield role("stream", "streaming", stream.fileno(), files=(stream.fileno(),))
    if config.pages_port is not None:
        workers = _PAGES_WORKERS, _PAGES_THREADS
        yield role("pages", "requests", config.host, config.pages_port, *workers, config.log_format)
    yield role("periodic work", "periodic")
