"""The sample site with a draft to review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from liftgate_server.access.queries import environment_by_key
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.drafts import Edit, edit_draft, open_draft
from liftgate_server.catalog.queries import CatalogueVersion, Draft
from tests.admin_samples import Site

BOARDS_OF_PRO = ("plans", "pro", "entitlements", "boards")


@pytest.fixture
def environment_id(site: Site) -> int:
    with site.app.app_context():
        return environment_by_key(site.environment).id


@pytest.fixture
def edit(site: Site, environment_id: int) -> Callable[..., Draft]:
    """Save one field of the draft, as another editor would."""

    def save(path: tuple[str, ...] = BOARDS_OF_PRO, value: Any = 40) -> Draft:
        with site.app.app_context():
            revision = open_draft(environment_id).revision
            return edit_draft(environment_id, [Edit(path, value)], base_revision=revision, by="Somebody Else")

    return save


@pytest.fixture
def published(site: Site, environment_id: int) -> Callable[[], CatalogueVersion]:
    """Read what is published now."""

    def read() -> CatalogueVersion:
        with site.app.app_context():
            return catalog.current_version(environment_id)

    return read


@pytest.fixture
def draft(site: Site, environment_id: int) -> Callable[[], Draft]:
    def read() -> Draft:
        with site.app.app_context():
            return open_draft(environment_id)

    return read
