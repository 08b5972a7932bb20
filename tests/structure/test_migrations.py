"""The migrations are one line of steps, lead to exactly the models' tables, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from liftgate_server.plumbing import migrating
from liftgate_server.plumbing.db import db


@pytest.fixture
def upgraded_server(whole_server: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The server with its database brought to the newest schema by the migrations alone."""
    with whole_server.app_context():
        migrating.upgrade_database(lock_directory=tmp_path)
        yield whole_server


def tables() -> set[str]:
    return set(sqlalchemy.inspect(db.engine).get_table_names())


def differences() -> list[tuple[object, ...]]:
    """Say how the database differs from the models, in types and defaults too."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, db.metadata))


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(migrating._alembic()).get_heads()) == 1


def test_the_migrations_make_what_the_models_say(upgraded_server: Flask):
    assert set(db.metadata.tables) <= tables()
    assert differences() == []


def test_every_migration_can_be_taken_back(upgraded_server: Flask):
    command.downgrade(migrating._alembic(), "base")
    assert tables() == {"alembic_version"}

    command.upgrade(migrating._alembic(), "head")
    assert differences() == []


def test_a_column_without_a_migration_would_be_noticed(upgraded_server: Flask):
    table = db.metadata.tables["customers"]
    planted = sqlalchemy.Column("planted", sqlalchemy.Integer)
    table.append_column(planted)
    try:
        assert [difference[0] for difference in differences()] == ["add_column"]
    finally:
        table._columns.remove(planted)


def test_a_table_without_a_migration_would_be_noticed(upgraded_server: Flask):
    planted = sqlalchemy.Table("planted", db.metadata, sqlalchemy.Column("id", sqlalchemy.Integer))
    try:
        assert "add_table" in [difference[0] for difference in differences()]
    finally:
        db.metadata.remove(planted)
