"""An account that the server has forgotten is thrown away, although what is kept of it has a higher version."""

from __future__ import annotations

from typing import Any

from tests.sdk.conftest import settle
from tests.sdk.fake_server import FakeServer, state_document
from tests.sdk.test_polling import poll


def forget(server: FakeServer, customer: str) -> None:
    """As the real server does: the state is that of an account nobody has told of, and a change says so."""
    with server.lock:
        server.states[customer] = state_document(customer) | {"version": 0}
        server._tell("customer", customer, 0)


def is_granted(client: Any) -> bool:
    return bool(client.check("sso").granted)


def test_what_is_kept_of_it_goes(client, server):
    server.upgrade("acme")
    with client.customer("acme"):
        settle(client)
        assert is_granted(client)

        forget(server, "acme")
        poll(client)

        assert not is_granted(client)


def test_an_account_that_comes_back_in_the_same_page_is_the_new_one(client, server):
    """Its version, and with it its tag, may be the very one that is kept."""
    server.upgrade("acme")
    version = server.states["acme"]["version"]
    with client.customer("acme"):
        settle(client)
        assert is_granted(client)

        forget(server, "acme")
        server.put("acme", version=version)
        poll(client)

        assert not is_granted(client)


def test_an_older_state_that_comes_late_is_refused_as_ever(client, server):
    server.put("acme")
    server.upgrade("acme")
    with client.customer("acme"):
        settle(client)
        server.put("acme", version=1, phases=[])
        poll(client)

        assert is_granted(client)
