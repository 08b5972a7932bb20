"""`liftgate people`: works when nobody can sign in."""

from __future__ import annotations

import json

from click.testing import CliRunner

from liftgate_server.cli import main
from tests.admin_samples import PASSWORD


def test_a_person_is_created_listed_and_disabled(liftgate):
    made = json.loads(liftgate("people", "create", "Ada@example.com", "--json").stdout)
    liftgate("people", "create", "bob@example.com", "--role", "viewer", "--name", "Bob")
    disabled = liftgate("people", "disable", "bob@example.com")

    listed = json.loads(liftgate("people", "list", "--json").stdout)
    assert disabled.exit_code == 0
    assert (made["email"], made["role"], len(made["password"])) == ("ada@example.com", "owner", 20)
    assert [(each["email"], each["role"], each["disabled_at"] is None) for each in listed] == [
        ("ada@example.com", "owner", True),
        ("bob@example.com", "viewer", False),
    ]


def test_the_last_owner_cannot_be_disabled(liftgate):
    liftgate("people", "create", "ada@example.com")

    answer = liftgate("people", "disable", "ada@example.com")

    assert answer.exit_code == 1
    assert "Nobody else could let others in" in answer.output


def test_a_reset_gives_a_link(liftgate):
    liftgate("people", "create", "ada@example.com")

    answer = json.loads(liftgate("people", "reset-password", "ada@example.com", "--json").stdout)

    assert answer["path"].startswith("/admin/link/")


def test_a_weak_password_from_standard_input_is_refused(data):
    arguments = ["people", "create", "ada@example.com", "--password-stdin"]
    assert CliRunner().invoke(main, arguments, input="1234567890\n").exit_code == 1
    assert CliRunner().invoke(main, arguments, input=f"{PASSWORD}\n").exit_code == 0
