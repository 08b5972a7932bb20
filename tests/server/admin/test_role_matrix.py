"""Every page and action × every role: who may, may; who may not, changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from liftgate_server.access.caller import Role
from liftgate_server.plumbing.db import db, reading
from tests.admin_samples import NO_ROLE, ROLES, admin_rules

# What a refused attempt may leave behind: that somebody was there.
_TRACES = {"sign_ins"}


def rows_of(app) -> dict[str, list[str]]:
    with app.app_context():
        return {
            table.name: sorted(str(tuple(row)) for row in reading().execute(select(table)))
            for table in db.metadata.sorted_tables
            if table.name not in _TRACES
        }


def may(app, rule, role) -> bool:
    view = app.view_functions[rule.endpoint]
    return role != NO_ROLE and Role(role).includes(view.liftgate_least)


def refusal_of(role) -> int:
    """Who has no role here is told nothing, not even that the environment exists."""
    return 404 if role == NO_ROLE else 403


@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_for_whoever_may_and_for_nobody_else(site, reader_of, role):
    reader, rules = reader_of(role), list(admin_rules(site.app, "GET"))
    wanted = {rule.rule: 200 if may(site.app, rule, role) else refusal_of(role) for rule in rules}

    assert rules
    assert {rule.rule: reader.get(site.path_of(rule)).status_code for rule in rules} == wanted


@pytest.mark.parametrize("role", [role for role in ROLES if role != Role.OWNER])
def test_an_action_of_a_higher_role_changes_nothing(site, reader_of, role):
    reader = reader_of(role)
    reader.token  # noqa: B018 - reading it opens a page, which may leave a trace
    rules = [rule for rule in admin_rules(site.app, "POST") if not may(site.app, rule, role)]
    before = rows_of(site.app)

    answers = {rule.rule: reader.post(site.path_of(rule)).status_code for rule in rules}

    assert rules
    assert answers == {rule.rule: refusal_of(role) for rule in rules}
    assert rows_of(site.app) == before


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_an_action_is_open_for_its_role(site, reader_of, role):
    reader = reader_of(role)
    rules = [rule for rule in admin_rules(site.app, "POST") if may(site.app, rule, role)]

    # An empty form is refused by many, but as a form, not as a person.
    answers = {rule.rule: reader.post(site.path_of(rule)).status_code for rule in rules}

    assert {path: status for path, status in answers.items() if status in {401, 403} or status >= 500} == {}


def test_without_a_session_a_page_leads_to_the_door_and_an_action_does_nothing(site, reader_of):
    reader = reader_of("anonymous")
    reader.token  # noqa: B018 - as above
    before = rows_of(site.app)

    pages = {rule.rule: reader.get(site.path_of(rule)).status_code for rule in admin_rules(site.app, "GET")}
    actions = {rule.rule: reader.post(site.path_of(rule)).status_code for rule in admin_rules(site.app, "POST")}

    assert set(pages.values()) == {303}
    assert set(actions.values()) == {401}
    assert rows_of(site.app) == before


def test_a_role_of_its_own_in_one_environment_counts_there_alone(site, owner, reader_of):
    viewer = site.people["viewer"]
    owner.post("/environments/new", name="Staging")
    owner.post(f"/people/{viewer}/roles/staging", role="owner")
    reader = reader_of("viewer")

    assert reader.get("/admin/e/staging/keys").status_code == 200
    assert reader.get("/keys").status_code == 403
    # An owner of one environment hands out no roles.
    assert reader.get("/admin/e/staging/people").status_code == 403


def test_an_environment_can_be_taken_away_from_a_person(site, owner, reader_of):
    owner.post(f"/people/{site.people['viewer']}/roles/{site.environment}", role="none")

    assert reader_of("viewer").get("/").status_code == 404
