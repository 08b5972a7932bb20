"""What holds for every test: the network ends at this machine, and volumes are reduced unless asked for in full."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import network_guard

if TYPE_CHECKING:
    from tests.databases import Databases

network_guard.install()

# How long drawing takes says how busy the machine is, and no test is timed.
_UNTIMED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True)
# The short run draws the same examples each time, so that a red build is about the change; the long one explores.
hypothesis.settings.register_profile("reduced", _UNTIMED, max_examples=100, derandomize=True)
hypothesis.settings.register_profile("long", _UNTIMED, max_examples=5_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run full volumes instead of the reduced ones")
    parser.addoption(
        "--stack",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what servers run on (with Redis: postgresql)",
    )


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "reduced")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests unless they were asked for, and those that are about the other database itself."""
    left_out = [item for item in items if not _is_wanted(item, config)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _is_wanted(item: pytest.Item, config: pytest.Config) -> bool:
    if item.get_closest_marker("long") and not config.getoption("--long"):
        return False
    about = item.get_closest_marker("only_on")
    return about is None or config.getoption("--stack") == about.args[0]


@pytest.fixture(autouse=True)
def logs_of_one_test() -> Iterator[None]:
    """Let no command's choice of where logs go reach the next test; the SDK's tests never load what would be chosen."""
    yield
    structlog = sys.modules.get("structlog")
    if structlog is not None:
        structlog.reset_defaults()


@pytest.fixture(scope="session")
def full_volume(request: pytest.FixtureRequest) -> bool:
    """Whether this run is a long one, for tests that scale their own volume."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def stack_kind(request: pytest.FixtureRequest) -> str:
    """What servers run on in this run: ``sqlite`` or ``postgresql``."""
    return str(request.config.getoption("--stack"))


@pytest.fixture(scope="session")
def databases(stack_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where tests have their databases from."""
    from tests.databases import open_databases  # noqa: PLC0415 - most tests need no server, nor its libraries

    with open_databases(stack_kind, tmp_path_factory.mktemp("template")) as lending:
        yield lending


@pytest.fixture
def upgraded_database(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with the newest schema and no rows."""
    yield databases.lend_upgraded(tmp_path)
    databases.take_back()


@pytest.fixture
def empty_database(databases: Databases, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    return databases.lend_empty(tmp_path)


@pytest.fixture
def stack_settings(databases: Databases, stack_kind: str, tmp_path: Path) -> dict[str, str]:
    """What a server in a process of its own is told: an empty database and Redis; nothing where files will do."""
    if stack_kind == "sqlite":
        return {}
    return {"LIFTGATE_DATABASE_URL": databases.lend_empty(tmp_path), "LIFTGATE_REDIS_URL": databases.redis_url or ""}
