"""Redis lost, slow, back again: what is answered stays right, and nobody waits long."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.devstack import RedisServer
from liftgate_server.plumbing.redis import REDIS_EXTENSION, REST_SECONDS, Outcome, Redis
from tests.databases import make_config
from tests.server.conftest import Caller
from tests.server.plumbing.slow_proxy import SlowProxy

pytestmark = pytest.mark.only_on("postgresql")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that only these tests disturb."""
    redis = RedisServer(tmp_path, user=None)
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def proxy(own_redis: RedisServer) -> Iterator[SlowProxy]:
    proxy = SlowProxy(own_redis.port)
    yield proxy
    proxy.close()


@pytest.fixture
def through_proxy(own_redis: RedisServer, proxy: SlowProxy) -> str:
    return own_redis.url.replace(str(own_redis.port), str(proxy.port))


@pytest.fixture
def config(tmp_path: Path, upgraded_database: str, through_proxy: str) -> Config:
    return make_config(tmp_path, database_url=upgraded_database, redis_url=through_proxy)


class Time:
    """Passes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def passing() -> Time:
    return Time()


@pytest.fixture
def redis(through_proxy: str, passing: Time) -> Iterator[Redis]:
    redis = Redis(through_proxy, monotonic=passing)
    yield redis
    redis.close()


def ping(redis: Redis) -> object:
    def call(client: Any) -> object:
        return client.ping()

    nothing: object = "nothing"
    return redis.attempt(call, otherwise=nothing)


def calls(outcome: str) -> float:
    return REGISTRY.get_sample_value("liftgate_redis_calls_total", {"outcome": outcome}) or 0.0


def test_a_call_is_answered(redis):
    assert ping(redis) is True


def test_a_slow_redis_is_given_up(redis, proxy):
    proxy.delay_seconds = 0.5

    assert ping(redis) == "nothing"


def test_after_a_failure_redis_is_left_alone_for_a_second(redis, proxy, passing):
    proxy.delay_seconds = 0.5
    ping(redis)
    proxy.delay_seconds = 0
    spared = calls("spared")

    at_once = ping(redis)
    passing.now += REST_SECONDS

    assert (at_once, ping(redis), calls("spared") - spared) == ("nothing", True, 1)


def test_each_outcome_is_counted(redis, proxy):
    before = {outcome: calls(outcome) for outcome in ("done", "failed", "spared")}

    ping(redis)
    proxy.delay_seconds = 0.5
    ping(redis)
    ping(redis)

    assert {outcome: calls(outcome) - before[outcome] for outcome in before} == {"done": 1, "failed": 1, "spared": 1}


def test_a_call_is_sent_once(redis, proxy):
    """A client that tries again by itself would carry out twice what was only lost on the way back."""
    proxy.lost_word = b"INCR"

    answer = redis.attempt(lambda client: client.incr("count"), otherwise="nothing")

    assert (answer, proxy.heard.count(b"INCR")) == ("nothing", 1)


def test_a_late_answer_is_not_taken_for_the_next(redis, proxy, passing):
    redis.attempt(lambda client: client.set("a", "1"), otherwise=None)
    proxy.delay_seconds = 0.1
    redis.attempt(lambda client: client.get("a"), otherwise=None)
    proxy.delay_seconds = 0
    passing.now += REST_SECONDS

    assert ping(redis) is True


def _slow(proxy: SlowProxy, _redis: RedisServer) -> Callable[[], None]:
    proxy.delay_seconds = 0.5
    return lambda: None


def _gone(_proxy: SlowProxy, redis: RedisServer) -> Callable[[], None]:
    redis.kill()
    return redis.start


def _restarted(_proxy: SlowProxy, redis: RedisServer) -> Callable[[], None]:
    redis.kill()
    redis.start()
    return lambda: None


def _stopped(_proxy: SlowProxy, redis: RedisServer) -> Callable[[], None]:
    os.kill(redis.pid, signal.SIGSTOP)
    return lambda: os.kill(redis.pid, signal.SIGCONT)


@pytest.mark.parametrize("misfortune", [_slow, _gone, _restarted, _stopped])
def test_changes_reach_every_server_whatever_becomes_of_redis(
    misfortune: Callable[[SlowProxy, RedisServer], Callable[[], None]],
    runtime_caller: Caller,
    secret_key: str,
    make_app: Callable[..., Flask],
    proxy: SlowProxy,
    own_redis: RedisServer,
):
    elsewhere = Caller(make_app().test_client(), secret_key)
    path = "/v1/customers/acme/state"
    seen = []
    runtime_caller.put("/v1/customers/acme", json={"attributes": {"round": -1}})
    elsewhere.get(path)

    recover = misfortune(proxy, own_redis)
    try:
        for number in range(3):
            changed = runtime_caller.put("/v1/customers/acme", json={"attributes": {"round": number}})
            seen.append((changed.status_code, _round(elsewhere.get(path))))
    finally:
        recover()

    assert seen == [(200, 0), (200, 1), (200, 2)]


def _round(answer: TestResponse) -> object:
    assert answer.json is not None
    return answer.json["attributes"]["round"]


def test_a_server_starts_while_redis_is_away(config, own_redis):
    own_redis.kill()
    try:
        app = create_app(config)
        assert app.test_client().get("/readyz").status_code == 200
    finally:
        own_redis.start()
    assert app.extensions[REDIS_EXTENSION] is not None
    detach_database(app)


def test_a_request_that_changes_something_tells_redis_once(runtime_caller):
    before = sum(map(calls, Outcome))

    runtime_caller.put("/v1/customers/acme", json={})
    runtime_caller.get("/v1/customers/acme/state")

    assert sum(map(calls, Outcome)) - before == 1
