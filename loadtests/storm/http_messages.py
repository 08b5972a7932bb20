"""Reading one HTTP/1.1 message as bytes: as much of the protocol as a proxy between known ends has to know."""

from __future__ import annotations

import asyncio

MOST_HEAD_BYTES = 64 * 1024
_WITHOUT_BODY = (b"HTTP/1.1 204", b"HTTP/1.1 304")


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """Read a request or a reply with its body; `None` when the other end has gone, in the middle or between two."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(_WITHOUT_BODY):
            return head
        fields = _fields(head)
        if fields.get(b"transfer-encoding") == b"chunked":
            return head + await _read_chunks(reader)
        return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None


def _fields(head: bytes) -> dict[bytes, bytes]:
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.strip().lower(): value.strip().lower() for name, _, value in lines}


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    read = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(size.partition(b";")[0], 16) + 2)
        read += size + chunk
        if chunk == b"\r\n":
            return read
