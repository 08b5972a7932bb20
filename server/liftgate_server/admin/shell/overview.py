"""Where one lands: what is set up, what is published, what happened last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from liftgate_server.access.queries import list_keys
from liftgate_server.admin.framing import Role, render, visitor
from liftgate_server.admin.navigation import link_or_none
from liftgate_server.admin.shell.activity import recent_activity
from liftgate_server.admin.shell.area import area
from liftgate_server.admin.shell.audit_words import action_name
from liftgate_server.admin.shell.first_steps import Situation, first_steps
from liftgate_server.catalog.drafts import open_draft
from liftgate_server.catalog.queries import current_version
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.paging import LARGEST_PAGE

_RECENT = 6


@area.page("/", least=Role.VIEWER)
def overview() -> str:
    here = visitor()
    environment_id = here.environment.id
    published, draft = current_version(environment_id), open_draft(environment_id)
    activity = recent_activity(environment_id)
    keys = list_keys(environment_id, limit=LARGEST_PAGE).items
    steps = first_steps(here, Situation(draft.document, published.version, keys, activity.checks))
    return render(
        "shell/overview.html",
        published=published,
        draft=draft,
        has_changes=dict(draft.document) != dict(published.document),
        counts={part: _count(draft.document, part) for part in ("features", "plans", "addons", "gates")},
        steps=steps,
        is_complete=all(step.is_done for step in steps),
        activity=activity,
        recent=entries(environment_id, limit=_RECENT).items,
        action_name=action_name,
        link_or_none=link_or_none,
    )


def _count(document: Mapping[str, object], part: str) -> int:
    return len(cast("Mapping[str, object]", document.get(part) or {}))
