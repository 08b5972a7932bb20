"""The same stories on SQLite and on PostgreSQL: equal answers, entries, counters, days and thresholds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.app import create_app
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database
from liftgate_server.usage import counting_steps, posting_steps
from tests.databases import make_config
from tests.server.conftest import START
from tests.server.usage.ledger_setting import do_not_wait_for_the_disk, publish_plans
from tests.server.usage.ledger_stories import Storyteller, Turn, tell

pytestmark = pytest.mark.only_on("postgresql")

_TURNS = 60


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Flask]:
    """A server on SQLite, beside the one on PostgreSQL."""
    folder = tmp_path / "beside"
    folder.mkdir()
    app = create_app(make_config(folder), clock=FixedClock(START))
    with app.app_context():
        upgrade_database(lock_directory=folder)
    yield app
    detach_database(app)


def _story(seed: int) -> list[Turn]:
    teller = Storyteller(random.Random(seed), START)  # noqa: S311 - it has to be told again, not to be secret
    return [teller.turn() for _ in range(_TURNS)]


def _prepared(app: Flask, environment_id: int | None) -> int:
    with app.app_context():
        made = environment_id or create_environment(NewEnvironment("demo", name="Demo")).id
        publish_plans(made)
        do_not_wait_for_the_disk()
        return made


def _told(app: Flask, environment_id: int, seed: int, begins_at: datetime) -> Any:
    clock = app.extensions["liftgate.clock"]
    clock.set(begins_at)
    with app.app_context():
        return tell(environment_id, f"customer-{seed}", _story(seed), clock)


@pytest.fixture
def compare(app, beside, environment, clock) -> Callable[[Iterable[int]], None]:
    """Tell stories to both and compare all that they answer and keep."""
    on_postgresql, on_sqlite = _prepared(app, environment.id), _prepared(beside, None)

    def each(seeds: Iterable[int]) -> None:
        for seed in seeds:
            begins_at = clock.now()
            answers, rows = _told(app, on_postgresql, seed, begins_at)
            answers_beside, rows_beside = _told(beside, on_sqlite, seed, begins_at)
            for place, (one, other) in enumerate(zip(answers, answers_beside, strict=True)):
                assert one == other, f"seed {seed}, answer {place}"
            for table in rows.keys() | rows_beside.keys():
                assert rows[table] == rows_beside[table], f"seed {seed}, {table}"

    return each


def test_a_story_ends_alike_on_both(compare, *, full_volume: bool):
    compare(range(200 if full_volume else 5))


def test_a_difference_is_found(compare, monkeypatch):
    monkeypatch.setattr(posting_steps, "count_day", partial(_count_twice, counting_steps.count_day))

    with pytest.raises(AssertionError, match="usage_days"):
        compare(range(3))


def _count_twice(count_day: Any, place: Any, *, units: int, uses: int) -> Any:
    return count_day(place, units=units, uses=2 * uses)
