"""When a key was last used, to the hour."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from liftgate_server.access.models import ApiKeyRow
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.logs import logger


def note_use(environment_id: int, key_id: str, *, at: datetime) -> None:
    """Write down that a key is in use. Knowing that is worth less than the answer, so a busy database is no reason."""
    try:
        with transaction(environment_id) as session:
            session.execute(
                update(ApiKeyRow)
                .where(ApiKeyRow.environment_id == environment_id, ApiKeyRow.id == key_id)
                .values(last_used_at=at)
                .execution_options(synchronize_session=False)
            )
    except OperationalError as failure:
        logger().warning("key_use_not_noted", key_id=key_id, reason=str(failure.orig))
