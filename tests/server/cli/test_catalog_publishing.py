"""`liftgate catalog review`, `rollback`, `schedule` and the draft, as a CI job calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.server.cli.test_catalog import TEXT

PRO = """\
  pro:
    name: {en: Pro}
    rank: 10
    prices: [{interval: month, currency: EUR, amount: 2900}]
    entitlements: {exports: {limit: 100, per: month}}
"""


@pytest.fixture
def file(tmp_path, run) -> Path:
    """A catalogue of two plans, published."""
    path = tmp_path / "catalogue.yaml"
    path.write_text(TEXT + PRO, encoding="utf-8")
    assert run("publish", path).exit_code == 0
    return path


def change(file, old, new):
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture
def subscriber(file, manager):
    """A customer on pro."""
    manager.put("/v1/customers/acme", json={"name": "Acme"})
    wanted = {"plan": "pro", "interval": "month", "currency": "EUR"}
    assert manager.post("/v1/customers/acme/subscription", json=wanted).status_code < 300


def test_a_review_tells_changes_warnings_and_accounts(run, file, subscriber):
    change(file, "limit: 100", "limit: 5")

    result = run("review", file, "--audience", "all")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Plan pro: exports 100 per month → 5 per month",
        "Warning: Plan pro gives nothing that free does not give.",
        "Accounts: 0 gain, 1 lose, 0 go over a limit, 1 move to a new version, 0 keep theirs.",
        "  pro@1, 1 accounts: exports 100 per month → 5 per month",
    ]
    assert run("review", file, "--fail-on-warnings").exit_code == 1


def test_a_review_lists_the_accounts_of_one_effect(run, file, subscriber):
    change(file, "limit: 100", "limit: 50")

    result = run("review", file, "--audience", "all", "--accounts", "losses")

    assert result.stdout == "acme: exports 100 per month → 50 per month\n"


def test_removing_what_is_in_use_has_an_exit_code_of_its_own(run, file, subscriber):
    file.write_text(TEXT, encoding="utf-8")

    reviewed, rehearsed, published = run("review", file), run("publish", file, "--dry-run"), run("publish", file)

    assert [result.exit_code for result in (reviewed, rehearsed, published)] == [4, 4, 4]
    assert "Cannot be removed: plan:pro (1 subscription)" in reviewed.stdout
    assert f"{file}: plans.pro: In use by 1 subscription." in published.stderr


def test_publishing_for_all_from_a_date(run, file, manager):
    change(file, "limit: 100", "limit: 50")
    incentive = json.dumps({"feature": "exports", "entitlement": {"limit": 9, "per": "month"}, "days": 30})

    result = run("publish", file, "--audience", "all", "--starts-at", "2027-01-01T00:00:00Z", "--incentive", incentive)

    assert result.exit_code == 0
    succession = manager.get("/v1/snapshot").json["plan_successions"]["pro@1"]
    assert (succession["at"], succession["notice_at"]) == ("2027-01-01T00:00:00Z", "2026-12-02T00:00:00Z")


def test_an_incentive_for_nobody_is_refused(run, file):
    change(file, "limit: 100", "limit: 50")

    result = run("publish", file, "--incentive", '{"feature": "exports", "entitlement": 9, "days": 30}')

    assert (result.exit_code, "Nobody is moved" in result.stderr) == (3, True)


def test_rolling_back_publishes_the_old_content(run, file, tmp_path):
    old = run("pull").stdout
    change(file, "limit: 100", "limit: 50")
    run("publish", file)

    result = run("rollback", 1, "--message", "Oops")

    assert result.stdout.splitlines()[-1] == "Published version 3 with the content of version 1."
    assert run("pull").stdout == old


def test_a_publication_is_scheduled_listed_and_taken_back(run, file):
    change(file, "limit: 100", "limit: 50")

    made = json.loads(run("schedule", file, "--at", "2026-12-01T08:00:00Z", "--message", "Soon", "--json").stdout)

    assert run("scheduled").stdout == f"{made['id']} 2026-12-01T08:00:00Z waiting: Soon\n"
    assert run("schedule", "--cancel", made["id"]).exit_code == 0
    assert run("schedule", "--cancel", made["id"]).exit_code == 4
    assert "canceled" in run("scheduled").stdout


def test_scheduling_needs_a_time_or_an_id(run, file):
    assert run("schedule", file).exit_code == 2


def test_uses_are_told_of_one_part(run, file, subscriber):
    assert run("uses", "plan:pro").stdout == "plan:pro: 1 subscription\n"
    assert run("uses", "feature:exports", "--json").exit_code == 0


def test_the_draft_is_edited_field_by_field(run, file):
    assert run("draft", "set", "plans/pro/rank", "20", "--base", "0").stdout == "The draft is at revision 1.\n"
    assert run("draft", "set", "plans/pro/name/en", "Plus").stdout == "The draft is at revision 2.\n"

    conflict = run("draft", "set", "plans/pro/rank", "30", "--base", "0")

    assert (conflict.exit_code, "It was 10 and is 20 now; you want 30." in conflict.stderr) == (4, True)
    assert [line.split(" ")[0] for line in run("draft", "revisions").stdout.splitlines()] == ["2", "1"]


def test_a_draft_is_discarded(run, file):
    run("draft", "set", "plans/pro/rank", "20")

    assert run("draft", "discard").exit_code == 0
    assert "no_draft" in run("pull", "--draft").stderr


def test_a_draft_that_collides_is_rebased_by_saying_whose_value_stays(run, file):
    run("draft", "set", "plans/pro/rank", "20")
    change(file, "rank: 10", "rank: 30")
    run("publish", file)

    assert run("publish").exit_code == 4
    assert run("draft", "rebase", "--keep", "draft").exit_code == 0
    assert run("publish").stdout.splitlines()[0] == "Plan pro: rank 30 → 20"
