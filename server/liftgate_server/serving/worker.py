"""One process that answers requests."""

from __future__ import annotations

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
    end_with(os.getppid())
    app = create_app(config)
    TallyWriter(app).start()
    return app
