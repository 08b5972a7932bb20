"""Handing out and forgetting from the command line, without a server."""

from __future__ import annotations

import json

import pytest

from liftgate_server.access.queries import environment_by_key
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.customers.service import UpsertCustomer, UpsertUser, upsert_customer, upsert_user


@pytest.fixture
def acme(liftgate):
    """An environment with an account and a person in it."""
    assert liftgate("environments", "create", "demo", "--origin", "https://app.example.com").exit_code == 0
    with opened_server(read_config()):
        environment_id = environment_by_key("demo").id
        upsert_customer(environment_id, "acme", UpsertCustomer(name="Acme"))
        upsert_user(environment_id, "acme", "u1", UpsertUser(name="Ann"))
    return lambda command, *more, **options: liftgate(
        "customers", command, "acme", "--environment", "demo", *more, **options
    )


def test_an_export_is_lines_of_json(acme):
    lines = [json.loads(line) for line in acme("export").stdout.splitlines()]

    # The last entry of the log is this export.
    assert [line["kind"] for line in lines] == ["export", "customer", "user", "audit_entry", "end"]


def test_erasing_wants_the_id_again(acme):
    refused = acme("erase", "--confirm", "another")

    assert refused.exit_code == 1
    assert "say the id again" in refused.stderr
    assert acme("export").exit_code == 0


def test_an_erased_account_is_gone(acme):
    told = json.loads(acme("erase", "--confirm", "acme", "--json").stdout)

    assert (told["state"], told["kind"]) == ("done", "customer")
    assert acme("export").exit_code == 1


def test_one_person_is_erased_and_the_account_goes_on(acme):
    assert acme("erase", "--user", "u1", "--confirm", "u1").stdout.startswith("Forgotten.")

    kinds = [json.loads(line)["kind"] for line in acme("export").stdout.splitlines()]
    assert "customer" in kinds
    assert "user" not in kinds
