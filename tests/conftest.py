"""What holds for every test: the network ends at this machine, and volumes are reduced unless asked for in full."""

from __future__ import annotations

import hypothesis
import pytest

from tests import network_guard

network_guard.install()

# How long drawing takes says how busy the machine is, and no test is timed.
_UNTIMED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True)
# The short run draws the same examples each time, so that a red build is about the change; the long one explores.
hypothesis.settings.register_profile("reduced", _UNTIMED, max_examples=100, derandomize=True)
hypothesis.settings.register_profile("long", _UNTIMED, max_examples=5_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run full volumes instead of the reduced ones")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "reduced")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless they were asked for."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def full_volume(request: pytest.FixtureRequest) -> bool:
    """Whether this run is a long one, for tests that scale their own volume."""
    return bool(request.config.getoption("--long"))
