"""Publishing on terms, rolling back, and doing so at a set time."""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liftgate.engine.catalogue import read_standalone_entitlement
from liftgate.engine.catalogue_model import Cap, Entitlement, Incentive, Recurrence
from liftgate_server.catalog import drafts, queries
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.drafts import Edit, EditConflict
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.changes import latest_number
from liftgate_server.plumbing.errors import Conflict, Invalid, NotFound
from liftgate_server.publishing import service
from liftgate_server.publishing.facts import Audience, Terms
from tests.server.conftest import START
from tests.server.publishing.conftest import DOCUMENT

RANK = ("plans", "pro", "rank")
EARLIER, LATER = START - timedelta(days=1), START + timedelta(days=1)
BONUS = Incentive("exports", Entitlement("exports", caps=(Cap(50, Recurrence.MONTH),)), 90)


def successions(catalogue, key="pro"):
    """Version to next version and date, of one plan."""
    found = queries.successions(catalogue.environment_id)
    return {one.version: (one.to_version, one.at) for one in found if one.key == key}


def test_for_new_customers_no_version_ends(catalogue):
    catalogue.give("pro", "boards", 50)

    published = catalogue.publish()

    assert (published.version, published.plan_versions) == (2, {"free": 1, "pro": 2})
    assert queries.successions(catalogue.environment_id) == ()


def test_for_all_every_older_version_of_what_changed_ends_on_the_date(catalogue, clock):
    starts_at = clock.now() + timedelta(days=60)
    catalogue.give("pro", "boards", 50)
    catalogue.publish()
    catalogue.give("pro", "boards", 60)

    catalogue.publish(audience=Audience.ALL, starts_at=starts_at, notice_days=14, incentive=BONUS)

    found = queries.successions(catalogue.environment_id)
    assert [(one.key, one.version, one.to_version, one.at) for one in found] == [
        ("pro", 1, 3, starts_at),
        ("pro", 2, 3, starts_at),
    ]
    assert {(one.notice_at, one.incentive) for one in found} == {(starts_at - timedelta(days=14), BONUS)}


def test_for_all_at_once_has_no_notice(catalogue, clock):
    catalogue.give("pro", "boards", 50)
    catalogue.publish(audience=Audience.ALL)

    [one] = queries.successions(catalogue.environment_id)

    assert (one.at, one.notice_at) == (clock.now(), None)


def test_a_version_that_ends_earlier_anyway_goes_on_doing_so(catalogue, clock):
    early, late = clock.now() + timedelta(days=10), clock.now() + timedelta(days=20)
    catalogue.give("pro", "boards", 50)
    catalogue.publish(audience=Audience.ALL, starts_at=early)
    catalogue.give("pro", "boards", 60)
    catalogue.publish(audience=Audience.ALL, starts_at=late)

    assert successions(catalogue) == {1: (2, early), 2: (3, late)}


def test_a_version_that_would_end_later_ends_on_the_new_date(catalogue, clock):
    early, late = clock.now() + timedelta(days=10), clock.now() + timedelta(days=20)
    catalogue.give("pro", "boards", 50)
    catalogue.publish(audience=Audience.ALL, starts_at=late)
    catalogue.give("pro", "boards", 60)
    catalogue.publish(audience=Audience.ALL, starts_at=early)

    assert successions(catalogue) == {1: (3, early), 2: (3, early)}


