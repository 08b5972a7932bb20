"""Letting a thread wait in place of the event loop, and undoing what came of it when the task gave up meanwhile."""

from __future__ import annotations

import threading
from asyncio import CancelledError, get_running_loop, shield
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["beside"]

_Result = TypeVar("_Result")


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
    handover = _Handover(undo)

    def carry_out() -> _Result:
        result = call()
        handover.give(result)
        return result

    future = get_running_loop().run_in_executor(None, carry_out)
    try:
        return await shield(future)
    except CancelledError:
        # Nobody asks for its error any more.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        handover.abandon()
        raise
