"""Every page there is: nothing for axe in both themes and on a phone, no broken policy, light, few requests.

The pages come from the address map, so that none can be forgotten.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from liftgate_server.app import create_app
from liftgate_server.plumbing.db import detach_database
from tests.admin_samples import DOWNLOADS, admin_rules
from tests.databases import make_config

LARGEST_PAGE_BYTES = 40_000
MOST_REQUESTS = 8
PHONE = {"width": 390, "height": 844}
DOOR = "admin_shell_open."
# Not pages: a redirect, whatever does not exist, files; the set-up is closed on a site with people (see its journey).
NO_PAGES = {f"{DOOR}home", f"{DOOR}unknown", f"{DOOR}static_file", f"{DOOR}setup"} | DOWNLOADS


def page_endpoints() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(make_config(Path(folder)))
        pages = [rule.endpoint for rule in admin_rules(app, "GET") if rule.endpoint not in NO_PAGES]
        door = [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(DOOR)]
        detach_database(app)
    return [*pages, *sorted({end for end in door if "GET" in _methods(app, end)} - NO_PAGES)]


def _methods(app, endpoint):
    return {method for rule in app.url_map.iter_rules(endpoint) for method in rule.methods or ()}


@pytest.fixture(params=page_endpoints())
def page(request, running_site, open_admin):
    """Every page in turn, as its visitor sees it: an owner, or somebody at the door."""
    (rule,) = running_site.site.app.url_map.iter_rules(request.param)
    return open_admin(running_site.site.path_of(rule), role=None if request.param.startswith(DOOR) else "owner")


def test_a_page_is_accessible_light_and_keeps_the_policy(page):
    requests, weight = len(page.responses), page.weight_bytes()
    findings = {"light": page.axe_violations()}
    page.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    findings["dark"] = page.axe_violations()
    page.page.set_viewport_size(PHONE)
    findings["phone"] = page.axe_violations()

    assert {setting: found for setting, found in findings.items() if found} == {}
    assert page.overflow_pixels() <= 0
    assert requests <= MOST_REQUESTS
    assert weight <= LARGEST_PAGE_BYTES
