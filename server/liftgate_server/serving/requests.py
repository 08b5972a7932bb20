"""The role that answers requests: a parent that shares one port among its workers. Also that of the pages.

It loads next to nothing, since it does nothing but keep the workers.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import sys
from datetime import UTC, datetime
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from liftgate_server.serving.parent import end_with

# Connections a worker holds at once. Granian's own default is the backlog divided by the workers, and keep-alive
# connections of a pool of hosts soon reach that; the rest would wait without being told.
_CONNECTIONS_PER_WORKER = 4096
_KILL_AFTER_SECONDS = 10


class LineFormatter(logging.Formatter):
    """Writes what the workers' parent says like the other lines of our log."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line = {"event": record.getMessage(), "level": record.levelname.lower(), "timestamp": at}
        return json.dumps(line)


def main(arguments: list[str]) -> None:
    """Serve until a signal: `<supervisor's pid> <host> <port> <workers> <threads> <json|console>`."""
    supervisor, host, port, workers, threads, log_format = arguments
    end_with(int(supervisor), grace_seconds=_KILL_AFTER_SECONDS + 1)
    # A forked worker would inherit this process's threads half dead.
    multiprocessing.set_start_method("spawn")
    server: Any = Server(  # the name stands for one of two classes
        "liftgate_server.serving.worker:make_application",
        factory=True,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=int(workers),
        blocking_threads=int(threads),
        backlog=_CONNECTIONS_PER_WORKER,
        backpressure=_CONNECTIONS_PER_WORKER,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_AFTER_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=_logging(log_format),
    )
    server.serve()


def _logging(log_format: str) -> dict[str, Any]:
    lines = {"()": "logging.Formatter", "fmt": "[%(levelname)s] %(message)s"}
    if log_format == "json":
        lines = {"()": f"{__spec__.name if __spec__ else __name__}.LineFormatter"}
    return {
        "formatters": {"lines": lines},
        "handlers": {"console": {"formatter": "lines", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}},
        "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
    }


if __name__ == "__main__":
    main(sys.argv[1:])