def test_the_snapshot_carries_the_successions_from_the_version_that_decided_them(catalogue, clock):
    at = clock.now() + timedelta(days=10)
    catalogue.give("pro", "boards", 50)
    catalogue.publish(audience=Audience.ALL, starts_at=at)

    snapshot = queries.current_snapshot(catalogue.environment_id)

    assert (snapshot.version, snapshot.plan_successions["pro@1"].to_version) == (2, 2)
    assert snapshot.addon_successions == {}


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        (Terms(starts_at=LATER), "starts_at"),
        (Terms(incentive=BONUS), "incentive"),
        (Terms(Audience.ALL, starts_at=EARLIER), "starts_at"),
        (Terms(Audience.ALL, incentive=BONUS), "incentive"),
        (Terms(Audience.ALL, starts_at=LATER, notice_days=-1), "notice_days"),
        (
            Terms(Audience.ALL, starts_at=LATER, incentive=Incentive("none", Entitlement("none"), 9)),
            "incentive.feature",
        ),
        (Terms(Audience.ALL, starts_at=LATER, incentive=replace(BONUS, days=0)), "incentive.days"),
    ],
)
def test_terms_that_mean_nothing_are_refused(catalogue, terms, path):
    catalogue.give("pro", "boards", 50)

    with pytest.raises(Invalid) as refused:
        catalogue.publish(
            audience=terms.audience,
            starts_at=terms.starts_at,
            notice_days=terms.notice_days,
            incentive=terms.incentive,
        )

    assert (refused.value.code, [error.path for error in refused.value.errors]) == ("invalid_terms", [path])
    assert queries.current_version(catalogue.environment_id).version == 1


@pytest.mark.parametrize(
    ("feature", "entitlement", "path"),
    [
        ("sso", 5, "incentive.entitlement"),
        ("sso", False, "incentive.entitlement"),
        ("boards", True, "incentive.entitlement"),
        ("boards", {"limit": 5, "per": "month"}, "incentive.entitlement"),
        ("size", "large", "incentive.feature"),
    ],
)
def test_an_incentive_that_would_bring_nothing_is_refused(catalogue, clock, feature, entitlement, path):
    catalogue.document["features"]["size"] = {"kind": "setting", "name": {"en": "Size"}, "values": ["small", "large"]}
    promised = Incentive(feature, read_standalone_entitlement(feature, entitlement), 30)

    with pytest.raises(Invalid) as refused:
        catalogue.publish(audience=Audience.ALL, starts_at=clock.now() + timedelta(days=9), incentive=promised)

    assert [error.path for error in refused.value.errors] == [path]


def test_a_publication_is_in_the_audit_log(catalogue):
    catalogue.give("pro", "boards", 50)
    catalogue.publish()

    entry = entries(catalogue.environment_id, action="catalogue.published").items[0]

    assert (entry.subject, entry.before) == ("catalogue:2", {"version": 1})
    assert entry.after["changes"] == ["Plan pro: boards 25 → 50"]


def test_what_is_published_already_is_no_version_and_no_entry(catalogue):
    before = latest_number(catalogue.environment_id)

    assert catalogue.publish(audience=Audience.ALL).changed is False

    assert latest_number(catalogue.environment_id) == before
    assert len(entries(catalogue.environment_id, action="catalogue.published").items) == 1


def test_removing_what_is_in_use_is_refused_with_its_path_and_changes_nothing(catalogue, join):
    join("acme", plan="pro")
    del catalogue.document["plans"]["pro"]

    with pytest.raises(Conflict) as refused:
        catalogue.publish()

    assert refused.value.code == "in_use"
    assert [(error.path, error.message) for error in refused.value.errors] == [
        ("plans.pro", "In use by 1 subscription.")
    ]
    assert queries.current_version(catalogue.environment_id).version == 1


def test_the_draft_is_published_with_what_was_published_beside_it(catalogue):
    drafts.edit_draft(catalogue.environment_id, [Edit(RANK, 20)], base_revision=0, by="ada")
    catalogue.give("pro", "boards", 50)
    catalogue.publish()

    published = service.publish(catalogue.environment_id)

    catalogue.document["plans"]["pro"]["rank"] = 20
    assert (published.document, published.version) == (catalogue.document, 3)


def test_a_draft_that_collides_with_what_was_published_takes_nothing_back(catalogue):
    drafts.edit_draft(catalogue.environment_id, [Edit(RANK, 20)], base_revision=0, by="ada")
    catalogue.document["plans"]["pro"]["rank"] = 30
    catalogue.publish()

    with pytest.raises(EditConflict) as refused:
        service.publish(catalogue.environment_id)

    assert [(field.path, field.theirs, field.yours) for field in refused.value.fields] == [(RANK, 30, 20)]
    assert queries.current_version(catalogue.environment_id).version == 2


