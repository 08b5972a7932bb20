"""No other site's page carries out an action: every one asks for the form's token and for where it was sent from."""

from __future__ import annotations

import pytest

from tests.admin_samples import admin_rules
from tests.server.admin.conftest import ORIGIN
from tests.server.admin.test_role_matrix import rows_of

READING = {"GET", "HEAD", "OPTIONS"}
FORGERIES = {
    "without a token": {"csrf_token": ""},
    "with a made-up token": {"csrf_token": "ImEi.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"},
    "from another origin": {"Origin": "https://evil.example"},
    "from another port": {"Origin": "http://localhost:9999"},
    "from a sandbox": {"Origin": "null"},
    "across sites": {"Sec-Fetch-Site": "cross-site"},
    "from a sibling": {"Sec-Fetch-Site": "same-site"},
}


def actions(app):
    """Every rule of the pages that changes something, the open ones too."""
    open_ones = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin_shell_open.") and "POST" in (rule.methods or ())
    ]
    return [*admin_rules(app, "POST"), *open_ones]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_action_is_refused_and_changes_nothing(site, owner, forgery):
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    changes = FORGERIES[forgery]
    headers |= {name: value for name, value in changes.items() if name != "csrf_token"}
    token = changes.get("csrf_token", owner.token)
    paths = [site.path_of(rule) for rule in actions(site.app)]
    before = rows_of(site.app)

    answers = {path: owner.client.post(path, data={"csrf_token": token}, headers=headers).status_code for path in paths}

    assert len(paths) > 10
    assert {path: status for path, status in answers.items() if status != 403} == {}
    assert rows_of(site.app) == before


def test_the_token_of_another_browser_is_refused(site, owner, reader_of):
    foreign = reader_of("owner").token
    paths = [site.path_of(rule) for rule in actions(site.app)]
    before = rows_of(site.app)

    answers = {path: owner.post(path, csrf_token=foreign).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status != 403} == {}
    assert rows_of(site.app) == before


def test_the_token_may_travel_in_a_header(site, owner):
    headers = {"X-CSRF-Token": owner.token}

    assert owner.client.post("/admin/e/demo/account/theme", data={"theme": "dark"}, headers=headers).status_code == 303


def test_no_page_changes_anything_by_being_read(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin_"):
            assert (rule.methods or set()) <= READING or (rule.methods or set()) == {"POST", "OPTIONS"}, rule


def test_a_form_with_the_one_character_that_cannot_be_stored_changes_nothing(site, owner):
    paths = [site.path_of(rule) for rule in actions(site.app)]
    token, before = owner.token, rows_of(site.app)

    answers = {path: owner.post(path, name="Ann\0", email="ann@example.com\0", csrf_token=token) for path in paths}

    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 422} == {}
    assert {answer.mimetype for answer in answers.values()} == {"text/html"}
    assert rows_of(site.app) == before
