"""For whom the code that runs now decides: a context variable per client, set by ``with`` and by nothing else."""

from __future__ import annotations

import re
from contextvars import ContextVar
from types import TracebackType
from typing import Final, Protocol, Self

from liftgate.errors import BindingError
from liftgate.views import Reader, View

__all__ = ["Binding", "Bound", "ViewSource", "check_identifier"]

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._:@|-]{1,128}")


class ViewSource(Protocol):
    """Where a binding gets its view from."""

    def is_ready(self, binding: Binding) -> bool:
        """Whether ``open`` would answer without waiting for anything."""

    def open(self, binding: Binding) -> View:
        """Return the view of a binding; may wait, within the load budget."""

    def count(self, change: int) -> None:
        """Note that a binding has begun (1) or ended (-1)."""


class _Block:
    """One entered block. A binding can be used again; what encloses a block is settled for good when it begins."""

    __slots__ = ("binding", "is_open", "outer", "view")

    def __init__(self, binding: Binding, view: View, outer: _Block | None) -> None:
        self.binding = binding
        self.view = view
        self.outer = outer
        self.is_open = True


class Bound:
    """What is bound in the running context: the view that answers, and the block it came from.

    ``view`` is a variable of its own because a check reads nothing else.
    """

    __slots__ = ("_block", "_unbound", "view")

    def __init__(self, unbound: View) -> None:
        self._unbound = unbound
        self.view: ContextVar[View] = ContextVar("liftgate_view", default=unbound)
        self._block: ContextVar[_Block | None] = ContextVar("liftgate_block", default=None)

    @property
    def binding(self) -> Binding | None:
        """The binding that the code runs in, if any."""
        block = self._block.get()
        return None if block is None else block.binding

    def begin(self, binding: Binding, view: View) -> _Block:
        """Bind within the present block."""
        outer = _nearest_open(self._block.get())
        if outer is not None:
            # Blocks that take turns, each begun within the last, would otherwise hold on to all their predecessors.
            outer.outer = _nearest_open(outer.outer)
        block = _Block(binding, view, outer)
        self._set(block)
        return block

    def end(self, block: _Block) -> None:
        """Go back to the nearest enclosing block that is still open; to being unbound where none is."""
        block.is_open = False
        # Blocks that interleave, as generators can: the inner one goes on, and skips this one when it ends.
        if self._block.get() is block:
            self._set(_nearest_open(block.outer))

    def _set(self, block: _Block | None) -> None:
        self._block.set(block)
        self.view.set(self._unbound if block is None else block.view)


def _nearest_open(block: _Block | None) -> _Block | None:
    while block is not None and not block.is_open:
        block = block.outer
    return block


class Binding:
    """The customer and user for whom the enclosed code runs; made by ``Client.customer``.

    Usable with ``with`` and ``async with``, one block at a time. Bindings nest; the inner one counts. A thread starts
    without one, an asyncio task with that of its creator.

    >>> # with client.customer("acme", user="u1"):
    >>> #     client.check("reports.export")
    """

    __slots__ = ("_block", "_bound", "_is_open", "_source", "customer", "minimum_version", "reader")

    def __init__(
        self, bound: Bound, source: ViewSource, *, customer: str, reader: Reader, minimum_version: int | None = None
    ) -> None:
        self.customer = customer
        self.reader = reader
        self.minimum_version = minimum_version
        self._bound = bound
        self._source = source
        self._is_open = False
        self._block: _Block | None = None

    @property
    def user(self) -> str | None:
        """The person in the customer's account."""
        return self.reader.user

    def __enter__(self) -> Self:
        self._begin()
        try:
            view = self._source.open(self)
        except BaseException:
            self._is_open = False
            raise
        self._set(view)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    async def __aenter__(self) -> Self:
        self._begin()
        try:
            view = await self._open_beside()
        except BaseException:
            self._is_open = False
            raise
        self._set(view)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    async def _open_beside(self) -> View:
        """Open without holding up the event loop."""
        if self._source.is_ready(self):
            return self._source.open(self)
        # Imported late: whoever gets here has an event loop, and so has paid for asyncio already.
        from asyncio import get_running_loop  # noqa: PLC0415

        return await get_running_loop().run_in_executor(None, self._source.open, self)

    def _begin(self) -> None:
        if self._is_open:
            raise BindingError("This binding is in use. Make one per block with `client.customer(...)`.")
        self._is_open = True

    def _set(self, view: View) -> None:
        self._source.count(1)
        self._block = self._bound.begin(self, view)

    def _end(self) -> None:
        self._is_open = False
        self._source.count(-1)
        block, self._block = self._block, None
        if block is not None:
            self._bound.end(block)


def check_identifier(value: str, *, what: str) -> str:
    """Return a customer's or user's id that the server can know, or say what is wrong with it."""
    if not isinstance(value, str) or _IDENTIFIER.fullmatch(value) is None:
        raise BindingError(
            f"{value!r} cannot be the id of a {what}: 1 to 128 of letters, digits and the characters . _ : @ | -"
        )
    return value
