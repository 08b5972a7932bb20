"""A server in this process, put together as `liftgate serve` does, for laws that are about all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import detach_database


@pytest.fixture
def whole_server(tmp_path: Path, empty_database: str) -> Iterator[Flask]:
    """All rooms on a database without any table."""
    config = Config(
        database_url=empty_database,
        secret="a secret that only tests know",
        data_directory=tmp_path,
    )
    app = create_app(config)
    yield app
    detach_database(app)
