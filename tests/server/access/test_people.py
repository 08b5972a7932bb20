"""People: who there is, what they may do, how they get in; and that somebody always can."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from liftgate_server.access import passwords
from liftgate_server.access.caller import Role
from liftgate_server.access.people import (
    change_password,
    change_role,
    change_role_in,
    create_first_owner,
    create_person,
    disable_person,
    enable_person,
    follow_link,
    invite_person,
    make_reset_link,
)
from liftgate_server.access.people_queries import list_sign_ins, person_by_email
from liftgate_server.access.sign_ins import (
    SignedIn,
    end_other_sign_ins,
    end_sign_in,
    find_sign_in,
    forget_old_sign_ins,
    reaches_of,
    sign_in,
    start_sign_in,
)
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.db import db
from liftgate_server.plumbing.errors import Conflict, Invalid, NotFound, Unauthorised

PASSWORD = "a sentence that is long enough"
WHERE = {"address": "127.0.0.1", "browser": "a test"}


def found(token: str) -> SignedIn:
    """Give who is behind a token that must be good."""
    signed_in = find_sign_in(token)
    assert signed_in is not None
    return signed_in


@pytest.fixture(autouse=True)
def _cheap(in_app, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def ada():
    return create_first_owner("Ada@Example.com", "Ada", PASSWORD)


@pytest.fixture
def bob(ada):
    return create_person("bob@example.com", "Bob", role=Role.EDITOR, password=PASSWORD)


def test_an_address_is_one_however_it_is_written(ada):
    assert person_by_email("  ADA@EXAMPLE.COM ").id == ada.id
    assert found(sign_in("aDa@example.com", PASSWORD, **WHERE)).person.id == ada.id
    with pytest.raises(Conflict, match="person_exists"):
        create_person("ada@EXAMPLE.com", "Ada Two", role=None)


@pytest.mark.parametrize("email", ["", "ada", "@example.com", "a b@example.com", "a@b@c", "<a@example.com>", "a@"])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(Invalid, match="invalid_person"):
        create_person(email, "Ada", role=None)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "too_short"),
        ("x" * 201, "too_long"),
        ("Ada@Example.com", "own_email"),
        ("password123", "common"),
        ("QWERTYUIOP", "common"),
        ("1234567890", "common"),
        ("0987654321", "common"),
        ("abcdefghijkl", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("ababababab", "common"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(password, code):
    with pytest.raises(Invalid) as refused:
        create_first_owner("ada@example.com", "Ada", password)

    assert [error.code for error in refused.value.errors] == [code]


@pytest.mark.parametrize("password", ["correct horse battery", "Zürich-12 ist schön", "xK9#mQ2$vL"])
def test_other_passwords_are_taken(password):
    create_first_owner("ada@example.com", "Ada", password)

    assert sign_in("ada@example.com", password, **WHERE)


def test_the_last_owner_stays_one(ada, bob):
    with pytest.raises(Conflict, match="last_owner"):
        change_role(ada.id, Role.VIEWER)
    with pytest.raises(Conflict, match="last_owner"):
        disable_person(ada.id)

    assert person_by_email("ada@example.com").role is Role.OWNER
    assert person_by_email("ada@example.com").disabled_at is None


def test_an_owner_who_was_only_invited_does_not_count(ada):
    invite_person("eve@example.com", "Eve", role=Role.OWNER)

    with pytest.raises(Conflict, match="last_owner"):
        change_role(ada.id, None)


def test_of_two_owners_one_may_go(ada, bob):
    change_role(bob.id, Role.OWNER)

    assert disable_person(ada.id).disabled_at is not None


def test_who_is_disabled_is_out_at_once_and_cannot_return(ada, bob):
    token = sign_in("bob@example.com", PASSWORD, **WHERE)
    link = make_reset_link(bob.id).token
    disable_person(bob.id)

    assert find_sign_in(token) is None
    # One that was under way when the person was disabled opens nothing either.
    assert find_sign_in(start_sign_in(bob.id, **WHERE)) is None
    with pytest.raises(Unauthorised):
        sign_in("bob@example.com", PASSWORD, **WHERE)
    with pytest.raises(NotFound):
        follow_link(link, "another long sentence")
    with pytest.raises(Conflict, match="person_disabled"):
        make_reset_link(bob.id)

    enable_person(bob.id)
    assert find_sign_in(token) is None
    assert sign_in("bob@example.com", PASSWORD, **WHERE)


def test_changing_the_password_signs_the_other_browsers_out(bob):
    here, there = (start_sign_in(bob.id, **WHERE) for _ in range(2))
    change_password(bob.id, current=PASSWORD, new="another long sentence", keep=found(here).sign_in_id)

    assert find_sign_in(here) is not None
    assert find_sign_in(there) is None
    with pytest.raises(Invalid, match="wrong_password"):
        change_password(bob.id, current=PASSWORD, new="a third long sentence", keep="")


def test_a_newer_link_ends_the_older_one(bob):
    older, newer = (make_reset_link(bob.id).token for _ in range(2))

    with pytest.raises(NotFound, match="unknown_link"):
        follow_link(older, "another long sentence")
    assert follow_link(newer, "another long sentence").id == bob.id


def test_who_was_invited_gets_in_by_the_link_alone(ada):
    invited = invite_person("eve@example.com", "Eve", role=Role.VIEWER)
    with pytest.raises(Unauthorised):
        sign_in("eve@example.com", "", **WHERE)

    follow_link(invited.token, "another long sentence")

    assert sign_in("eve@example.com", "another long sentence", **WHERE)


def test_who_is_invited_again_is_what_the_newer_invitation_says(ada):
    invite_person("eve@example.com", "Eve", role=Role.OWNER)

    again = invite_person("eve@example.com", "Eve Doe", role=Role.VIEWER)

    assert (again.person.name, again.person.role) == ("Eve Doe", Role.VIEWER)
    assert person_by_email("eve@example.com").role is Role.VIEWER
    log = [(entry.action, entry.before, entry.after) for entry in entries(None).items]
    assert ("person.role_changed", {"role": "owner"}, {"role": "viewer"}) in log


def test_a_password_chosen_by_a_link_was_chosen_by_its_person(bob):
    follow_link(make_reset_link(bob.id).token, "another long sentence")

    latest = entries(None).items[0]
    assert (latest.action, latest.actor_id) == ("person.password_changed", bob.id)


def test_only_hashes_of_tokens_and_passwords_are_stored(bob):
    secrets = [start_sign_in(bob.id, **WHERE), make_reset_link(bob.id).token, PASSWORD]

    with db.engine.connect() as connection:
        stored = [
            str(row) for table in db.metadata.sorted_tables for row in connection.execute(table.select()).fetchall()
        ]

    assert not [row for row in stored if any(secret in row for secret in secrets)]


def test_a_hash_of_weaker_parameters_is_renewed_at_the_next_sign_in(bob, monkeypatch):
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", stronger)

    sign_in("bob@example.com", PASSWORD, **WHERE)

    with db.engine.connect() as connection:
        people = db.metadata.tables["people"]
        kept = dict(connection.execute(people.select().with_only_columns(people.c.email, people.c.password_hash)).all())
    assert not stronger.check_needs_rehash(kept["bob@example.com"])
    assert stronger.check_needs_rehash(kept["ada@example.com"])


def test_one_signs_out_ones_own_browsers_only(ada, bob):
    mine, other, theirs = (start_sign_in(each.id, **WHERE) for each in (bob, bob, ada))
    end_sign_in(bob.id, found(theirs).sign_in_id)
    assert find_sign_in(theirs) is not None

    end_other_sign_ins(bob.id, keep=found(mine).sign_in_id)

    assert [find_sign_in(token) is None for token in (mine, other, theirs)] == [False, True, False]
    assert len(list_sign_ins(bob.id)) == 1


def test_an_environment_may_give_another_role_or_none(bob, environment):
    assert [reach.role for reach in reaches_of(bob)] == [Role.EDITOR]

    change_role_in(bob.id, environment.id, Role.OWNER, differs=True)
    assert [reach.role for reach in reaches_of(bob)] == [Role.OWNER]

    change_role_in(bob.id, environment.id, None, differs=True)
    assert reaches_of(bob) == ()

    change_role_in(bob.id, environment.id, None, differs=False)
    assert [reach.role for reach in reaches_of(bob)] == [Role.EDITOR]


def test_what_ran_out_is_forgotten(bob, clock):
    start_sign_in(bob.id, **WHERE)
    assert forget_old_sign_ins(clock.now()) == 0

    clock.set(list_sign_ins(bob.id)[0].expires_at)

    assert forget_old_sign_ins(clock.now()) == 1


def test_every_change_of_access_stands_in_the_log(ada, bob):
    change_role(bob.id, Role.PUBLISHER)
    disable_person(bob.id)

    log = [(entry.action, entry.subject, entry.before, entry.after) for entry in entries(None).items]
    assert log[:2] == [
        ("person.disabled", "person:bob@example.com", None, None),
        ("person.role_changed", "person:bob@example.com", {"role": "editor"}, {"role": "publisher"}),
    ]
