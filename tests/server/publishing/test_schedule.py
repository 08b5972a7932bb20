"""What is scheduled is published when it is due, once, or says why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.catalog import queries
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.errors import Conflict, Invalid
from liftgate_server.publishing import due, proposals, service
from liftgate_server.publishing.facts import Audience, ScheduleState, Terms
from liftgate_server.publishing.queries import scheduled, scheduled_by_id


@pytest.fixture
def waiting(catalogue, clock):
    """A publication of 50 boards, in an hour."""
    catalogue.give("pro", "boards", 50)
    at = clock.now() + timedelta(hours=1)
    return service.schedule(catalogue.environment_id, catalogue.source, at=at, message="Soon", by="ada")


def test_what_is_scheduled_is_published_when_it_is_due(catalogue, waiting, clock):
    assert service.publish_due(clock.now()) == 0
    clock.advance(timedelta(hours=1))

    assert service.publish_due(clock.now()) == 1

    current = queries.current_version(catalogue.environment_id)
    assert (current.version, current.message, current.published_by) == (2, "Soon", "ada")
    done = scheduled_by_id(catalogue.environment_id, waiting.id)
    assert (done.state, done.version, done.decided_at) == (ScheduleState.PUBLISHED, 2, clock.now())
    assert service.publish_due(clock.now()) == 0


def test_what_was_published_in_between_makes_it_fail_visibly(catalogue, waiting, clock):
    catalogue.give("pro", "boards", 30)
    catalogue.publish()
    clock.advance(timedelta(hours=2))

    service.publish_due(clock.now())

    failed = scheduled_by_id(catalogue.environment_id, waiting.id)
    assert (failed.state, failed.code, failed.version) == (ScheduleState.FAILED, "stale_base", None)
    assert "current version is 2" in (failed.reason or "")
    assert entries(catalogue.environment_id).items[0].action == "catalogue.schedule_failed"
    assert queries.current_version(catalogue.environment_id).version == 2


def test_one_that_meets_a_bug_keeps_no_other_waiting(catalogue, waiting, clock, monkeypatch):
    later = service.schedule(catalogue.environment_id, catalogue.source, at=waiting.at + timedelta(minutes=1), by="ada")
    real = proposals.propose

    def fail_at_first(environment_id, source):
        monkeypatch.setattr(due, "propose", real)
        raise RuntimeError("a bug")

    monkeypatch.setattr(due, "propose", fail_at_first)
    clock.advance(timedelta(hours=2))

    assert service.publish_due(clock.now()) == 1
    assert scheduled_by_id(catalogue.environment_id, waiting.id).state == ScheduleState.WAITING
    assert scheduled_by_id(catalogue.environment_id, later.id).state == ScheduleState.PUBLISHED


def test_a_canceled_publication_does_not_happen(catalogue, waiting, clock):
    service.cancel_scheduled(catalogue.environment_id, waiting.id)
    clock.advance(timedelta(hours=2))

    assert service.publish_due(clock.now()) == 0
    with pytest.raises(Conflict) as refused:
        service.cancel_scheduled(catalogue.environment_id, waiting.id)
    assert refused.value.code == "schedule_decided"


def test_one_that_fails_keeps_no_other_waiting(catalogue, waiting, clock):
    second = service.schedule(
        catalogue.environment_id, catalogue.source, at=clock.now() + timedelta(minutes=30), message="First"
    )
    clock.advance(timedelta(hours=2))

    assert service.publish_due(clock.now()) == 2

    states = {one.id: one.state for one in scheduled(catalogue.environment_id).items}
    assert states == {second.id: ScheduleState.PUBLISHED, waiting.id: ScheduleState.FAILED}


def test_a_late_job_still_moves_subscribers_who_were_to_move_with_it(catalogue, clock):
    at = clock.now() + timedelta(hours=1)
    catalogue.give("pro", "boards", 50)
    service.schedule(catalogue.environment_id, catalogue.source, at=at, terms=Terms(Audience.ALL, starts_at=at))
    clock.advance(timedelta(hours=1, minutes=5))

    service.publish_due(clock.now())

    found = queries.successions(catalogue.environment_id)
    assert [(one.key, one.version, one.to_version, one.at) for one in found] == [("pro", 1, 2, clock.now())]


def test_a_time_that_has_passed_is_refused(catalogue, clock):
    catalogue.give("pro", "boards", 50)

    with pytest.raises(Invalid):
        service.schedule(catalogue.environment_id, catalogue.source, at=clock.now())
