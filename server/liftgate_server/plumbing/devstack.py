"""PostgreSQL and Redis of one's own, without Docker: started in a moment, gone without a trace.

They listen on free ports of 127.0.0.1, keep their data in a folder of their own that goes with them, and end with the
process that started them, however that ends. For development and tests; what they hold is not meant to last.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from liftgate_server.plumbing.devstack_servers import PostgresqlServer, RedisServer, ServerFailed, give

__all__ = ["Devstack", "PostgresqlServer", "RedisServer", "ServerFailed"]

_PREFIX = "liftgate-devstack-"


class Devstack:
    """Both servers, while the block lasts: `with Devstack() as stack: create_app(Config(stack.database_url, …))`."""

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            folder, user = undo.enter_context(_own_folder()), _other_user()
            self.postgresql = PostgresqlServer(_subfolder(folder, "postgresql", user), user=user, durable=self._durable)
            self.redis = RedisServer(_subfolder(folder, "redis", None), user=None)
            for server in (self.postgresql, self.redis):
                undo.callback(server.stop)
                server.start()
            self.database_url = self.postgresql.create_database("liftgate")
            self._ending = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.close()

    def settings(self) -> dict[str, str]:
        """Give the two settings that make a server use this stack."""
        return {"LIFTGATE_DATABASE_URL": self.database_url, "LIFTGATE_REDIS_URL": self.redis.url}


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Give a folder that goes with us; remove those of runs that were killed, which could not take theirs along."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)  # the other user passes through to its own folder
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    """Remove the folder of a run that is gone: the kernel has let go of its lock."""
    try:
        with (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # in use, being made at this moment, or another user's


def _subfolder(folder: Path, name: str, user: str | None) -> Path:
    made = folder / name
    made.mkdir(mode=0o700)
    if user is not None:
        give(made, user)
    return made


def _other_user() -> str | None:
    """Name who runs PostgreSQL, which refuses root; None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
