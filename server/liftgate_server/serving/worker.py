"""One process that answers requests."""

from __future__ import annotations

import multiprocessing
import os

from flask import Flask

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.logs import configure_logs
from liftgate_server.serving.parent import end_with
from liftgate_server.usage.writing import TallyWriter

__all__ = ["make_application"]


def make_application() -> Flask:
    """Make the application in a worker; the server's loader calls this by name."""
    config = load_config()
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    _end_with_server()
    app = create_app(config)
    TallyWriter(app).start()
    return app


def _end_with_server() -> None:
    # Not who the parent is now: it may have been killed while this process was loading.
    server = multiprocessing.parent_process()
    end_with(os.getppid() if server is None or server.pid is None else server.pid)
