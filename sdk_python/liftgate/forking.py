"""What a forked child must not share with its parent: locks, threads, sockets."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["Forkable", "stand_alone_after_fork"]


class Forkable(Protocol):
    """Something that can let go of what belongs to the parent."""

    def after_fork(self) -> None:
        """Let go of it; runs in the child, before anything else does."""


_forkables: WeakSet[Forkable] = WeakSet()


def stand_alone_after_fork(forkable: Forkable) -> None:
    """Have it let go in every child that is forked from now on, for as long as it lives."""
    _forkables.add(forkable)


def _after_fork_in_child() -> None:
    for forkable in list(_forkables):
        forkable.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_after_fork_in_child)
