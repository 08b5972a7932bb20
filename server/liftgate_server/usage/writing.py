"""The thread that writes down what a process has counted, every few seconds and when the process ends."""

from __future__ import annotations

import atexit
import threading

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.logs import logger
from liftgate_server.usage.tallies import write_tallies

__all__ = ["TallyWriter"]

PAUSE_SECONDS = 2.0


class TallyWriter:
    """Runs in each process that answers checks."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopped = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="liftgate-tallies", daemon=True)

    def start(self) -> None:
        self._thread.start()
        atexit.register(self.stop)

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """End the thread and write down the rest."""
        atexit.unregister(self.stop)
        self._stopped.set()
        self._thread.join(timeout_seconds)
        self.write()

    def write(self) -> None:
        with self._writing, self._app.app_context():
            try:
                write_tallies()
            except SQLAlchemyError as failure:
                # It stays counted and is tried again.
                logger().error("tallies_not_written", reason=str(failure))
            except Exception:  # noqa: BLE001 - the thread has to outlive any bug in what it writes
                logger().exception("tallies_not_written")

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            self.write()
