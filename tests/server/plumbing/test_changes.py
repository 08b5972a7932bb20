"""Changes are numbered without a gap per environment, in the transaction that makes them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.plumbing.changes import (
    RETENTION,
    ChangeKind,
    append_change,
    changes_after,
    forget_old_changes,
    latest_marks,
    latest_number,
)
from liftgate_server.plumbing.db import db, transaction


@pytest.fixture
def append(in_app, environment):
    """Append changes of a kind, each in a transaction of its own."""

    def append(count: int = 1, kind: ChangeKind = ChangeKind.CUSTOMER) -> list[int]:
        numbers = []
        for _ in range(count):
            with transaction():
                numbers.append(append_change(environment.id, kind, key="acme", version=1))
        return numbers

    return append


def test_numbers_follow_each_other(append, environment):
    first = latest_number(environment.id)

    assert append(3) == [first + 1, first + 2, first + 3]
    assert latest_number(environment.id) == first + 3


def test_a_change_undone_leaves_no_gap(append, environment):
    before = append()[0]
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012 - it must fail after the write
        append_change(environment.id, ChangeKind.CUSTOMER, key="acme", version=1)
        raise ZeroDivisionError

    assert append() == [before + 1]


def test_a_change_is_unseen_until_it_is_committed(append, environment):
    before = latest_number(environment.id)
    with transaction():
        append_change(environment.id, ChangeKind.CUSTOMER, key="acme", version=1)
        seen_within = latest_number(environment.id)

    assert (seen_within, latest_number(environment.id)) == (before, before + 1)


def test_each_environment_counts_for_itself(append, environment):
    other = create_environment(NewEnvironment("other"))
    before = latest_number(other.id)

    append(5)

    assert latest_number(other.id) == before


def test_the_marks_tell_kinds_apart(append, environment):
    catalogue = append(1, ChangeKind.CATALOGUE)[0]
    access = append(1, ChangeKind.ACCESS)[0]
    customer = append(1, ChangeKind.CUSTOMER)[0]

    assert latest_marks(environment.id) == (customer, catalogue, access)


def test_a_reader_gets_what_came_after_its_number(append, environment):
    numbers = append(4)

    page = changes_after(environment.id, numbers[1])

    assert [change.number for change in page.changes] == numbers[2:]
    assert (page.latest, page.reset) == (numbers[3], False)
    assert page.changes[0].kind is ChangeKind.CUSTOMER


def test_a_long_way_is_gone_in_pages(append, environment):
    numbers = append(5)

    page = changes_after(environment.id, numbers[0] - 1, limit=2)

    assert [change.number for change in page.changes] == numbers[:2]
    assert page.latest == numbers[-1]


def test_a_reader_ahead_of_the_server_must_start_anew(append, environment):
    latest = append()[0]

    assert changes_after(environment.id, latest + 1).reset


def test_a_reader_older_than_the_retention_must_start_anew(append, environment, clock):
    old = append(3)
    clock.advance(RETENTION + timedelta(seconds=1))
    new = append(2)

    forget_old_changes(clock.now())
    db.session.rollback()

    assert changes_after(environment.id, old[0]).reset
    assert [change.number for change in changes_after(environment.id, old[-1]).changes] == new


def test_the_newest_change_is_never_forgotten(append, environment, clock):
    newest = append(3)[-1]
    clock.advance(RETENTION * 10)

    forget_old_changes(clock.now())
    db.session.rollback()

    assert [change.number for change in changes_after(environment.id, newest - 1).changes] == [newest]


def test_the_first_change_of_an_environment_can_be_asked_for(in_app, environment):
    page = changes_after(environment.id, 0)

    assert [change.number for change in page.changes] == list(range(1, page.latest + 1))
