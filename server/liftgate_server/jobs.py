"""Work that no request asks for: what falls due, and what may be forgotten.

Nothing waits for it to be right: phases and orders take effect by the clock when they are read. It writes down what has
happened by itself, so that the ledger, the changes and the caches of the SDKs hear of it.
"""

# size: it lists the periodic work of every room, each of which is one import

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.access.sign_ins import forget_old_sign_ins
from liftgate_server.billing.service import expire_due_orders
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.successions import apply_successions
from liftgate_server.plumbing.changes import forget_old_changes
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import chosen_among_servers
from liftgate_server.plumbing.idempotency import forget_old_answers
from liftgate_server.plumbing.logs import logger
from liftgate_server.privacy.service import continue_erasures
from liftgate_server.publishing.service import publish_due
from liftgate_server.usage.compaction import compact_usage
from liftgate_server.usage.crossings import announce_crossings
from liftgate_server.usage.expiring import expire_reservations
from liftgate_server.usage.service import forget_old_reports

PAUSE_SECONDS = 2.0
_FORGETTING_EVERY = timedelta(hours=1)

Work = Callable[[datetime], int]
DUE: tuple[Work, ...] = (
    apply_due_changes,
    expire_due_orders,
    publish_due,
    apply_successions,
    continue_erasures,
    expire_reservations,
    announce_crossings,
    compact_usage,
)
FORGETTING: tuple[Work, ...] = (forget_old_changes, forget_old_answers, forget_old_reports, forget_old_sign_ins)


class Jobs:
    """One thread that does the due work until it is stopped; it runs in the parent of the server's workers."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liftgate-jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        self._stopped.set()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        forgotten_at = -_FORGETTING_EVERY.total_seconds()
        while not self._stopped.wait(PAUSE_SECONDS):
            do(self._app, DUE)
            if time.monotonic() - forgotten_at >= _FORGETTING_EVERY.total_seconds():
                do(self._app, FORGETTING)
                forgotten_at = time.monotonic()


def do(app: Flask, works: tuple[Work, ...]) -> None:
    """Do each work unless another server is at it; one that fails is tried again next time and keeps no other waiting.

    Every work is right on several servers at once, too: it would only be done, or found done, twice.
    """
    with app.app_context():
        try:
            with chosen_among_servers() as is_chosen:
                for work in works if is_chosen else ():
                    _do_one(app, work)
        except SQLAlchemyError as failure:
            logger().error("jobs_failed", reason=str(failure))


def _do_one(app: Flask, work: Work) -> None:
    with app.app_context():
        try:
            done = work(now())
        except SQLAlchemyError as failure:
            logger().error("job_failed", job=work.__name__, reason=str(failure))
        except Exception:  # noqa: BLE001 - a bug in one work must not end the thread that does all of them
            logger().exception("job_failed", job=work.__name__)
        else:
            if done:
                logger().info("job_done", job=work.__name__, count=done)
