"""Behind proxies, the caller is who the trusted ones say it is; what a caller adds is not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, request

from liftgate_server.app import create_app
from liftgate_server.plumbing.db import detach_database

FORWARDED = {"X-Forwarded-For": "203.0.113.66, 198.51.100.7", "X-Forwarded-Proto": "https"}


@pytest.fixture
def make_app_behind(config) -> Iterator[Callable[[int], Flask]]:
    """Make a server behind so many proxies, with a view that says who calls."""
    made: list[Flask] = []

    def make(proxies: int) -> Flask:
        app = create_app(replace(config, trusted_proxies=proxies))
        app.add_url_rule("/caller", view_func=lambda: f"{request.scheme} {request.remote_addr}")
        made.append(app)
        return app

    yield make
    for app in made:
        detach_database(app)


@pytest.mark.parametrize(
    ("proxies", "caller"),
    [(0, "http 127.0.0.1"), (1, "https 198.51.100.7"), (2, "http 203.0.113.66")],
)
def test_as_many_proxies_are_believed_as_were_named(make_app_behind, proxies, caller):
    answer = make_app_behind(proxies).test_client().get("/caller", headers=FORWARDED)

    assert answer.text == caller


def test_metrics_stay_local_behind_a_proxy_of_this_machine(make_app_behind):
    answer = make_app_behind(1).test_client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})

    assert answer.status_code == 403
