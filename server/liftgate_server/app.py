"""Composition: the rooms, the clock, the database and what surrounds every request, wired in one place."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from liftgate_server.access import routes as access_routes
from liftgate_server.access.cors import allow_listed_origins
from liftgate_server.access.credentials import CREDENTIALS_EXTENSION, Credentials
from liftgate_server.access.sign_in_limits import limit_sign_ins
from liftgate_server.admin.attaching import attach_admin
from liftgate_server.billing import routes as billing_routes
from liftgate_server.catalog import routes as catalog_routes
from liftgate_server.customers import routes as customers_routes
from liftgate_server.entitlements import routes as entitlements_routes
from liftgate_server.metering import routes as metering_routes
from liftgate_server.plumbing import file_routes, public_routes
from liftgate_server.plumbing.api import Api
from liftgate_server.plumbing.bodies import DEFAULT_BODY_LIMIT_BYTES, BoundedRequest
from liftgate_server.plumbing.clock import CLOCK_EXTENSION, Clock, SystemClock
from liftgate_server.plumbing.config import CONFIG_EXTENSION, Config
from liftgate_server.plumbing.db import attach_database, db, normalise_url
from liftgate_server.plumbing.redis import REDIS_EXTENSION, Redis
from liftgate_server.plumbing.sealing import SEALER_EXTENSION, Sealer
from liftgate_server.plumbing.surroundings import surround_requests
from liftgate_server.privacy import routes as privacy_routes
from liftgate_server.publishing import routes as publishing_routes
from liftgate_server.stream import routes as stream_routes
from liftgate_server.usage import routes as usage_routes

# From the ground up; each offers its blueprints.
ROOMS = (
    public_routes,
    file_routes,
    access_routes,
    catalog_routes,
    customers_routes,
    billing_routes,
    usage_routes,
    entitlements_routes,
    metering_routes,
    publishing_routes,
    privacy_routes,
    stream_routes,
)


class Application(Flask):
    request_class = BoundedRequest

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the view as it is: none of ours is asynchronous, and Flask would ask seven times per request."""
        return func


def create_app(config: Config, *, clock: Clock | None = None) -> Flask:
    """Make the WSGI application of one server process."""
    app = Application("liftgate_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = DEFAULT_BODY_LIMIT_BYTES
    app.extensions[CONFIG_EXTENSION] = config
    app.extensions[CLOCK_EXTENSION] = clock or SystemClock()
    app.extensions[SEALER_EXTENSION] = Sealer(config.secret)
    app.extensions[CREDENTIALS_EXTENSION] = Credentials()
    attach_database(app, normalise_url(config.database_url))
    app.extensions[REDIS_EXTENSION] = None if config.redis_url is None else Redis(config.redis_url)
    surround_requests(app)
    allow_listed_origins(app)
    Migrate(app, db)
    app.extensions[public_routes.API_EXTENSION] = api = Api(app, version=version("liftgate"))
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    for room in ROOMS:
        for blueprint in room.blueprints:
            api.register_blueprint(blueprint)
    limit_sign_ins(app)
    attach_admin(app)
    return app
