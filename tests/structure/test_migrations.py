"""The migrations are one line of steps, lead to exactly the models' tables, and back."""

from __future__ import annotations

from collections.abc import Iterator

import flask_migrate
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from liftgate_server.plumbing.db import db
from liftgate_server.plumbing.resources import migrations_directory


@pytest.fixture
def upgraded_server(whole_server: Flask) -> Iterator[Flask]:
    """The server with its database brought to the newest schema by the migrations alone."""
    with whole_server.app_context():
        flask_migrate.upgrade(directory=str(migrations_directory()))
        yield whole_server


def tables() -> set[str]:
    return set(sqlalchemy.inspect(db.engine).get_table_names())


def differences() -> list[object]:
    """Say how the database differs from the models, in types and defaults too."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, db.metadata))


def test_there_is_one_head():
    configuration = AlembicConfig()
    configuration.set_main_option("script_location", str(migrations_directory()))

    assert len(ScriptDirectory.from_config(configuration).get_heads()) == 1


def test_the_migrations_make_what_the_models_say(upgraded_server: Flask):
    assert set(db.metadata.tables) <= tables()
    assert differences() == []


def test_every_migration_can_be_taken_back(upgraded_server: Flask):
    flask_migrate.downgrade(directory=str(migrations_directory()), revision="base")
    assert tables() == {"alembic_version"}

    flask_migrate.upgrade(directory=str(migrations_directory()))
    assert differences() == []


def test_a_column_without_a_migration_would_be_noticed(upgraded_server: Flask):
    table = next(iter(db.metadata.tables.values()))
    planted = sqlalchemy.Column("planted", sqlalchemy.Integer)
    table.append_column(planted)
    try:
        assert [difference[:1] for difference in differences()] == [("add_column",)]
    finally:
        table._columns.remove(planted)
