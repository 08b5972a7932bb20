"""A command's way to the server's database."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.app import create_app
from liftgate_server.plumbing.audit import Actor, ActorKind, acting_as
from liftgate_server.plumbing.config import Config, ConfigError, load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.migrating import upgrade_database


def read_config(**overrides: Any) -> Config:
    """Read the settings, or end the command with all that is wrong with them."""
    try:
        return load_config(**overrides)
    except ConfigError as failure:
        raise click.ClickException("These settings cannot be used:\n  " + "\n  ".join(failure.problems)) from failure


@contextmanager
def opened_server(config: Config, *, upgrades: bool = True) -> Iterator[Flask]:
    """Give an app with an up-to-date database, in its context; failures end the command with a sentence.

    Without ``upgrades`` the database is taken as it is, for commands that look before they change anything.
    """
    app = create_app(config)
    try:
        with app.app_context(), told_failures(), acting_as(_operator()):
            if upgrades:
                upgrade_database(lock_directory=config.data_directory)
            yield app
    finally:
        detach_database(app)


@contextmanager
def told_failures() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        lines = [problem.detail, *(f"{error.path}: {error.message}" for error in problem.errors)]
        raise click.ClickException("\n  ".join(lines)) from problem
    except SQLAlchemyError as failure:
        raise click.ClickException(f"The database failed: {failure}") from failure


def _operator() -> Actor:
    """Name who types, as the system knows them, for the audit log."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        name = "somebody"
    return Actor(ActorKind.COMMAND_LINE, name, name)
