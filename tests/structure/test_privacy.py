"""Every table that could say something about somebody is handed out and forgotten, or named here with the reason."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from liftgate_server.plumbing.db import db
from liftgate_server.privacy.tables import PERSONAL_TABLES

# Columns that hold somebody of the host's: an account, or a person in it.
PERSONAL_COLUMNS = {"customer", "user", "principal", "actor_id", "subject", "email"}
OTHERWISE = {
    "audit_entries": "handed out and blanked by `privacy.audit_trail`",
    "idempotency_keys": "what was answered to end users and about somebody is dropped by `privacy.batches`",
    "erasures": "says who is forgotten for as long as that takes",
    "people": "who signs in to the pages: the operator's own",
}
CONTRACTS = Path(__file__).resolve().parents[2] / "docs" / "contracts.md"


def unanswered() -> set[str]:
    known = {table.name for table in PERSONAL_TABLES} | OTHERWISE.keys()
    return {
        table.name
        for table in db.metadata.sorted_tables
        if table.name not in known and PERSONAL_COLUMNS & set(table.columns.keys())
    }


def test_every_table_with_somebody_in_it_is_answered_for(whole_server: Flask):
    assert unanswered() == set()


def test_a_table_that_nobody_answers_for_would_be_noticed(whole_server: Flask, monkeypatch):
    monkeypatch.delitem(OTHERWISE, "people")

    assert unanswered() == {"people"}


def test_every_user_column_is_given_a_pseudonym_or_goes(whole_server: Flask):
    forgotten = {
        table.name for table in PERSONAL_TABLES if "user" in table.table.c and "user" not in (*table.users, *table.keys)
    }

    assert forgotten == set()


def test_the_contract_names_every_kind_of_line():
    documented = set(re.findall(r"^\| `(\w+)` \|", _section(), re.MULTILINE))

    assert documented == {table.kind for table in PERSONAL_TABLES} | {"export", "audit_entry", "end"}


def _section() -> str:
    text = CONTRACTS.read_text(encoding="utf-8")
    return text.split("### Exports and erasure", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
