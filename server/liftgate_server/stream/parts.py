"""What a stream is made of, put together: each part gets the threads it asks the database in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from flask import Flask

from liftgate_server.plumbing.clock import CLOCK_EXTENSION, Clock
from liftgate_server.stream.hub import Hub
from liftgate_server.stream.pulse import Pulse
from liftgate_server.stream.reception import Reception
from liftgate_server.stream.second_look import SecondLook
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.tail import Tail
from liftgate_server.stream.threads import Threads

__all__ = ["Parts"]

_ADMITTING_THREADS = 4


class Parts:
    """The hub with those that let readers in, feed them and look after them."""

    def __init__(self, app: Flask, settings: StreamSettings) -> None:
        clock: Callable[[], datetime] = cast("Clock", app.extensions[CLOCK_EXTENSION]).now
        admitting = Threads(app, "stream-admission", _ADMITTING_THREADS)
        # Apart from the admissions: a crowd at the door must not keep those inside waiting.
        reading = Threads(app, "stream-tail", 1)
        verifying = Threads(app, "stream-access", 1)
        self._threads = (admitting, reading, verifying)
        self.hub = Hub()
        self.tail = Tail(self.hub, reading, clock, settings)
        self.pulse = Pulse(settings.heartbeat_seconds, clock, SecondLook(verifying))
        self.reception = Reception(self.hub, admitting, clock, settings)

    def close(self) -> None:
        for threads in self._threads:
            threads.close()
