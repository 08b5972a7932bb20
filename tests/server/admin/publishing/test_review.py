"""The page on which a draft is looked at whole, and what can be done with it there."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.drafts import REMOVED, open_draft
from liftgate_server.publishing import service as publishing
from liftgate_server.publishing.queries import scheduled

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#affected"}


def words_of(response) -> str:
    return unescape(response.text)


@pytest.fixture
def publish(reader_of):
    """Send the form of the review as a publisher: the state of the draft and what was chosen."""

    def send(draft, *, base_version: int = 1, role: str = "publisher", **fields):
        state = {"base_revision": draft.revision, "base_version": base_version, "audience": "new", "when": "now"}
        return reader_of(role).post("/review/publish", **{**state, **fields})

    return send


def test_without_changes_the_page_says_what_it_is_for(owner):
    assert "Nothing to publish" in owner.get("/review").text


def test_a_change_is_told_with_names_and_both_values(owner, edit):
    edit()

    page = words_of(owner.get("/review"))

    assert "<dt>Boards</dt><dd><del>25</del>" in page
    assert "<ins>40</ins>" in page


def test_the_difference_stands_there_as_yaml_too(owner, edit):
    edit()

    page = owner.get("/review").text

    assert "boards: 25</code>" in page
    assert "boards: 40</code>" in page
    assert page.count('class="added"') == page.count('class="removed"') == 1


def test_the_sidebar_counts_what_is_not_published(owner, edit):
    assert 'class="count"' not in owner.get("/history").text

    edit()
    edit(("plans", "pro", "rank"), 11)

    assert '<span class="count">2</span>' in owner.get("/history").text


def test_subscribers_are_affected_only_when_the_terms_are_for_all(owner, edit):
    edit(value=20)

    for_new = words_of(owner.get("/review"))
    for_all = words_of(owner.get("/review?audience=all&notice_days=30"))

    assert "move to a new version</a>" not in for_new
    assert "<b>2</b> <a href=" in for_all
    assert "move to a new version</a>" in for_all


def test_affected_accounts_are_listed_on_the_same_terms(owner, edit):
    edit(value=20)

    page = words_of(owner.get("/review/affected/losses?audience=all&notice_days=30"))

    assert ">Pro <" in page
    assert ">Boards: 25 → 20<" in page
    assert "Harbour Lights" in page
    assert "Lantern Press" in page


def test_htmx_gets_the_piece_about_accounts_alone(owner, edit):
    edit()

    piece = owner.get("/review?audience=all&notice_days=30", headers=PARTIAL).text

    assert piece.lstrip().startswith('<div id="affected"')
    assert "<html" not in piece


def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_lost(owner, edit):
    edit()

    page = owner.get("/review?audience=all&starts_at=soon&notice_days=30").text

    assert 'value="soon"' in page
    assert "Write a day, such as 2026-12-31." in page


def test_publishing_makes_a_version_with_message_and_author(publish, edit, published):
    answer = publish(edit(), message="More room")

    assert answer.status_code == 303
    assert answer.location.endswith("/history/2?published=now")
    assert (published().version, published().message, published().published_by) == (2, "More room", "Publisher Doe")


def test_publishing_for_all_moves_the_subscribers_on_the_day(site, environment_id, publish, edit):
    terms = {"audience": "all", "starts_at": "2027-01-01", "notice_days": "14"}
    extra = {"incentive.feature": "exports", "incentive.amount": "50", "incentive.days": "30"}

    assert publish(edit(), **terms, **extra).status_code == 303

    with site.app.app_context():
        (succession,) = catalog.successions(environment_id)
    assert (succession.key, succession.version, succession.to_version) == ("pro", 1, 2)
    assert [str(at)[:10] for at in (succession.at, succession.notice_at)] == ["2027-01-01", "2026-12-18"]
    assert succession.incentive is not None
    assert (succession.incentive.feature, succession.incentive.days) == ("exports", 30)


def test_a_draft_that_was_changed_during_the_review_is_not_published(publish, edit, published):
    reviewed = edit()
    edit(value=50)

    answer = publish(reviewed, message="Kept words")

    assert answer.status_code == 409
    assert "while you were reviewing" in answer.text
    assert "Kept words" in answer.text
    assert published().version == 1


def test_what_was_published_meanwhile_is_not_taken_back(site, environment_id, publish, edit, published):
    reviewed = edit()
    with site.app.app_context():
        publishing.roll_back(environment_id, 1)
        publishing.publish(environment_id, message="Faster")

    assert publish(reviewed).status_code == 409
    assert published().message == "Faster"


def test_a_publication_can_wait_for_its_time(site, environment_id, publish, edit, published):
    answer = publish(edit(), when="later", publish_at="2026-12-24T08:00", message="Christmas")

    assert answer.status_code == 303
    assert published().version == 1
    with site.app.app_context():
        (waiting,) = scheduled(environment_id).items
    assert (str(waiting.at)[:16], waiting.message, waiting.state) == ("2026-12-24 08:00", "Christmas", "waiting")


def test_a_time_that_is_missing_is_asked_for_at_its_field(publish, edit):
    answer = publish(edit(), when="later", publish_at="", message="Kept words")

    assert answer.status_code == 422
    assert 'id="f-publish_at-error"' in answer.text
    assert "Kept words" in answer.text


def test_who_may_not_publish_is_told_who_may(reader_of, edit):
    edit()

    page = reader_of("editor").get("/review").text

    assert "Publishing needs the role Publisher." in page
    assert "Publisher Doe" in page
    assert 'id="confirm"' not in page


def test_the_question_before_publishing_says_the_consequence(owner, edit):
    edit(value=20)

    page = words_of(owner.get("/review?audience=all&starts_at=2027-01-01&notice_days=14"))

    # Lantern Press has gone back to the free plan by then.
    assert "On January 1, 2027 1 account moves to the new versions; it is told from 14 days before." in page
    assert "Losing something: 1 account." in page


def test_what_is_in_use_is_named_and_archived_instead(owner, edit, draft, publish):
    reviewed = edit(("plans", "business"), REMOVED)
    page = words_of(owner.get("/review"))
    assert "Cannot be published: what is in use would be removed" in page
    assert "Plan Business" in page
    assert publish(reviewed).status_code == 409

    owner.post("/review/archive", base_revision=reviewed.revision, subject="plan:business")

    assert draft().document["plans"]["business"]["archived"] is True
    assert "Cannot be published" not in owner.get("/review").text


def test_a_draft_is_given_up(owner, edit, draft):
    revision = edit().revision

    assert owner.post("/review/discard", base_revision=revision).status_code == 303

    assert draft().revision == 0
    assert "Nothing to publish" in owner.get("/review").text


class TestPublishedMeanwhile:
    @pytest.fixture
    def behind(self, site, environment_id, edit, draft):
        """Let somebody publish another value of a field, and one of a field of their own, while the draft is open."""
        with site.app.app_context():
            document: dict[str, Any] = dict(open_draft(environment_id).document)
        edit(value=40)

        def publish_other(boards: int) -> None:
            plans = dict(document["plans"])
            pro = {**plans["pro"], "entitlements": {**plans["pro"]["entitlements"], "boards": boards, "seats": 15}}
            with site.app.app_context():
                source = SourceDocument({**document, "plans": {**plans, "pro": pro}})
                publishing.publish(environment_id, source, message="Meanwhile", by="Somebody Fast")

        return publish_other

    def test_what_does_not_collide_is_told_and_merged(self, owner, behind):
        behind(25)

        page = words_of(owner.get("/review"))

        assert "Who is affected" in page
        assert "<dt>Boards</dt><dd><del>25</del>" in page
        assert "<dt>Seats</dt>" not in page

    @pytest.mark.parametrize(("keep", "stays"), [("draft", 40), ("published", 30)])
    def test_a_collision_shows_both_sides_and_asks(self, owner, behind, draft, keep, stays):
        behind(30)
        page = words_of(owner.get("/review"))
        assert "The draft and version 2 both changed the same" in page
        assert all(f">{value}</td>" in page for value in (25, 30, 40))

        owner.post("/review/rebase", base_revision=draft().revision, keep=keep)

        merged = draft().document["plans"]["pro"]["entitlements"]
        assert (merged["boards"], merged["seats"]) == (stays, 15)

    def test_nothing_is_decided_without_a_word(self, owner, behind, draft):
        behind(30)

        answer = owner.post("/review/rebase", base_revision=draft().revision)

        assert answer.status_code == 409
        assert draft().document["plans"]["pro"]["entitlements"]["boards"] == 40
