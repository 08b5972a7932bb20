"""A client says at once what is wrong with what it was told."""

from __future__ import annotations

import pytest

from liftgate import Client, ConfigurationError
from liftgate.configuration import parse_address, parse_key
from tests.sdk.conftest import KEY


def test_address_and_key_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("LIFTGATE_URL", "https://liftgate.example.com/")
    monkeypatch.setenv("LIFTGATE_API_KEY", KEY)

    client = Client()

    assert client.url == "https://liftgate.example.com"
    assert client._credentials.key_id == "k1"


@pytest.mark.parametrize("variable", ["LIFTGATE_URL", "LIFTGATE_API_KEY"])
def test_a_missing_setting_is_named(monkeypatch, variable):
    monkeypatch.setenv("LIFTGATE_URL", "https://liftgate.example.com")
    monkeypatch.setenv("LIFTGATE_API_KEY", KEY)
    monkeypatch.delenv(variable)

    with pytest.raises(ConfigurationError, match=variable):
        Client()


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "is_secure"),
    [
        ("http://localhost", "localhost", 80, "", False),
        ("https://a.example:8443/x/", "a.example", 8443, "/x", True),
        ("http://[::1]:5000", "::1", 5000, "", False),
    ],
)
def test_an_address_is_taken_apart(url, host, port, path, is_secure):
    address = parse_address(url)

    assert (address.host, address.port, address.path, address.is_secure) == (host, port, path, is_secure)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000",
        "ftp://x",
        "http://",
        "http://a b",
        "http://user:secret@host",
        "http://x:99999",
        "http://x:0",
        "http://x?y",
        "http://x/\r\nHost: y",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigurationError):
        parse_address(url)


@pytest.mark.parametrize("key", ["x", "lgsk_test", "lgsk_test_k1_", "lgsk_test_k1_a b", KEY + "\n", "lgsk_TEST_k1_x"])
def test_what_is_no_secret_key_is_refused_without_repeating_it(key):
    with pytest.raises(ConfigurationError) as caught:
        parse_key(key)

    assert key.strip() == "x" or key.strip() not in str(caught.value)


def test_a_management_key_is_recognised():
    with pytest.raises(ConfigurationError, match="management key"):
        parse_key(KEY.replace("lgsk", "lgmk"))


@pytest.mark.parametrize(
    "setting",
    [
        {"poll_seconds": 0},
        {"request_timeout_seconds": -1},
        {"load_budget_seconds": -0.1},
        {"max_customers": 0},
        {"on_failure": "maybe"},
        {"stale_after_seconds": float("nan")},
    ],
)
def test_a_setting_that_makes_no_sense_is_named(setting):
    with pytest.raises(ConfigurationError, match=next(iter(setting))):
        Client("http://x", KEY, **setting)
