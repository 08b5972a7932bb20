"""The floor of the stream: bare asyncio connections that are written the same bytes, and nothing else.

`python -m loadtests.bench.stream_floor <port>`; a PUT is the change.
"""

from __future__ import annotations

import asyncio
import sys

from loadtests.bench.stream_driver import allow_open_files
from loadtests.processes import HOST

HELLO = b'HTTP/1.1 200 OK\r\n\r\nevent: hello\ndata: {"latest":41,"heartbeat_seconds":15}\n\n'
CHANGE = (
    b'id: 42\nevent: changes\ndata: {"latest":42,"reset":false,'
    b'"changes":[{"number":42,"kind":"customer","key":"acme","version":7}]}\n\n'
)


class Connection(asyncio.Protocol):
    readers: set[asyncio.WriteTransport] = set()  # noqa: RUF012 - one process, one floor

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"PUT"):
            for reader in self.readers:
                reader.write(CHANGE)
            self._transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
            self._transport.close()
        elif data.startswith(b"GET /healthz"):
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        else:
            self.readers.add(self._transport)
            self._transport.write(HELLO)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.readers.discard(self._transport)


async def serve(port: int) -> None:
    allow_open_files()
    server = await asyncio.get_running_loop().create_server(Connection, HOST, port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
