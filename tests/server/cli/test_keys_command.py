"""Keys and environments from the command line, without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def newest_revision() -> str:
    """The number that the last file of the migrations begins with."""
    migrations = Path(__file__).resolve().parents[3] / "migrations" / "versions"
    return max(file.name for file in migrations.glob("[0-9]*.py"))[:4]


@pytest.fixture
def demo(liftgate):
    """An environment to work in."""
    assert liftgate("environments", "create", "demo", "--origin", "https://app.example.com").exit_code == 0
    return liftgate


def test_a_key_is_shown_once_and_then_listed_without_its_secret(demo):
    made = demo("keys", "create", "--environment", "demo", "--name", "web")
    key = made.stdout.strip()

    listed = demo("keys", "list", "--environment", "demo")

    assert key.startswith("lgsk_demo_")
    assert key.split("_")[2] in listed.stdout
    assert key.split("_")[3] not in listed.stdout
    assert "not used yet" in listed.stdout


def test_json_carries_the_same(demo):
    made = json.loads(
        demo("keys", "create", "--environment", "demo", "--kind", "management", "--role", "owner", "--json").stdout
    )
    listed = json.loads(demo("keys", "list", "--environment", "demo", "--json").stdout)

    assert made["key"].startswith("lgmk_demo_")
    assert [{**item, "key": made["key"]} for item in listed] == [made]


def test_a_revoked_key_is_listed_as_such(demo):
    key = demo("keys", "create", "--environment", "demo").stdout.strip()

    revoked = demo("keys", "revoke", "--environment", "demo", key.split("_")[2])

    assert revoked.exit_code == 0
    assert "revoked" in demo("keys", "list", "--environment", "demo").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("keys", "create", "--environment", "nowhere"), "There is no environment 'nowhere'."),
        (("keys", "create", "--environment", "demo", "--kind", "management"), "A management key needs a role."),
        (("keys", "revoke", "--environment", "demo", "00000000"), "There is no key '00000000'"),
        (("environments", "create", "demo"), "There is an environment 'demo' already."),
        (("environments", "create", "Not a key"), "A key has 1 to 32 of the characters"),
        (("environments", "update", "demo", "--origin", "*"), "An origin is https://host"),
    ],
)
def test_a_refusal_is_a_sentence_and_an_exit_code(demo, arguments, sentence):
    refused = demo(*arguments)

    assert refused.exit_code == 1
    assert sentence in refused.stderr


def test_an_environment_can_be_changed(demo):
    changed = json.loads(demo("environments", "update", "demo", "--self-confirm", "--name", "Shop", "--json").stdout)

    assert changed == json.loads(demo("environments", "list", "--json").stdout)
    assert (changed[0]["self_confirm"], changed[0]["name"]) == (True, "Shop")
    assert changed[0]["allowed_origins"] == ["https://app.example.com"]


def test_bad_settings_are_all_told(liftgate, monkeypatch):
    monkeypatch.setenv("LIFTGATE_PORT", "x")
    monkeypatch.setenv("LIFTGATE_SECRET", "x")

    refused = liftgate("keys", "list", "--environment", "demo")

    assert refused.exit_code == 1
    assert "port:" in refused.stderr
    assert "secret:" in refused.stderr


def test_help_names_every_command(liftgate):
    told = liftgate("--help").stdout

    for command in ("serve", "demo", "catalog", "keys", "environments", "doctor", "db"):
        assert f"\n  {command} " in told


def test_the_schema_can_be_made_by_hand(liftgate):
    assert liftgate("db", "upgrade").stdout == f"The database has the schema {newest_revision()}.\n"
