"""Writers of one environment queue, whatever process they are in, so reading and then writing is one step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.models import EnvironmentRow
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.plumbing.db import db, transaction
from liftgate_server.plumbing.errors import Conflict

AT_ONCE = 6


def all_at_once(make_app: Callable[..., Flask], work: Callable[[int], Any]) -> list[Any]:
    """Do the work in threads and server processes of their own, released together."""
    together = threading.Barrier(AT_ONCE)

    def run(number: int, app: Flask) -> Any:
        with app.app_context():
            db.engine.connect().close()
            together.wait(timeout=30)
            return work(number)

    apps = [make_app() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running = [threads.submit(run, number, app) for number, app in enumerate(apps)]
        return [done.result() for done in running]


@contextmanager
def held_elsewhere(app: Flask, environment_id: int | None) -> Iterator[None]:
    """Stand in a transaction in another thread while the block lasts."""
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with app.app_context(), transaction(environment_id):
            begun.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        done.set()
        holder.join()


@pytest.mark.parametrize("customer", ["a", "b", "c", "d"])
def test_first_upserts_of_one_customer_at_once_all_succeed(make_app, environment, customer):
    made = all_at_once(make_app, lambda _: upsert_customer(environment.id, customer, UpsertCustomer()))

    assert {one.version for one in made} == {1}


def test_what_is_read_in_a_transaction_is_still_so_when_it_writes(make_app, environment):
    def raise_by_one(_: int) -> None:
        with transaction(environment.id) as session:
            row = session.get_one(EnvironmentRow, environment.id)
            session.execute(
                db.update(EnvironmentRow).where(EnvironmentRow.id == environment.id).values(version=row.version + 1)
            )

    all_at_once(make_app, raise_by_one)

    with make_app().app_context():
        assert db.session.get_one(EnvironmentRow, environment.id).version == 1 + AT_ONCE


def test_an_environment_created_twice_at_once_exists_once(make_app):
    def create(_: int) -> str:
        try:
            return create_environment(NewEnvironment("same")).key
        except Conflict as refusal:
            return refusal.code

    assert sorted(all_at_once(make_app, create)) == [*["environment_exists"] * (AT_ONCE - 1), "same"]


def test_an_environment_created_twice_inside_other_environments_changes_exists_once(make_app, in_app):
    homes = [create_environment(NewEnvironment(f"home-{number}")).id for number in range(AT_ONCE)]

    def create(number: int) -> str:
        with transaction(homes[number]):
            try:
                return create_environment(NewEnvironment("same")).key
            except Conflict as refusal:
                return refusal.code

    assert all_at_once(make_app, create).count("same") == 1


def test_a_lock_taken_for_a_part_that_failed_is_kept(make_app, environment):
    app = make_app()
    other_app = make_app()
    with app.app_context():
        other = create_environment(NewEnvironment("other")).id
        with transaction(environment.id):
            with pytest.raises(ZeroDivisionError), transaction(other):
                raise ZeroDivisionError
            with transaction(other):
                waited = threading.Thread(target=_write_in, args=(other_app, other))
                waited.start()
                waited.join(0.3)
                assert waited.is_alive()
    waited.join(30)
    assert not waited.is_alive()


def _write_in(app: Flask, environment_id: int) -> None:
    with app.app_context(), transaction(environment_id):
        pass


@pytest.mark.only_on("postgresql")
def test_environments_do_not_queue_for_each_other(make_app, in_app, environment):
    other = create_environment(NewEnvironment("other")).id

    with held_elsewhere(make_app(), environment.id):
        upsert_customer(other, "acme", UpsertCustomer())

        free = threading.Thread(target=_write_in, args=(make_app(), None))
        free.start()
        free.join(0.3)
        assert free.is_alive()
    free.join(30)
    assert not free.is_alive()
