"""One worker process of `liftgate serve`."""

from __future__ import annotations

import os
import signal
import threading
import time

from flask import Flask

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.logs import configure_logs
from liftgate_server.usage.writing import TallyWriter

_LOOK_EVERY_SECONDS = 0.5
_GRACE_SECONDS = 5.0


def make_application() -> Flask:
    """Make the application in a worker; the server's loader calls this by name."""
    config = load_config()
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    _end_with(os.getppid())
    app = create_app(config)
    TallyWriter(app).start()
    return app


def _end_with(parent: int) -> None:
    """Watch the parent: one that was killed cannot tell its workers, and they would hold the port for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="liftgate-parent-watch", daemon=True).start()
