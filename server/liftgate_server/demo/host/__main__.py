"""Run Corkboard: ``python -m liftgate_server.demo.host PORT``, with LIFTGATE_URL and LIFTGATE_API_KEY set."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType

from werkzeug.serving import make_server

from liftgate_server.demo.host.app import create_host_app
from liftgate_server.demo.host.features import lg


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", int(sys.argv[1]), create_host_app(), threaded=True)

    def end(_number: int, _frame: FrameType | None) -> None:
        # From a thread: shutdown waits for the loop, and the signal has interrupted just that loop.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    server.serve_forever()
    lg.close()


if __name__ == "__main__":
    main()
