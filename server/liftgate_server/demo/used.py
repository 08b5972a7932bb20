"""What the demo's accounts have used before anybody looks: levels, exports with a history, uses, what it was worth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, count, pairwise

from liftgate_server.demo.host.workspace import ZONE, Workspace, fresh_workspaces
from liftgate_server.entitlements.checking import checks
from liftgate_server.metering.requests import Event, LevelChange
from liftgate_server.metering.service import Admission, Metering
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.clock import now
from liftgate_server.usage.facts import Report, UseReport
from liftgate_server.usage.service import take_report

__all__ = ["EXPORTS_OF_HARBOUR", "add_use"]

# Of 100 in the month: the next one is the last.
EXPORTS_OF_HARBOUR = 99
_HISTORY_DAYS = 32
_MINUTES_PER_EXPORT = 12
# How busy the days of a week are, from Monday on.
_PACE = (6, 4, 5, 7, 5, 2, 1)
_HOUR = timedelta(hours=1)


def add_use(environment_id: int) -> None:
    """Count for every account what its workspace begins with, as its host would have told it day by day."""
    metering = Metering(checks())
    admission = Admission(
        environment_id,
        access=lambda: latest_marks(environment_id).access,
        look_again=lambda: latest_marks(environment_id),
    )
    for workspace in fresh_workspaces().values():
        for change in _levels(workspace):
            metering.set_level(admission, change, f"seed-{change.feature}")
    metering.record(admission, list(_events(now())))
    uses = tuple(_uses(now()))
    batch = "seed-uses"
    take_report(environment_id, Report(batch, hashlib.sha256(batch.encode()).digest(), uses=uses))


def _levels(workspace: Workspace) -> Iterator[LevelChange]:
    yield LevelChange(workspace.account.id, "boards", len(workspace.boards), None)
    yield LevelChange(workspace.account.id, "seats", len(workspace.people), None)


def _events(at: datetime) -> Iterator[Event]:
    """Yield the exports of Harbour Lights: of this month so many that one is left, and some of the month before."""
    number = count()
    month_began = at.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = [at - timedelta(days=back) for back in range(_HISTORY_DAYS)]
    of_month = [day for day in days if day >= month_began]
    shares = _shares(EXPORTS_OF_HARBOUR, [_PACE[day.weekday()] for day in of_month])
    for place, day in enumerate(days):
        units = shares[place] if place < len(shares) else _PACE[day.weekday()] - 1
        user = ("owner", "member", "crew-1")[place % 3]
        if units:
            yield Event(next(number), f"seed-exports-{place}", "harbour", "exports", units, user, day)
            minutes = units * _MINUTES_PER_EXPORT
            yield Event(next(number), f"seed-minutes-{place}", "harbour", "minutes_saved", minutes, user, day)


def _shares(total: int, weights: list[int]) -> list[int]:
    """Divide a number by weights, without a rest."""
    reached = [total * part // sum(weights) for part in accumulate(weights)]
    return [after - before for before, after in pairwise([0, *reached])]


def _uses(at: datetime) -> Iterator[UseReport]:
    """Yield how often Redwood Clinic, which tries Business, has used what only Business has."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    for back in range(1, 6):
        for user in ("owner", "member"):
            yield UseReport("redwood", user, "sso", hour - 24 * back * _HOUR, back)
        yield UseReport("redwood", "owner", "audit_log", hour - 24 * back * _HOUR, 1)
