"""Threads in which the database is asked on behalf of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, ParamSpec, TypeVar

from flask import Flask

__all__ = ["Threads"]

P = ParamSpec("P")
T = TypeVar("T")

_CLOSE_WITHIN_SECONDS = 2.0


class Threads:
    """A few threads, each call in a context of the app and so in a session of its own."""

    def __init__(self, app: Flask, name: str, number: int) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=f"liftgate-{name}")
        self._running: set[Future[Any]] = set()

    async def ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._pool.submit(self._in_context, partial(function, *args, **kwargs))
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let calls under way give their connections back; one that hangs in a dead database is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(tuple(self._running), _CLOSE_WITHIN_SECONDS)

    def _in_context(self, call: Callable[[], T]) -> T:
        with self._app.app_context():
            return call()
