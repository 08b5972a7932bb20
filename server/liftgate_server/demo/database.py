"""The demo's throw-away database: made, migrated and filled before anything is served."""

from __future__ import annotations

from liftgate_server.app import create_app
from liftgate_server.demo.seed import DemoKeys, seed
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

__all__ = ["seeded_database"]


def seeded_database(config: Config, *, host_origin: str) -> DemoKeys:
    app = create_app(config)
    try:
        with app.app_context():
            upgrade_database(lock_directory=config.data_directory)
            return seed(host_origin=host_origin)
    finally:
        detach_database(app)
