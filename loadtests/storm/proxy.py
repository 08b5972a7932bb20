"""The proxy between hosts and servers: passes requests on, and now and then fails in every way a network can.

Usage: python -m loadtests.storm.proxy PORT SEED SHARE. Each line of standard input is a command as JSON:
`{"ports": […]}` names the servers, `{"share": 0}` calms it; each is answered by a line with the faults so far. It ends
with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import struct
import sys
from collections import Counter
from enum import StrEnum
from typing import Any

from loadtests.processes import HOST
from loadtests.storm.http_messages import MOST_HEAD_BYTES, read_message

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
_CONNECT_SECONDS = 2.0
_REPLY_SECONDS = 30.0
_SHORT_SECONDS, _LONG_SECONDS = 0.05, 3.0


class Fault(StrEnum):
    """A way to fail; what matters is whether the server has done what was asked."""

    LOSE_REPLY = "lose_reply"
    """Done, and nobody hears of it."""
    HALF_REPLY = "half_reply"
    """Done, and half of the answer arrives."""
    LATE_REPLY = "late_reply"
    """Done, and told so late that the asker may have given up."""
    RESET_AT_ONCE = "reset_at_once"
    """Cut off while it is being done."""
    RESET_BEFORE = "reset_before"
    """Cut off before the server heard of it."""
    HALF_REQUEST = "half_request"
    """The server hears half of it."""
    LATE_REQUEST = "late_request"
    """The server hears of it when the asker may have asked again."""
    TWICE = "twice"
    """Asked twice at the same moment."""
    ECHO = "echo"
    """Asked again by nobody, when it is long over."""


Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """All connections of a storm; which request fails, and how, comes from the seed."""

    def __init__(self, seed: str, share: float) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same storm for the same seed
        self.share = share
        self.ports: list[int] = []
        self.faults: Counter[str] = Counter()
        self.passed = 0
        self._turn = 0
        self._later: set[asyncio.Task[None]] = set()

    def choose(self) -> Fault | None:
        self.passed += 1
        return self._random.choice(list(Fault)) if self._random.random() < self.share else None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection of a host until it ends, or is ended by a fault."""
        server: Link | None = None
        try:
            while (request := await read_message(reader)) is not None:
                server = server or await self.connect()
                if server is None or not await self.exchange(request, writer, server):
                    break
        except OSError:
            pass  # the host has gone
        finally:
            close(writer, reset=True)
            if server is not None:
                close(server[1])

    async def connect(self) -> Link | None:
        """Connect to a server, or to another one when that is not there."""
        for _ in range(len(self.ports)):
            self._turn += 1
            port = self.ports[self._turn % len(self.ports)]
            with contextlib.suppress(OSError, TimeoutError):
                opening = asyncio.open_connection(HOST, port, limit=MOST_HEAD_BYTES)
                return await asyncio.wait_for(opening, _CONNECT_SECONDS)
        return None

    async def exchange(self, request: bytes, writer: asyncio.StreamWriter, server: Link) -> bool:
        """Pass on one request and its reply, with a fault when it is its turn; say whether the connection goes on."""
        fault = self.choose()
        if fault is not None:
            self.faults[fault] += 1
        if fault in _BEFORE:
            return await self._fail_before(fault, request, server[1])
        if fault is Fault.LATE_REQUEST:
            await self._wait()
        if fault in (Fault.TWICE, Fault.ECHO):
            self._soon(self._ask_again(request, after=0.0 if fault is Fault.TWICE else self._pause()))
        server[1].write(request)
        if fault is Fault.RESET_AT_ONCE:
            close(writer, reset=True)  # and the server goes on by itself
        reply = await answer_of(server[0])
        return reply is not None and await self._hand_over(reply, writer, fault)

    async def _fail_before(self, fault: Fault | None, request: bytes, server: asyncio.StreamWriter) -> bool:
        if fault is Fault.HALF_REQUEST:
            server.write(request[: len(request) // 2])
            await server.drain()
        return False

    async def _hand_over(self, reply: bytes, writer: asyncio.StreamWriter, fault: Fault | None) -> bool:
        if fault in (Fault.LOSE_REPLY, Fault.RESET_AT_ONCE):
            return False
        if fault is Fault.LATE_REPLY:
            await self._wait()
        writer.write(reply[: len(reply) // 2] if fault is Fault.HALF_REPLY else reply)
        await writer.drain()
        return fault is not Fault.HALF_REPLY

    def _soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _ask_again(self, request: bytes, *, after: float) -> None:
        await asyncio.sleep(after)
        with contextlib.suppress(OSError):
            server = await self.connect()
            if server is not None:
                server[1].write(request)
                await answer_of(server[0])
                close(server[1])

    async def _wait(self) -> None:
        await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        # Most pauses are short; some are longer than anybody waits for.
        return _SHORT_SECONDS + (_LONG_SECONDS - _SHORT_SECONDS) * self._random.random() ** 3


_BEFORE = (Fault.RESET_BEFORE, Fault.HALF_REQUEST)


async def answer_of(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return await asyncio.wait_for(read_message(reader), _REPLY_SECONDS)
    except TimeoutError:
        return None


def close(writer: asyncio.StreamWriter, *, reset: bool = False) -> None:
    with contextlib.suppress(OSError, AttributeError):
        if reset:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort() if reset else writer.close()


async def run(port: int, seed: str, share: float) -> None:
    """Carry connections until standard input ends."""
    proxy = Proxy(seed, share)
    listening = await asyncio.start_server(proxy.serve, HOST, port, limit=MOST_HEAD_BYTES)
    commands = asyncio.StreamReader()
    reading = asyncio.StreamReaderProtocol(commands)
    await asyncio.get_running_loop().connect_read_pipe(lambda: reading, sys.stdin)
    async with listening:
        while line := await commands.readline():
            obey(proxy, json.loads(line))
    os._exit(0)  # what is still under way is of no interest to anybody


def obey(proxy: Proxy, command: dict[str, Any]) -> None:
    proxy.ports = command.get("ports", proxy.ports)
    proxy.share = command.get("share", proxy.share)
    print(json.dumps({"faults": proxy.faults, "passed": proxy.passed}), flush=True)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
