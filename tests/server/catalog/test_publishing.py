from __future__ import annotations

import pytest
from sqlalchemy import select

from liftgate_server.catalog import drafts, queries, service
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.models import CatalogueVersionRow, ProductVersionRow
from liftgate_server.plumbing.changes import ChangeKind, changes_after, latest_number
from liftgate_server.plumbing.db import db, transaction
from liftgate_server.plumbing.errors import Conflict, Invalid, NotFound


def products(kind="plan"):
    table = ProductVersionRow
    rows = db.session.execute(select(table.key, table.version).where(table.kind == kind).order_by(table.key))
    return [tuple(row) for row in rows]


def test_the_first_publication_is_version_1_with_all_its_products(publish, document, clock):
    published = publish(document, message="Hello", by="key1")
    assert (published.version, published.changed, published.published_at) == (1, True, clock.now())
    assert published.plan_versions == {"free": 1, "pro": 1}
    assert published.addon_versions == {"more_boards": 1}


def test_only_what_changed_gets_a_new_product_version(publish, document):
    publish(document)
    document["plans"]["pro"]["entitlements"]["boards"] = 50
    assert publish(document).plan_versions == {"free": 1, "pro": 2}
    assert products() == [("free", 1), ("pro", 1), ("pro", 2)]


def test_an_older_product_version_keeps_its_content(publish, document, environment):
    publish(document)
    document["plans"]["pro"]["entitlements"]["boards"] = 50
    publish(document)
    old, new = (queries.plan_version(environment.id, "pro", number) for number in (1, 2))
    assert [plan.entitlements["boards"].caps[0].limit for plan in (old, new)] == [25, 50]


def test_an_old_plan_is_readable_after_its_features_are_gone(publish, document, environment):
    publish(document)
    del document["features"]["exports"], document["plans"]["pro"]["entitlements"]["exports"], document["gates"]
    publish(document)
    assert queries.plan_version(environment.id, "pro", 1).entitlements["exports"].caps[0].limit == 100


def test_a_removed_product_stays_and_comes_back_as_it_was(publish, document, environment):
    publish(document)
    addon = document.pop("addons")
    assert publish(document).addon_versions == {}
    assert queries.addon_version(environment.id, "more_boards", 1).max_quantity == 1
    assert publish(document | {"addons": addon}).addon_versions == {"more_boards": 1}


def test_published_rows_cannot_be_changed_or_deleted(publish, document, environment):
    publish(document)

    def alter_a_product():
        with transaction() as session:
            session.get_one(ProductVersionRow, (environment.id, "plan", "pro", 1)).document = "{}"

    def delete_a_version():
        with transaction() as session:
            session.delete(session.get(CatalogueVersionRow, (environment.id, 1)))

    for forbidden in (alter_a_product, delete_a_version):
        with pytest.raises(RuntimeError, match="never changed"):
            forbidden()


def test_the_same_content_is_no_new_version(publish, document, environment):
    publish(document)
    number = latest_number(environment.id)
    again = publish(document)
    assert (again.version, again.changed, latest_number(environment.id)) == (1, False, number)


def test_a_publication_from_a_stale_base_is_refused(publish, document):
    publish(document, base_version=0)
    document["plans"]["pro"]["rank"] = 11
    with pytest.raises(Conflict) as refused:
        publish(document, base_version=0)
    assert refused.value.code == "stale_base"
    assert publish(document, base_version=1).version == 2


def test_a_publication_is_one_change_of_the_environment(publish, document, environment):
    number = latest_number(environment.id)
    publish(document)
    (change,) = changes_after(environment.id, number).changes
    assert (change.kind, change.version) == (ChangeKind.CATALOGUE, 1)


def test_nothing_is_applied_when_anything_is_wrong(publish, document, environment):
    publish(document)
    number = latest_number(environment.id)
    document["plans"]["pro"]["entitlements"] = {"boards": 2.6e-42, "nothing": True}
    with pytest.raises(Invalid) as refused:
        publish(document)
    assert refused.value.code == "invalid_catalogue"
    assert {error.path for error in refused.value.errors} == {
        "plans.pro.entitlements.boards",
        "plans.pro.entitlements.nothing",
    }
    assert queries.current_version(environment.id).version == 1
    assert latest_number(environment.id) == number


def test_a_failure_halfway_leaves_nothing_behind(publish, document, environment, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(service, "append_change", fail)
    with pytest.raises(OSError, match="disk"):
        publish(document)
    assert (queries.current_version(environment.id).version, products()) == (0, [])


def test_the_draft_is_replaced_only_from_its_own_revision(in_app, environment, document):
    def push(base):
        return drafts.push_draft(environment.id, SourceDocument(document), base_revision=base, by=None)

    assert push(0).revision == 1
    with pytest.raises(Conflict) as refused:
        push(0)
    assert refused.value.code == "stale_revision"
    assert push(1).revision == 2


def test_publishing_without_a_document_publishes_the_draft(in_app, environment, document):
    drafts.push_draft(environment.id, SourceDocument(document), base_revision=0, by=None)
    assert service.publish(environment.id, None).version == 1
    assert queries.current_version(environment.id).document["default_plan"] == "free"


def test_publishing_a_draft_that_is_not_there_is_refused(in_app, environment):
    with pytest.raises(NotFound) as refused:
        service.publish(environment.id, None)
    assert refused.value.code == "no_draft"


def test_an_invalid_draft_is_refused(in_app, environment):
    with pytest.raises(Invalid):
        drafts.push_draft(environment.id, SourceDocument({"schema": 1}), base_revision=0, by=None)
    with pytest.raises(NotFound):
        queries.draft(environment.id)


def test_the_order_of_features_survives_publication(publish, document, environment):
    document["features"] = dict(reversed(document["features"].items()))
    publish(document)
    assert list(queries.current_snapshot(environment.id).catalogue.features) == ["sso", "boards", "exports"]


def test_the_snapshot_is_compiled_once_and_anew_after_a_publication(publish, document, environment):
    publish(document)
    first = queries.current_snapshot(environment.id)
    assert queries.current_snapshot(environment.id) is first
    publish(document | {"time_zone": "Europe/Berlin"})
    assert queries.current_snapshot(environment.id).version == 2


def test_before_the_first_publication_the_snapshot_is_version_0(in_app, environment):
    snapshot = queries.current_snapshot(environment.id)
    assert (snapshot.version, snapshot.gate("anything"), snapshot.environment) == (0, None, "demo")


def test_a_snapshot_is_never_older_than_a_publication_of_another_process(make_app, environment, document):
    one, other = make_app(), make_app()
    with one.app_context():
        assert queries.current_snapshot(environment.id).version == 0
        db.session.execute(select(ProductVersionRow.key)).all()  # this session now looks at the past
        with other.app_context():
            service.publish(environment.id, SourceDocument(document))
        assert queries.current_snapshot(environment.id).version == 1
