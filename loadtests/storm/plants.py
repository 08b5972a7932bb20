"""Mistakes for showing that the storm finds them: each is one that somebody has made before.

Only `planted_server` plants them; nothing of the product knows that they exist.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Flask
from sqlalchemy import select, text

from liftgate.engine.allocation import allocate
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.usage import ledger
from liftgate_server.usage.facts import Operation, Posted, Posting
from liftgate_server.usage.models import UsageCounterRow

VARIABLE = "STORM_PLANT"
_BETWEEN_SECONDS = 0.04

_honest_consume = ledger.consume


def plant(name: str, application: Flask) -> None:
    """Make this process make a mistake from now on."""
    _, mistake = PLANTS[name]
    mistake(application)


def _check_then_act(_application: Flask) -> None:
    def consume(environment_id: int, posting: Posting) -> Posted:
        if posting.operation is Operation.CONSUME and _fits(environment_id, posting):
            time.sleep(_BETWEEN_SECONDS)
            return _honest_consume(environment_id, replace(posting, forced=True))
        return _honest_consume(environment_id, posting)

    ledger.consume = consume


def _fits(environment_id: int, posting: Posting) -> bool:
    """Look whether it fits, in a statement of its own."""
    table = UsageCounterRow
    query = select(table.window, table.user, table.used + table.held).where(
        table.environment_id == environment_id, table.customer == posting.customer, table.feature == posting.feature
    )
    counters = {(row[0], row[1] or None): row[2] for row in reading().execute(query)}
    reading().rollback()
    allowance = posting.allowance
    return allowance is not None and allocate(allowance, counters, posting.quantity) is not None


def _count_twice(_application: Flask) -> None:
    def consume(environment_id: int, posting: Posting) -> Posted:
        posted = _honest_consume(environment_id, posting)
        if posted.replayed and posted.granted:
            with transaction(environment_id) as session:
                session.execute(_MOVE_AGAIN, _counted(posting))
        return posted

    ledger.consume = consume


_MOVE_AGAIN = text("UPDATE usage_counters SET used = used + :units WHERE customer = :customer AND feature = :feature")


def _counted(posting: Posting) -> dict[str, str | int]:
    return {"units": posting.quantity, "customer": posting.customer, "feature": posting.feature}


def _forget_key(_application: Flask) -> None:
    def consume(environment_id: int, posting: Posting) -> Posted:
        return _honest_consume(environment_id, replace(posting, key=secrets.token_hex(8)))

    ledger.consume = consume


def _hasty_commit(application: Flask) -> None:
    with application.app_context(), transaction() as session:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))


PLANTS: Mapping[str, tuple[str, Callable[[Flask], None]]] = {
    "check-then-act": ("look whether it fits, then count it: two statements, and others in between", _check_then_act),
    "count-twice": ("move the counter again when a key comes again", _count_twice),
    "forget-key": ("count under a key of one's own, so that one that comes again is counted again", _forget_key),
    "hasty-commit": ("say that it is counted before it has reached the disk", _hasty_commit),
}
