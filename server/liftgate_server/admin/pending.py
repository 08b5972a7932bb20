"""What waits for somebody, as the numbers in the sidebar: changes to publish, orders to decide."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from liftgate_server.admin.change_paths import changed_paths
from liftgate_server.billing.queries import count_waiting
from liftgate_server.catalog.queries import current_version, draft_or_none

__all__ = ["unpublished_changes", "waiting_orders"]


def unpublished_changes(environment_id: int) -> int:
    """Count the fields in which the draft differs from what is published."""
    draft = draft_or_none(environment_id)
    if draft is None:
        return 0
    return _count(_text(current_version(environment_id).document), _text(draft.document))


def waiting_orders(environment_id: int) -> int:
    """Count the orders that wait for a decision."""
    return count_waiting(environment_id)


def _text(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document)


@lru_cache(maxsize=32)
def _count(published: bytes, draft: bytes) -> int:
    # Asked for with every page, and answered by the text itself, so that no number has to be trusted.
    return 0 if published == draft else len(changed_paths(orjson.loads(published), orjson.loads(draft)))
