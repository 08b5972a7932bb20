"""What was published, what waits, and the way back."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest

from liftgate_server.catalog.drafts import open_draft
from liftgate_server.publishing import service as publishing
from liftgate_server.publishing.facts import ScheduleState
from liftgate_server.publishing.queries import scheduled
from tests.server.conftest import START


@pytest.fixture
def publish(site, environment_id, edit):
    """Publish another number of boards in Pro."""

    def make(boards: int = 40, message: str = "") -> int:
        edit(value=boards)
        with site.app.app_context():
            return publishing.publish(environment_id, message=message, by="Somebody Else").version

    return make


@pytest.fixture
def schedule(site, environment_id, edit):
    def make() -> str:
        edit()
        with site.app.app_context():
            return publishing.schedule(environment_id, at=START + timedelta(days=1), message="Tomorrow").id

    return make


@pytest.mark.parametrize("path", ["/history/9223372036854775808", "/history/99999999999999999999/roll-back"])
def test_a_version_of_a_number_beyond_all_numbers_is_not_there(owner, path):
    assert owner.get(path).status_code == 404


def test_the_list_tells_who_published_what_and_why(owner, publish):
    publish(message="More room")

    page = owner.get("/history").text

    assert "More room" in page
    assert "Somebody Else" in page
    assert page.index("Version 2") < page.index("Version 1")


def test_a_long_history_is_paged(owner, publish):
    for number in range(26):
        publish(40 + number)

    page = owner.get("/history").text

    assert "Version 27<" in page
    assert "Version 2<" not in page
    assert 'rel="next"' in page


def test_a_version_shows_its_document_and_how_it_differs(owner, publish):
    publish()

    page = unescape(owner.get("/history/2").text)

    assert "<dt>Boards</dt><dd><del>25</del>" in page
    assert "boards: 40" in page
    assert "default_plan: free" in page


def test_an_older_version_is_compared_with_what_is_live(owner, publish):
    publish()

    page = unescape(owner.get("/history/1?against=current").text)

    assert "<del>25</del>" in page
    assert "<ins>40</ins>" in page


def test_who_moves_is_told_on_the_page_of_the_current_version(owner, reader_of, edit):
    state = {"base_revision": edit().revision, "base_version": 1, "audience": "all", "notice_days": "0"}
    reader_of("publisher").post("/review/publish", **state, starts_at="2027-01-01")

    page = owner.get("/history/2").text

    assert "Subscribers who move" in page
    assert "version 1 → 2" in page


def test_how_far_the_move_has_been_written_down_is_told(site, environment_id, owner, reader_of, edit, clock):
    state = {"base_revision": edit().revision, "base_version": 1, "audience": "all", "notice_days": "0"}
    reader_of("publisher").post("/review/publish", **state)
    clock.advance(timedelta(minutes=1))

    assert "0 of 2 written" in owner.get("/history/2").text


def test_rolling_back_publishes_the_old_document_again(owner, reader_of, publish, published):
    publish()
    assert "<del>40</del>" in unescape(owner.get("/history/1/roll-back").text)

    answer = reader_of("publisher").post("/history/1/roll-back", audience="new", message="Too generous")

    assert answer.status_code == 303
    assert (published().version, published().message) == (3, "Too generous")
    assert published().document["plans"]["pro"]["entitlements"]["boards"] == 25


def test_terms_that_cannot_be_read_roll_nothing_back(owner, publish, published):
    publish()

    answer = owner.post("/history/1/roll-back", audience="all", notice_days="many", message="Kept words")

    assert answer.status_code == 422
    assert "Kept words" in answer.text
    assert published().version == 2


def test_a_version_that_says_the_same_changes_nothing(owner):
    assert "Nothing would change" in owner.get("/history/1/roll-back").text


def test_what_waits_is_listed_and_can_be_called_off(site, environment_id, owner, reader_of, schedule):
    waiting = schedule()
    assert "Tomorrow" in owner.get("/history").text

    assert reader_of("publisher").post(f"/history/scheduled/{waiting}/cancel").status_code == 303

    with site.app.app_context():
        assert scheduled(environment_id).items[0].state is ScheduleState.CANCELED


def test_a_failed_publication_says_why(site, environment_id, reader_of, schedule, publish, clock):
    schedule()
    publish(50)
    clock.advance(timedelta(days=2))
    with site.app.app_context():
        assert publishing.publish_due(clock.now()) == 1

    page = unescape(reader_of("viewer").get("/history").text)

    assert ">failed<" in page
    assert "The current version is 2, not 1" in page


def test_saves_of_the_draft_are_listed(owner, edit, site, environment_id):
    edit()
    with site.app.app_context():
        revision = open_draft(environment_id).revision

    page = owner.get("/history/drafts").text

    assert f"<strong>{revision}</strong>" in page
    assert "Somebody Else" in page
