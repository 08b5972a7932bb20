"""A draft that somebody overtakes: what both changed is decided on the review, and nothing is overwritten unseen."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from playwright.sync_api import expect

from liftgate_server.access.queries import environment_by_key
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.publishing.service import publish
from tests.browser.admin.product_manager import ProductManager


@pytest.fixture
def published(running_site):
    """Read the plan Pro as it is published, or publish another number of something in it, as a file would."""

    def read_or_publish(**entitlements: int) -> dict[str, Any]:
        with running_site.site.app.app_context():
            environment_id = environment_by_key(running_site.site.environment).id
            document: Any = copy.deepcopy(dict(catalog.current_version(environment_id).document))
            if entitlements:
                document["plans"]["pro"]["entitlements"] |= entitlements
                publish(environment_id, SourceDocument(document), by="A file", message="From Git")
            return document["plans"]["pro"]["entitlements"]

    return read_or_publish


def test_a_field_that_the_draft_and_another_publication_changed_is_decided(running_site, open_admin, published):
    manager = ProductManager(open_admin(f"/admin/e/{running_site.site.environment}/").page)
    manager.set_limit("pro", "boards", 31)
    published(boards=28, seats=12)

    manager.open("Review & publish")
    collision = manager.main.get_by_role("table", name="Fields that both changed")
    for value in ("25", "28", "31"):
        expect(collision.get_by_role("cell", name=value, exact=True)).to_be_visible()
    manager.main.get_by_role("button", name="Keep the draft's values").click()
    manager.publish("Both have a say")

    assert published()["boards"] == 31
    assert published()["seats"] == 12
