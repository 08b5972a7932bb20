"""The draft among several editors: merged field by field, never overwritten, every revision kept."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from liftgate_server.catalog import draft_history, drafts, queries
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.drafts import REMOVED, Edit, EditConflict, Keep
from liftgate_server.catalog.models import DraftRevisionRow
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.db import db
from liftgate_server.plumbing.errors import Conflict, Invalid, NotFound

RANK = ("plans", "pro", "rank")
BOARDS = ("plans", "pro", "entitlements", "boards")


@pytest.fixture
def edit(publish, document, environment):
    """Edit the draft of a published catalogue: `edit(RANK, 20, base=1, by="ada")`."""
    publish(document)

    def make(path, value, *, base=0, by="ada", **more):
        return drafts.edit_draft(environment.id, [Edit(path, value)], base_revision=base, by=by, **more)

    return make


def at(document, path):
    for key in path:
        document = document.get(key, {})
    return document


def test_without_a_draft_the_published_document_is_revision_0(publish, document, environment):
    publish(document)

    draft = drafts.open_draft(environment.id)

    assert (draft.revision, draft.base_version, draft.document) == (0, 1, document)
    with pytest.raises(NotFound):
        queries.draft(environment.id)


def test_an_edit_makes_a_revision_and_changes_nothing_published(edit, environment, document, clock):
    draft = edit(RANK, 20)

    assert (draft.revision, draft.base_version, draft.updated_by, draft.updated_at) == (1, 1, "ada", clock.now())
    assert at(drafts.open_draft(environment.id).document, RANK) == 20
    assert queries.current_version(environment.id).document == document


def test_edits_of_different_fields_from_one_revision_both_stay(edit):
    edit(RANK, 20)
    edit(("time_zone",), "Europe/Berlin", base=1, by="ada")

    draft = edit(BOARDS, 50, base=1, by="bob")

    assert (draft.revision, at(draft.document, RANK), at(draft.document, BOARDS)) == (3, 20, 50)
    assert draft.document["time_zone"] == "Europe/Berlin"


def test_the_same_field_changed_to_another_value_is_shown_with_all_sides(edit, environment, clock):
    edit(RANK, 20, by="ada")

    with pytest.raises(EditConflict) as refused:
        edit(RANK, 30, base=0, by="bob")

    [field] = refused.value.fields
    assert (field.path, field.base, field.theirs, field.yours) == (RANK, 10, 20, 30)
    assert (field.theirs_by, field.theirs_at) == ("ada", clock.now())
    assert [error.path for error in refused.value.errors] == ["plans.pro.rank"]
    assert drafts.open_draft(environment.id).revision == 1


def test_the_same_value_written_in_another_way_is_no_conflict(edit):
    edit(("plans", "pro", "entitlements", "exports"), {"limit": 7, "per": "month"})

    draft = edit(("plans", "pro", "entitlements", "exports"), {"limit": 7, "per": "month", "scope": "customer"})

    assert draft.revision == 1


def test_a_removed_field_is_gone_and_its_empty_section_too(edit):
    draft = edit(("plans", "free", "entitlements", "boards"), REMOVED)

    assert "entitlements" not in draft.document["plans"]["free"]


def test_edits_that_are_valid_alone_and_not_together_save_nothing(edit, environment):
    edit(("plans", "free", "rank"), 20)

    with pytest.raises(Invalid) as refused:
        edit(RANK, 20, base=0)

    assert refused.value.code == "invalid_catalogue"
    assert drafts.open_draft(environment.id).revision == 1


def test_an_edit_through_something_without_fields_is_refused(edit):
    with pytest.raises(Invalid) as refused:
        edit(("plans", "pro", "rank", "deeper"), 1)

    assert refused.value.code == "invalid_edit"


def test_every_edit_is_in_the_audit_log_with_both_values(edit, environment):
    edit(RANK, 20)

    entry = entries(environment.id).items[0]

    assert (entry.action, entry.subject) == ("draft.edited", "plan:pro")
    assert (entry.before, entry.after) == ({"plans.pro.rank": 10}, {"plans.pro.rank": 20})


def test_only_the_newest_revisions_are_kept(edit, environment, monkeypatch):
    monkeypatch.setattr(draft_history, "KEPT_REVISIONS", 3)
    for number in range(5):
        edit(RANK, 20 + number, base=number)

    kept = db.session.scalar(select(func.count()).select_from(DraftRevisionRow))

    assert (kept, [one.revision for one in drafts.revisions(environment.id).items]) == (3, [5, 4, 3])
    with pytest.raises(Conflict) as refused:
        edit(BOARDS, 30, base=1)
    assert refused.value.code == "stale_revision"


def test_a_discarded_draft_gives_way_to_what_is_published_and_its_number_never_returns(edit, environment, document):
    edit(RANK, 20)
    drafts.discard_draft(environment.id, base_revision=1, by="bob")

    assert drafts.open_draft(environment.id).revision == 0
    assert drafts.open_draft(environment.id).document == document
    assert edit(RANK, 30).revision == 3
    assert [one.is_discarded for one in drafts.revisions(environment.id).items] == [False, True, False]


def test_an_edit_made_in_a_page_of_a_discarded_draft_is_merged_with_what_is_published(edit, environment):
    edit(RANK, 20)
    drafts.discard_draft(environment.id, base_revision=1, by="bob")

    draft = edit(BOARDS, 40, base=1)

    assert (at(draft.document, RANK), at(draft.document, BOARDS)) == (10, 40)


def test_discarding_what_somebody_edited_since_is_refused(edit, environment):
    edit(RANK, 20)
    edit(RANK, 21, base=1)

    with pytest.raises(Conflict):
        drafts.discard_draft(environment.id, base_revision=1, by="bob")


def test_a_push_may_be_merged(edit, environment, document):
    edit(RANK, 20)
    document["plans"]["pro"]["entitlements"]["boards"] = 60

    draft = drafts.push_draft(environment.id, SourceDocument(document), base_revision=0, merge=True, by="ci")

    assert (at(draft.document, RANK), at(draft.document, BOARDS)) == (20, 60)


def test_revision_0_may_name_the_published_version_that_it_was(edit, publish, document):
    document["plans"]["pro"]["rank"] = 12
    publish(document)

    with pytest.raises(EditConflict) as refused:
        edit(RANK, 30, base_version=1)

    assert [(field.base, field.theirs) for field in refused.value.fields] == [(10, 12)]


def test_a_rebase_takes_in_what_was_published_since(edit, publish, document, environment):
    edit(BOARDS, 50)
    document["plans"]["pro"]["rank"] = 12
    publish(document)

    draft = drafts.rebase_draft(environment.id, base_revision=1, by="ada")

    assert (draft.revision, draft.base_version) == (2, 2)
    assert (at(draft.document, RANK), at(draft.document, BOARDS)) == (12, 50)


@pytest.mark.parametrize(("keep", "rank"), [(Keep.DRAFT, 20), (Keep.PUBLISHED, 12)])
def test_a_rebase_that_collides_asks_whose_value_stays(edit, publish, document, environment, keep, rank):
    edit(RANK, 20)
    edit(BOARDS, 50, base=1)
    document["plans"]["pro"]["rank"] = 12
    publish(document)

    with pytest.raises(EditConflict):
        drafts.rebase_draft(environment.id, base_revision=2, by="ada")
    draft = drafts.rebase_draft(environment.id, base_revision=2, by="ada", keep=keep)

    assert (at(draft.document, RANK), at(draft.document, BOARDS)) == (rank, 50)


def test_editors_at_the_same_time_lose_nothing(make_app, edit, environment):
    app, outcomes = make_app(), []

    def save(feature):
        path = ("features", feature, "description", "en")
        with app.app_context():
            outcomes.append(drafts.edit_draft(environment.id, [Edit(path, feature)], base_revision=0, by=feature))

    editors = [threading.Thread(target=save, args=(feature,)) for feature in ("boards", "exports", "sso")]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()

    document = drafts.open_draft(environment.id).document
    keys = ("boards", "exports", "sso")
    assert tuple(at(document, ("features", key, "description", "en")) for key in keys) == keys
    assert sorted(draft.revision for draft in outcomes) == [1, 2, 3]
