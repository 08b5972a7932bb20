"""The command line in this process, on a data directory of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from liftgate_server.cli import main
from liftgate_server.cli.catalog import catalog


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack_settings: dict[str, str]) -> Path:
    """An empty data directory and database that the settings point at."""
    for name, value in stack_settings.items():
        monkeypatch.setenv(name, value)
    directory = tmp_path / "data"
    monkeypatch.setenv("LIFTGATE_DATA", str(directory))
    return directory


@pytest.fixture(autouse=True)
def silent_server() -> None:
    """Keep what a server in this process logs apart from what the command prints."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


@pytest.fixture
def liftgate(data: Path) -> Callable[..., Result]:
    """Run a command: `liftgate("keys", "list", "--environment", "demo")`."""
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def live_url(app) -> Iterator[str]:
    """The address of the app, served by a thread of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(live_url, management_key):
    """Run `liftgate catalog …` with a key that may do everything."""

    def run_command(*arguments, key: str = management_key, url: str = live_url, **options) -> Result:
        environment = {"LIFTGATE_URL": url, "LIFTGATE_MANAGEMENT_KEY": key, "no_proxy": "127.0.0.1"}
        return CliRunner().invoke(catalog, [str(argument) for argument in arguments], env=environment, **options)

    return run_command
