"""Work on many, where one that fails keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from liftgate_server.plumbing.logs import logger

__all__ = ["is_done"]


def is_done(work: Callable[[], bool], failure: str, **about: object) -> bool:
    """Do the work for one and say what it says; a bug that it meets is logged under ``failure`` and counts as not done.

    What is wrong with the database is wrong for all, and raised.
    """
    try:
        return work()
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with one, the others have their turn
        logger().exception(failure, **about)
        return False
