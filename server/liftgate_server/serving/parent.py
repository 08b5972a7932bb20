"""Ending with the parent: one that was killed cannot tell its children, and they would hold the port for ever."""

from __future__ import annotations

import os
import signal
import threading
import time

__all__ = ["end_with"]

_LOOK_EVERY_SECONDS = 0.5


def end_with(parent: int, *, grace_seconds: float = 5.0) -> None:
    """Watch the parent from a thread; once it is gone, end this process as a signal would, or else at once."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_seconds)
        os._exit(1)

    threading.Thread(target=watch, name="liftgate-parent-watch", daemon=True).start()
