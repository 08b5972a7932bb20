"""Threads in which the database is asked on behalf of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from flask import Flask

__all__ = ["Threads"]

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A few threads, each call in a context of the app and so in a session of its own."""

    def __init__(self, app: Flask, name: str, number: int) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=f"liftgate-{name}")

    async def ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._in_context, call)

    def close(self) -> None:
        # A call that hangs in a dead database must not keep the process from ending.
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _in_context(self, call: Callable[[], T]) -> T:
        with self._app.app_context():
            return call()
