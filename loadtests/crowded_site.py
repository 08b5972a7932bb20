"""A database with a crowd of customers, and a person who is signed in to its pages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from liftgate_server.access import people, sign_ins
from liftgate_server.access.caller import Role
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.app import create_app
from liftgate_server.catalog import document, service
from liftgate_server.plumbing import db, migrating
from liftgate_server.plumbing.config import load_config
from loadtests import crowd
from loadtests.bench import sample

ENVIRONMENT = "bench"
FEATURES = 40
CUSTOMER = crowd.customer_id(0)


@dataclass(frozen=True, slots=True)
class CrowdedSite:
    """The app, and the token of a browser in which its owner is signed in."""

    app: Flask
    sign_in: str


@contextmanager
def crowded_site(customers: int) -> Iterator[CrowdedSite]:
    """Make a database with so many customers that goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as folder:
        config = load_config({}, data=Path(folder))
        app = create_app(config)
        try:
            with app.app_context():
                migrating.upgrade_database(lock_directory=config.data_directory)
                site = CrowdedSite(app, _prepare(customers))
            yield site
        finally:
            db.detach_database(app)


def _prepare(customers: int) -> str:
    environment = create_environment(NewEnvironment(ENVIRONMENT, name="Bench"))
    service.publish(environment.id, document.SourceDocument(sample.catalogue_document(FEATURES)))
    crowd.settle(environment.id, customers, plan="pro", plan_version=1, amount=2900)
    owner = people.create_person("owner@example.com", "Owner", role=Role.OWNER)
    return sign_ins.start_sign_in(owner.id, address="127.0.0.1", browser="bench")
