"""A commit taps every listener on the shoulder; who missed it because Redis was away is tapped when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from liftgate_server.plumbing import wakeups as module
from liftgate_server.plumbing.db import after_commit, transaction
from liftgate_server.plumbing.devstack import RedisServer
from liftgate_server.plumbing.redis import Redis
from liftgate_server.plumbing.wakeups import CHANNEL, wakeups

PATIENCE_SECONDS = 20


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that only these tests disturb."""
    redis = RedisServer(tmp_path, user=None)
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def announce(own_redis: RedisServer) -> Iterator[Callable[[], object]]:
    redis = Redis(own_redis.url)
    yield lambda: redis.attempt(lambda client: client.publish(CHANNEL, b""), otherwise=None)
    redis.close()


class Listener:
    """Counts the taps."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._tapped = asyncio.Event()

    async def listen(self) -> None:
        async for _ in wakeups(self._url):
            self._tapped.set()

    async def is_tapped(self) -> None:
        await asyncio.wait_for(self._tapped.wait(), PATIENCE_SECONDS)
        self._tapped.clear()

    async def is_left_alone(self) -> bool:
        await asyncio.sleep(0.1)
        return not self._tapped.is_set()


def listening(url: str | None, story: Callable[[Listener], Awaitable[None]]) -> None:
    """Tell a story beside a listener, and end it."""

    async def tell() -> None:
        listener = Listener(url)
        task = asyncio.create_task(listener.listen())
        try:
            await story(listener)
        finally:
            # The client takes a cancellation that comes together with its own timeout for that timeout.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.1)
            assert task.cancelled()

    asyncio.run(tell())


@pytest.mark.only_on("postgresql")
def test_an_announcement_is_heard(own_redis, announce):
    async def story(listener: Listener) -> None:
        await listener.is_tapped()  # once at the beginning, for what was committed before
        assert await listener.is_left_alone()
        announce()
        await listener.is_tapped()

    listening(own_redis.url, story)


@pytest.mark.only_on("postgresql")
def test_a_listener_comes_back_by_itself(own_redis, announce, monkeypatch):
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)

    async def story(listener: Listener) -> None:
        await listener.is_tapped()
        own_redis.kill()
        await asyncio.sleep(0.1)
        own_redis.start()
        await listener.is_tapped()
        announce()
        await listener.is_tapped()

    listening(own_redis.url, story)


@pytest.mark.only_on("postgresql")
def test_a_redis_that_gives_no_sign_of_life_is_called_anew(own_redis, announce, monkeypatch):
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(module, "_ALIVE_EVERY_SECONDS", 0.01)

    async def story(listener: Listener) -> None:
        await listener.is_tapped()
        own_redis.kill()
        own_redis.start()
        await listener.is_tapped()

    listening(own_redis.url, story)


def test_without_redis_nobody_is_tapped():
    async def story(listener: Listener) -> None:
        assert await listener.is_left_alone()

    listening(None, story)


def test_what_follows_a_commit_follows_it_once(in_app):
    done = []

    def note() -> None:
        done.append("done")

    with transaction():
        after_commit(note)
        with transaction():
            after_commit(note)
        assert done == []

    assert done == ["done"]


def test_what_was_to_follow_a_commit_never_follows_an_undoing(in_app):
    done = []
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012 - it must fail after the asking
        after_commit(lambda: done.append("done"))
        raise ZeroDivisionError

    with transaction():
        pass

    assert done == []
