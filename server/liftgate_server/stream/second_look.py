"""Looking again at the credentials of readers that listen already, and ending the streams of those that lost access."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate_server.plumbing.errors import Problem
from liftgate_server.stream.admission import readmit
from liftgate_server.stream.events import end
from liftgate_server.stream.listener import Listener
from liftgate_server.stream.threads import Threads

__all__ = ["SecondLook"]


class SecondLook:
    """Verifies in a thread of its caller's choice; readers with the same credential are asked about once."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads

    async def __call__(self, listeners: Iterable[Listener]) -> None:
        listeners = tuple(listeners)
        verdicts = await self._threads.ask(readmit, {listener.credential for listener in listeners})
        for listener in listeners:
            verdict = verdicts[listener.credential]
            if isinstance(verdict, Problem):
                listener.line.end(end(verdict.code), reason=verdict.code)
            else:
                listener.believed_until = verdict.believed_until
