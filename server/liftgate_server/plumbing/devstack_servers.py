"""One server process each of PostgreSQL and Redis, on a free port of 127.0.0.1, ending with who started it."""

# size: processes, their user, signals and ports; each word of the standard library is one import

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from liftgate_server.plumbing.devstack_binaries import find_postgresql, find_redis, usable_by_others
from liftgate_server.plumbing.ports import probe_port

__all__ = ["APPLICATION_ROLE", "PostgresqlServer", "RedisServer", "ServerFailed", "give"]

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_START_WITHIN_SECONDS = 30
_END_WITHIN_SECONDS = 10
_SUPERUSER = "postgres"
APPLICATION_ROLE = "liftgate"
# After a crash every file is brought to the disk before anybody may come in: in one go, and not file by file.
_DURABLE = ("recovery_init_sync_method=syncfs",)
# Nothing here outlives a power cut, so nothing waits for the disk.
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class ServerFailed(Exception):
    """A server ended before it answered; the message holds what it said."""


class _Server:
    """One server process on a port of its own; stopped and started again it keeps both port and data."""

    def __init__(self, folder: Path, *, user: str | None, end_with: signal.Signals) -> None:
        self.folder = folder
        self.port = probe_port("127.0.0.1", 0)
        self._user = user
        self._end_with = end_with
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def stop(self) -> None:
        """End the server as its users would, or the hard way when it takes too long."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._end_with)
        try:
            process.wait(_END_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End the server as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _start(self, command: Sequence[str | Path], stdin: IO[bytes] | None = None) -> None:
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the programs we have looked up
                [str(word) for word in command],
                stdin=stdin or subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we end the server in order
                preexec_fn=_end_with_parent(self._end_with),  # noqa: PLW1509 - a few system calls, no lock is taken
                **_acting_as(self._user),
            )
        deadline = time.monotonic() + _START_WITHIN_SECONDS
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{Path(command[0]).name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.01)


class PostgresqlServer(_Server):
    """A cluster with one role for the application, which is no superuser and owns the databases made here."""

    def __init__(self, folder: Path, *, user: str | None, durable: bool = False) -> None:
        # SIGINT ends every session; SIGTERM would wait for them.
        super().__init__(folder, user=user, end_with=signal.SIGINT)
        self._password, self._superuser_password = secrets.token_hex(12), secrets.token_hex(12)
        self._settings = _DURABLE if durable else _QUICK
        programs = find_postgresql()
        self._programs = programs.folder if user is None else usable_by_others(programs, folder)
        self._with_language = False
        self._initialise()

    def start(self) -> None:
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=250",
        )
        options = [word for setting in (*settings, *self._settings) for word in ("-c", setting)]
        self._start([self._programs / "postgres", "-D", self.folder / "data", *options])
        self._wait_until_open()

    def url(self, database: str) -> str:
        return f"postgresql://{APPLICATION_ROLE}:{self._password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make a database of the application's role, empty or as a copy of another; give its URL."""
        if template is None:
            # Sorting by language where the build can do it, as most servers out there do: whoever relies on an order
            # of bytes must say so.
            language = " LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" if self._with_language else ""
            copied = f"template0 ENCODING 'UTF8'{language}"
        else:
            copied = f'"{template}"'
        with self.as_superuser() as connection:
            connection.execute(f'CREATE DATABASE "{name}" OWNER {APPLICATION_ROLE} TEMPLATE {copied}')
        return self.url(name)

    def as_superuser(self, database: str = "postgres") -> Any:
        """Connect as who may do everything; each statement is a transaction of its own."""
        url = f"postgresql://{_SUPERUSER}:{self._superuser_password}@127.0.0.1:{self.port}/{database}"
        return _psycopg().connect(url, autocommit=True, connect_timeout=5)

    def _initialise(self) -> None:
        passwords = self.folder / "password"
        passwords.write_text(self._superuser_password)
        if self._user is not None:
            give(passwords, self._user)
        command = [
            *(self._programs / "initdb", "-D", self.folder / "data", "--username", _SUPERUSER, "--pwfile", passwords),
            *("--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        ]
        made = subprocess.run(  # noqa: S603 - as below; the program we have looked up
            [str(word) for word in command],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_end_with_parent(signal.SIGTERM),
            **_acting_as(self._user),
        )
        passwords.unlink()
        if made.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _wait_until_open(self) -> None:
        """Wait until it has recovered; while it does, it answers and refuses."""
        deadline = time.monotonic() + _START_WITHIN_SECONDS
        while True:
            try:
                self._prepare()
            except _psycopg().OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def _prepare(self) -> None:
        """Make the application's role on the first start, and see what this build can do."""
        with self.as_superuser() as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone()
            if known is None:
                connection.execute(f"CREATE ROLE {APPLICATION_ROLE} LOGIN PASSWORD '{self._password}'")
            # Only a build that can sort by language brings the languages along.
            found = connection.execute("SELECT 1 FROM pg_collation WHERE collname = 'en-US-x-icu'").fetchone()
            self._with_language = found is not None


class RedisServer(_Server):
    """A Redis that keeps nothing on disk."""

    def __init__(self, folder: Path, *, user: str | None) -> None:
        super().__init__(folder, user=user, end_with=signal.SIGTERM)
        self._program = find_redis()
        self._password = secrets.token_hex(12)

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        settings = (
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.folder}",
            'save ""',
            "appendonly no",
            # By standard input and not as an argument, which every user of the machine could read.
            f"requirepass {self._password}",
        )
        with tempfile.TemporaryFile() as file:
            file.write("\n".join(settings).encode())
            file.seek(0)
            self._start([self._program, "-"], stdin=file)


def give(path: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def _acting_as(user: str | None) -> dict[str, Any]:
    """Give the arguments of a process: the user, its own group only, and an environment with nothing of ours."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if user is None:
        return {"env": environment}
    entry = pwd.getpwnam(user)
    return {"env": environment, "user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}


def _end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)  # looked up here, because after a fork nothing may be loaded
    return lambda: library.prctl(_PARENT_DEATH_SIGNAL, number)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _psycopg() -> Any:
    import psycopg  # noqa: PLC0415 - an extra; who uses SQLite never loads it

    return psycopg
