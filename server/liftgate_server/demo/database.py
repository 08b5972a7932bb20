"""The demo's throw-away database: made, migrated and filled before anything is served."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from liftgate_server.access.caller import Role
from liftgate_server.access.people import create_person
from liftgate_server.app import create_app
from liftgate_server.demo.seed import DemoKeys, seed
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

__all__ = ["SeededDemo", "seeded_database"]

EMAIL = "owner@example.com"


@dataclass(frozen=True, slots=True)
class SeededDemo:
    """What lets somebody into the demo: its keys, and how an owner signs in to the pages."""

    keys: DemoKeys
    email: str
    password: str


def seeded_database(config: Config, *, host_origin: str) -> SeededDemo:
    app = create_app(config)
    # New each time: the demo's port is open to every program on this machine.
    password = secrets.token_urlsafe(9)
    try:
        with app.app_context():
            upgrade_database(lock_directory=config.data_directory)
            keys = seed(host_origin=host_origin)
            create_person(EMAIL, "Demo owner", role=Role.OWNER, password=password)
            return SeededDemo(keys, EMAIL, password)
    finally:
        detach_database(app)
