"""The role that holds the stream."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from functools import partial

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.logs import configure_logs
from liftgate_server.plumbing.wakeups import wakeups
from liftgate_server.serving.parent import end_with
from liftgate_server.stream.server import Stream
from liftgate_server.stream.settings import settings_for


def main(arguments: list[str]) -> None:
    """Hold the stream on an open socket until a signal: `<supervisor's pid> <socket>`."""
    supervisor, file = arguments
    end_with(int(supervisor))
    config = load_config()
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    app = create_app(config)
    with socket.socket(fileno=int(file)) as listening:
        # Without Redis nobody announces anything, and the poll finds it a moment later.
        announced = None if config.redis_url is None else partial(wakeups, config.redis_url)
        asyncio.run(_hold(Stream(app, settings_for(config), wakeups=announced), listening))
    detach_database(app)


async def _hold(stream: Stream, listening: socket.socket) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await stream.open(listening)
    await ended.wait()
    await stream.drain()


if __name__ == "__main__":
    main(sys.argv[1:])
