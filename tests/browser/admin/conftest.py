"""A running server with the sample site, and a browser in which somebody is signed in to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from liftgate_server.app import create_app
from liftgate_server.plumbing.db import detach_database
from tests.admin_samples import Site, make_site
from tests.browser.admin.admin_page import AdminPage
from tests.databases import SqliteDatabases, make_config


class RunningSite:
    """The sample site at an address."""

    def __init__(self, site: Site, address: str) -> None:
        self.site = site
        self.address = address

    def cookie_of(self, role: str) -> dict[str, str]:
        """Make the cookie of a browser in which the person of a role is signed in."""
        interface = SecureCookieSessionInterface()
        signer = interface.get_signing_serializer(self.site.app)
        assert signer is not None
        return {
            "name": str(self.site.app.config["SESSION_COOKIE_NAME"]),
            "value": str(signer.dumps({"_user_id": self.site.sign_in(role), "_permanent": True})),
            # The very path of the server's own cookie, so that this one is replaced and not sent beside it.
            "domain": "127.0.0.1",
            "path": "/admin",
        }


@pytest.fixture(scope="module")
def running_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    folder = tmp_path_factory.mktemp("site")
    SqliteDatabases(folder)
    app = create_app(make_config(folder))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield RunningSite(make_site(app), f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    detach_database(app)


@pytest.fixture
def open_admin(
    running_site: RunningSite, new_context: Callable[..., BrowserContext]
) -> Iterator[Callable[..., AdminPage]]:
    """Open a page as somebody; whatever a test does there must break no policy and raise no error."""
    opened: list[AdminPage] = []

    def make(path: str = "/admin/", *, role: str | None = "owner", **options: object) -> AdminPage:
        context = new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en"} | options)
        if role is not None:
            context.add_cookies([running_site.cookie_of(role)])  # type: ignore[list-item]
        page = AdminPage(context.new_page(), running_site.address)
        opened.append(page)
        page.go(path)
        return page

    yield make
    for page in opened:
        assert page.complaints() == []