def test_without_a_draft_there_is_nothing_to_publish(catalogue):
    with pytest.raises(NotFound) as refused:
        service.publish(catalogue.environment_id)

    assert refused.value.code == "no_draft"


def test_an_edit_made_while_the_draft_was_published_is_kept(catalogue):
    first = drafts.edit_draft(catalogue.environment_id, [Edit(RANK, 20)], base_revision=0, by="ada")
    service.publish(catalogue.environment_id)

    draft = drafts.edit_draft(
        catalogue.environment_id, [Edit(("time_zone",), "Europe/Berlin")], base_revision=first.revision, by="bob"
    )

    assert (draft.base_version, draft.document["time_zone"]) == (2, "Europe/Berlin")
    assert service.publish(catalogue.environment_id).changes == ("Time zone: UTC → Europe/Berlin",)


def test_two_publications_at_once_make_two_versions_and_neither_is_lost(make_app, environment, catalogue):
    app, outcomes = make_app(), []

    def publish_rank(rank):
        with app.app_context():
            document = copy.deepcopy(DOCUMENT)
            document["plans"]["pro"]["rank"] = rank
            try:
                service.publish(environment.id, SourceDocument(document), base_version=1)
                outcomes.append(rank)
            except Conflict as refused:
                outcomes.append(refused.code)

    threads = [threading.Thread(target=publish_rank, args=(rank,)) for rank in (11, 12, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes))[1:] == ["stale_base", "stale_base"]
    assert queries.current_version(environment.id).version == 2


# ---- rolling back


def test_rolling_back_gives_the_exact_old_document_as_a_new_version(catalogue):
    catalogue.give("pro", "boards", 50)
    catalogue.document["features"] = dict(reversed(catalogue.document["features"].items()))
    catalogue.publish()

    published = service.roll_back(catalogue.environment_id, 1, by="ada")

    assert (published.version, published.message) == (3, "Back to version 1")
    old = queries.version(catalogue.environment_id, 1).document
    assert orjson.dumps(queries.current_version(catalogue.environment_id).document) == orjson.dumps(old)
    assert entries(catalogue.environment_id).items[0].action == "catalogue.rolled_back"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rolling_back_to_any_version_gives_its_document(catalogue, data):
    for boards in data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)):
        catalogue.give("pro", "boards", boards)
        catalogue.publish()
    latest = queries.current_version(catalogue.environment_id).version
    wanted = data.draw(st.integers(1, latest))

    service.roll_back(catalogue.environment_id, wanted)

    old = orjson.dumps(queries.version(catalogue.environment_id, wanted).document)
    assert orjson.dumps(queries.current_version(catalogue.environment_id).document) == old


def test_rolling_back_stops_the_move_that_was_decided(catalogue, clock):
    catalogue.give("pro", "boards", 10)
    catalogue.publish(audience=Audience.ALL, starts_at=clock.now() + timedelta(days=10))

    service.roll_back(catalogue.environment_id, 1)

    assert successions(catalogue) == {}


def test_rolling_back_takes_up_an_older_decision_that_had_been_replaced(catalogue, clock):
    early, late = clock.now() + timedelta(days=10), clock.now() + timedelta(days=20)
    catalogue.give("pro", "boards", 50)
    catalogue.publish(audience=Audience.ALL, starts_at=late)
    catalogue.give("pro", "boards", 60)
    catalogue.publish(audience=Audience.ALL, starts_at=early)

    service.roll_back(catalogue.environment_id, 2)

    assert successions(catalogue) == {1: (2, late)}


def test_rolling_back_for_all_brings_back_who_was_moved(catalogue, clock):
    catalogue.give("pro", "boards", 10)
    catalogue.publish(audience=Audience.ALL)
    moved = clock.now()
    clock.advance(timedelta(days=1))

    service.roll_back(catalogue.environment_id, 1, terms=Terms(Audience.ALL))

    assert successions(catalogue) == {1: (2, moved), 2: (3, clock.now())}


def test_rolling_back_to_a_version_that_never_was_is_refused(catalogue):
    with pytest.raises(NotFound):
        service.roll_back(catalogue.environment_id, 9)
