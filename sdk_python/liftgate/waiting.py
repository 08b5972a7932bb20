"""Letting a thread wait in place of the event loop, and undoing what came of it when the task gave up meanwhile."""

from __future__ import annotations

import os
import threading
from asyncio import CancelledError, Future, get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, Generic, TypeVar, cast

__all__ = ["beside"]

_Result = TypeVar("_Result")

_MOST_AT_ONCE: Final = 32

_pools: list[ThreadPoolExecutor] = []
"""Our own threads: those of the event loop are few, look up host names too, and belong to the host."""


class _Handover(Generic[_Result]):
    """A result on its way from a thread to a task. Whoever comes second knows whether it has been given up."""

    def __init__(self, undo: Callable[[_Result], None] | None) -> None:
        self._lock = threading.Lock()
        self._undo = undo
        self._results: list[_Result] = []
        self._is_abandoned = False

    def give(self, result: _Result) -> None:
        with self._lock:
            self._results.append(result)
            is_abandoned = self._is_abandoned
        if is_abandoned:
            self._take_back()

    def abandon(self) -> None:
        with self._lock:
            self._is_abandoned = True
        self._take_back()

    def _take_back(self) -> None:
        with self._lock:
            results, self._results = self._results, []
        for result in results:
            if self._undo is not None:
                self._undo(result)


async def beside(call: Callable[[], _Result], *, undo: Callable[[_Result], None] | None = None) -> _Result:
    """Return what a call gives that is made in a thread.

    A call that has begun cannot be stopped. If the task is canceled meanwhile, the call goes on to its end, and what
    it gave is handed to ``undo``, which must not wait.
    """
    handover, loop = _Handover(undo), get_running_loop()
    answered: Future[_Result] = loop.create_future()

    def tell(result: _Result | None, error: Exception | None) -> None:
        if answered.done():  # the task gave up, and nobody asks for its error any more
            return
        if error is None:
            answered.set_result(cast("_Result", result))
        else:
            answered.set_exception(error)

    def carry_out() -> None:
        result: _Result | None = None
        problem: Exception | None = None
        try:
            result = call()
            handover.give(result)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
            problem = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, result, problem)

    if not _pools:
        _pools.append(ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="liftgate-wait"))
    _pools[0].submit(carry_out)
    try:
        return await answered
    except CancelledError:
        handover.abandon()
        raise


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_pools.clear)  # a forked child has no threads of its parent
