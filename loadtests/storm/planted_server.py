"""A server with a mistake in it, for showing that the storm finds it: `liftgate serve` has no such thing.

It is the role that answers requests, with workers that make the mistake which `plants.VARIABLE` names.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from liftgate_server.serving.parent import end_with
from liftgate_server.serving.worker import make_application
from loadtests.processes import HOST
from loadtests.storm import plants


def make_planted_application() -> Flask:
    """Make the application of a worker, and the mistake; the server's loader calls this by name."""
    application = make_application()
    plants.plant(os.environ[plants.VARIABLE], application)
    return application


def main() -> None:
    end_with(os.getppid())
    server: Any = Server(  # the name stands for one of two classes
        "loadtests.storm.planted_server:make_planted_application",
        factory=True,
        address=HOST,
        port=int(os.environ["LIFTGATE_PORT"]),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=int(os.environ["LIFTGATE_WORKERS"]),
        blocking_threads=1,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    )
    server.serve()


if __name__ == "__main__":
    main()
