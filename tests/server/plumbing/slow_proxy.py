"""A way to a server that takes as long as a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable


class SlowProxy:
    """Passes bytes to a port of this machine and back.

    ``delay_seconds`` holds each piece up. What is asked with ``lost_word`` in it is carried out, and its answer lost
    with the connection. ``heard`` is all that was asked.
    """

    def __init__(self, port: int) -> None:
        self.delay_seconds = 0.0
        self.lost_word: bytes | None = None
        self.heard = b""
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._pairs):
            # Only this wakes a thread that waits in it.
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._listener.accept()[0]
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                self._pairs += [near, far]
                threading.Thread(target=self._ask, args=(near, far), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(far, near), daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket) -> None:
        def listen(piece: bytes) -> None:
            self.heard += piece
            if self.lost_word is not None and self.lost_word in piece:
                near.shutdown(socket.SHUT_RDWR)

        self._pass_on(near, far, listen)

    def _pass_on(
        self, source: socket.socket, sink: socket.socket, listen: Callable[[bytes], None] = lambda _piece: None
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                time.sleep(self.delay_seconds)
                listen(piece)
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
