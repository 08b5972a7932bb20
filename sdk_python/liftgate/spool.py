"""The folder in which processes keep what they could not deliver, and find what others left behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from liftgate.errors import ConfigurationError
from liftgate.journal import Journal

_fcntl: Any = None
with suppress(ImportError):  # not on Windows: there a journal is kept, and nobody takes over another's
    import fcntl as _fcntl

__all__ = ["Spool"]

_MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one process: some three hundred thousand events."""

_SUFFIX: Final = ".usage"
_FOR_OTHERS: Final = 0o077
_WRITABLE_FOR_OTHERS: Final = 0o022


class Spool:
    """A folder for the journals of one environment of one server.

    A journal's name says which environment it is for, its lock that its process lives. What nobody holds was left
    behind by one that ended, and is anybody's to deliver: each event has its key, so it counts once.
    """

    def __init__(self, folder: str, *, url: str, environment: str) -> None:
        self._folder = Path(folder)
        self._prefix = sha256(f"{environment} {url}".encode()).hexdigest()[:16] + "-"

    def create(self, left: Path | None = None) -> Journal:
        """Return a journal for this process, the one it ``left`` before if that is still there, else a new one.

        Raises ``OSError`` or ``ConfigurationError`` when there can be none.
        """
        self._prepare()
        found = None if left is None else self._take_over(left)
        return found or self._new()

    def _new(self) -> Journal:
        name = os.urandom(8).hex()
        unfinished = self._folder / f".{name}"
        path = self._folder / f"{self._prefix}{name}{_SUFFIX}"
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600)
        try:
            _lock(descriptor)
            # It gets the name by which others find it only when it is locked.
            unfinished.rename(path)
            return Journal(descriptor, path, most_bytes=_MOST_BYTES)
        except BaseException:
            os.close(descriptor)
            with suppress(OSError):
                unfinished.unlink()
            raise

    def orphans(self) -> Iterator[Journal]:
        """Yield the journals of processes that have ended, each one locked for us."""
        if _fcntl is None:
            return
        try:
            paths = sorted(self._folder.glob(f"{self._prefix}*{_SUFFIX}"))
        except OSError:
            return
        for path in paths:
            journal = self._take_over(path)
            if journal is not None:
                yield journal

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.stat().st_mode & _WRITABLE_FOR_OTHERS:
            raise ConfigurationError(f"Others may write into {self._folder}: give `spool_dir` a folder of its own.")

    @staticmethod
    def _take_over(path: Path) -> Journal | None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW)
        except OSError:  # gone meanwhile, or another user's
            return None
        try:
            if _is_ours(os.fstat(descriptor)):
                _lock(descriptor)
                # Whoever had it may have delivered all and removed it between our opening and our lock.
                if os.fstat(descriptor).st_nlink:
                    return Journal(descriptor, path, most_bytes=_MOST_BYTES)
        except OSError:  # its process lives
            pass
        os.close(descriptor)
        return None


def _is_ours(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & _FOR_OTHERS


def _lock(descriptor: int) -> None:
    if _fcntl is not None:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
