"""An owner of one environment alone reaches nothing of another: by address, by id in the address, or by a field."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from liftgate_server.access.caller import Role
from liftgate_server.access.people import change_role_in
from liftgate_server.access.queries import environment_by_key
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.plumbing.db import db, reading
from tests.admin_samples import NO_ROLE, admin_rules

ELSEWHERE = "staging"
# Beside what the address names: what fields could name of the other environment.
FIELDS = {
    "environment": "demo",
    "environment_id": "1",
    "customer": "harbour",
    "subject": "plan:pro",
    "base": "0.1",
    "base_revision": "0",
    "base_version": "1",
    "plan": "pro",
    "feature": "boards",
    "value": "5",
    "reason": "because",
    "name": "Mine now",
    "email": "viewer@example.com",
    "role": "owner",
    "default_language": "en",
}


@pytest.fixture
def tenant(site, reader_of):
    """Somebody who is owner of another environment, and nobody anywhere else."""
    with site.app.app_context():
        made = create_environment(NewEnvironment(ELSEWHERE, name="Staging"))
        change_role_in(site.people[NO_ROLE], made.id, Role.OWNER, differs=True)
    reader = reader_of(NO_ROLE)
    reader.token  # noqa: B018 - reading it opens a page, which may leave a trace
    return reader


def rows_of_demo(app) -> dict[str, list[str]]:
    """Give every row but those of the other environment, and the traces that being there leaves."""
    with app.app_context():
        other = environment_by_key(ELSEWHERE).id
        found = {}
        for table in db.metadata.sorted_tables:
            query = select(table)
            if "environment_id" in table.c:
                query = query.where(table.c.environment_id != other)
            elif table.name == "environments":
                query = query.where(table.c.id != other)
            elif table.name == "sign_ins":
                continue
            found[table.name] = sorted(str(tuple(row)) for row in reading().execute(query))
        return found


def own_settings(rule) -> bool:
    """Tell whether an action changes the person who acts, which no environment owns."""
    return "/account/" in rule.rule


def test_no_page_of_an_environment_shows_anything_of_another(site, tenant):
    paths = [site.path_of(rule) for rule in admin_rules(site.app, "GET")]

    assert {path: status for path in paths if (status := tenant.get(path).status_code) != 404} == {}
    moved = {path: tenant.get(path.replace("/e/demo", f"/e/{ELSEWHERE}")) for path in paths}
    assert {path: answer.status_code for path, answer in moved.items() if answer.status_code >= 500} == {}
    assert {path for path, answer in moved.items() if "Harbour" in answer.text or "lgsk_demo" in answer.text} == set()


def test_no_action_of_an_environment_changes_anything_of_another(site, tenant):
    rules = [rule for rule in admin_rules(site.app, "POST") if not own_settings(rule)]
    before = rows_of_demo(site.app)

    answers = {}
    for rule in rules:
        path = site.path_of(rule)
        assert tenant.post(path, **FIELDS).status_code == 404
        answers[rule.rule] = tenant.post(path.replace("/e/demo", f"/e/{ELSEWHERE}"), **FIELDS).status_code

    assert len(rules) > 30
    assert {rule: status for rule, status in answers.items() if status >= 500} == {}
    assert rows_of_demo(site.app) == before
