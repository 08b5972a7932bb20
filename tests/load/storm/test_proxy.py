"""The fault proxy passes on what it should, and fails in each of the ways it says."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from loadtests.storm.proxy import Fault, Proxy

REQUEST = b"POST /count HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nunit"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncounted"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


class Chosen(Proxy):
    """A proxy that fails in one way, always, and without much waiting."""

    def __init__(self, fault: Fault | None) -> None:
        super().__init__("a seed", 0)
        self._fault = fault

    def choose(self) -> Fault | None:
        return self._fault

    def _pause(self) -> float:
        return 0.01


async def travel(fault: Fault | None, *, requests: int = 1, reply: bytes = REPLY) -> tuple[list[bytes], bytes]:
    """Send requests through a proxy; give what the server heard, and what came back."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while received := await reader.read(65536):
                heard.append(received)
                writer.write(reply)
        writer.close()

    proxy = Chosen(fault)
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    front = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.ports = [server.sockets[0].getsockname()[1]]
    reader, writer = await asyncio.open_connection(*front.sockets[0].getsockname())
    returned = b""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        for _ in range(requests):
            writer.write(REQUEST)
            returned += await reader.readexactly(len(reply))
    with contextlib.suppress(OSError):
        if len(returned) < len(reply):
            returned += await reader.read()
    await asyncio.sleep(0.1)  # an echo comes when all is over
    for end in (writer, front, server):
        end.close()
    await asyncio.sleep(0.05)  # connections close when the loop comes round to it
    return heard, returned


@pytest.mark.parametrize("reply", [REPLY, CHUNKED])
def test_without_a_fault_everything_passes_on_one_connection(reply: bytes):
    heard, returned = asyncio.run(travel(None, requests=3, reply=reply))

    assert heard == [REQUEST] * 3
    assert returned == reply * 3


@pytest.mark.parametrize(
    ("fault", "executions", "returned"),
    [
        (Fault.LOSE_REPLY, 1, b""),
        (Fault.RESET_AT_ONCE, 1, b""),
        (Fault.RESET_BEFORE, 0, b""),
        (Fault.LATE_REPLY, 1, REPLY),
        (Fault.LATE_REQUEST, 1, REPLY),
        (Fault.TWICE, 2, REPLY),
        (Fault.ECHO, 2, REPLY),
    ],
)
def test_each_fault_is_what_it_says(fault: Fault, executions: int, returned: bytes):
    assert asyncio.run(travel(fault)) == ([REQUEST] * executions, returned)


def test_half_of_a_reply_arrives_after_the_whole_request_did():
    heard, returned = asyncio.run(travel(Fault.HALF_REPLY))

    assert heard == [REQUEST]
    assert REPLY.startswith(returned)
    assert len(returned) < len(REPLY)


def test_half_of_a_request_reaches_the_server():
    heard, _ = asyncio.run(travel(Fault.HALF_REQUEST))

    assert b"".join(heard) == REQUEST[: len(REQUEST) // 2]


def test_the_same_seed_chooses_the_same_faults():
    first, second, other = (Proxy(seed, 0.3) for seed in ("7", "7", "8"))
    chosen = [[proxy.choose() for _ in range(200)] for proxy in (first, second, other)]

    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]
    assert set(Fault) <= set(chosen[0])
