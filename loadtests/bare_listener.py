"""The floor of the bench `propagation`: a process that is sent bytes over a socket, and says when it has them all.

Usage: python -m loadtests.bare_listener PORT BYTES NUMBER DESCRIPTOR
"""

from __future__ import annotations

import os
import socket
import sys
import time


def listen(port: int, size: int, number: str, descriptor: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        os.write(descriptor, f"{number} 0 0\n".encode())
        version = 1
        while receive(line, size):
            os.write(descriptor, f"{number} {version} {time.monotonic_ns()}\n".encode())
            version += 1


def receive(line: socket.socket, size: int) -> bool:
    """Receive so many bytes; ``False`` when the other end has gone."""
    left = size
    while left:
        piece = line.recv(left)
        if not piece:
            return False
        left -= len(piece)
    return True


if __name__ == "__main__":
    listen(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
