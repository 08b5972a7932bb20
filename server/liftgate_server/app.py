"""Composition: the rooms, the clock, the database and what surrounds every request, wired in one place."""

from __future__ import annotations

import importlib
import importlib.util
from importlib.metadata import version

from flask import Flask

from liftgate_server.access.cors import allow_listed_origins
from liftgate_server.access.credentials import CREDENTIALS_EXTENSION, Credentials
from liftgate_server.plumbing.api import Api
from liftgate_server.plumbing.bodies import DEFAULT_BODY_LIMIT_BYTES
from liftgate_server.plumbing.clock import CLOCK_EXTENSION, Clock, SystemClock
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import attach_database, normalise_url
from liftgate_server.plumbing.public_routes import API_EXTENSION, CONFIG_EXTENSION
from liftgate_server.plumbing.public_routes import blueprint as public_blueprint
from liftgate_server.plumbing.sealing import SEALER_EXTENSION, Sealer
from liftgate_server.plumbing.surroundings import surround_requests

# TEMPORARY while the rooms are being built: becomes a tuple of imported modules.
ROOMS = tuple(
    importlib.import_module(f"liftgate_server.{room}.routes")
    for room in ("access", "catalog", "customers", "billing", "entitlements")
    if importlib.util.find_spec(f"liftgate_server.{room}")
    and importlib.util.find_spec(f"liftgate_server.{room}.routes")
)


def create_app(config: Config, *, clock: Clock | None = None) -> Flask:
    """Make the WSGI application of one server process."""
    app = Flask("liftgate_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = DEFAULT_BODY_LIMIT_BYTES
    app.extensions[CONFIG_EXTENSION] = config
    app.extensions[CLOCK_EXTENSION] = clock or SystemClock()
    app.extensions[SEALER_EXTENSION] = Sealer(config.secret)
    app.extensions[CREDENTIALS_EXTENSION] = Credentials()
    attach_database(app, normalise_url(config.database_url))
    surround_requests(app)
    allow_listed_origins(app)
    app.extensions[API_EXTENSION] = api = Api(app, version=version("liftgate"))
    for blueprint in (
        public_blueprint,
        *(blueprint for room in ROOMS for blueprint in getattr(room, "blueprints", ())),
    ):
        api.register_blueprint(blueprint)
    return app
