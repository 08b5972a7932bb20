"""The role that does what no request asks for."""

from __future__ import annotations

import signal
import sys
import threading

from liftgate_server.app import create_app
from liftgate_server.jobs import Jobs
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.logs import configure_logs
from liftgate_server.serving.parent import end_with


def main(arguments: list[str]) -> None:
    """Do the due work until a signal, and finish what was begun: `<supervisor's pid>`."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    end_with(int(arguments[0]))
    config = load_config()
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    app = create_app(config)
    jobs = Jobs(app)
    jobs.start()
    while not ended.wait(1.0):
        pass  # a wait without an end would not let the handlers run
    jobs.stop()
    detach_database(app)


if __name__ == "__main__":
    main(sys.argv[1:])
