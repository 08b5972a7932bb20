"""All views of the area, loaded."""

from __future__ import annotations

from liftgate_server.admin.publishing import draft_pages, history_pages, review_pages
from liftgate_server.admin.publishing.area import area

__all__ = ["area", "draft_pages", "history_pages", "review_pages"]
