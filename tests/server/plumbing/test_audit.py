"""Entries of the audit log: who, what, before and after; never changed afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from liftgate_server.plumbing import audit
from liftgate_server.plumbing.audit import Actor, ActorKind, AuditEntryRow, acting_as, entries, write_entry
from liftgate_server.plumbing.db import transaction

ANNA = Actor(ActorKind.PERSON, "per_1", "Anna")


def write_and_fail(environment_id):
    with transaction(environment_id):
        write_entry(environment_id, "plan.renamed", subject="plan:pro")
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _in_app(in_app):
    """Stand in the app's context."""


def test_an_entry_says_who_did_what_to_what(environment, clock):
    with acting_as(ANNA):
        write_entry(environment.id, "plan.renamed", subject="plan:pro", before={"name": "Pro"}, after={"name": "Plus"})

    entry = entries(environment.id).items[0]
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == (ActorKind.PERSON, "per_1", "Anna")
    assert (entry.action, entry.subject, entry.at) == ("plan.renamed", "plan:pro", clock.now())
    assert (entry.before, entry.after) == ({"name": "Pro"}, {"name": "Plus"})


def test_without_a_name_the_system_acts(environment):
    write_entry(environment.id, "job.ran", subject="job:x")

    assert entries(environment.id).items[0].actor_kind is ActorKind.SYSTEM


def test_an_entry_falls_with_its_transaction(environment):
    known = entries(environment.id).items
    with pytest.raises(ZeroDivisionError):
        write_and_fail(environment.id)

    assert entries(environment.id).items == known


@pytest.mark.parametrize("statement", [update(AuditEntryRow).values(actor_name="Nobody"), delete(AuditEntryRow)])
def test_the_database_refuses_to_change_an_entry(environment, statement):
    write_entry(environment.id, "plan.renamed", subject="plan:pro")

    with pytest.raises(DBAPIError, match="the audit log cannot be changed"), transaction() as session:
        session.execute(statement)

    assert entries(environment.id).items[0].action == "plan.renamed"


def test_numbers_have_no_gap_and_environments_their_own(environment):
    for tenant in (environment.id, None, environment.id):
        write_entry(tenant, "something.happened", subject="thing:1")

    own = [entry.number for entry in entries(environment.id).items]
    assert own == list(range(len(own), 0, -1))
    assert [entry.action for entry in entries(None).items] == ["something.happened"]


def test_filters_and_pages(environment):
    for number in range(5):
        with acting_as(ANNA if number % 2 else audit.SYSTEM):
            write_entry(environment.id, "plan.renamed", subject=f"plan:p{number % 3}")
    write_entry(environment.id, "plan.archived", subject="plan:p0")

    assert len(entries(environment.id, action="plan.renamed").items) == 5
    assert len(entries(environment.id, action="plan.renamed", actor="per_1").items) == 2
    assert len(entries(environment.id, action="plan.renamed", subject="plan:p0").items) == 2
    first = entries(environment.id, action="plan.renamed", limit=3)
    rest = entries(environment.id, action="plan.renamed", limit=3, cursor=first.next_cursor)
    numbers = [entry.number for entry in (*first.items, *rest.items)]
    assert numbers == sorted(numbers, reverse=True)
    assert (len(numbers), rest.next_cursor) == (5, None)
