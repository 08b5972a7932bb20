"""From an empty folder to a host app whose gate follows the pages, without a restart of anything."""

from __future__ import annotations

import sys

import pytest
from playwright.sync_api import expect

from liftgate_server.demo.processes import running, wait_until_it_answers
from liftgate_server.plumbing.ports import probe_port
from tests.browser.admin.admin_page import AdminPage
from tests.browser.admin.corkboard import Corkboard
from tests.browser.admin.installation import HOST, Installation
from tests.browser.admin.product_manager import ProductManager


@pytest.fixture
def installation(tmp_path):
    with Installation(tmp_path) as installation:
        yield installation


@pytest.fixture
def admin(installation, new_context):
    admin = AdminPage(new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page(), installation.url)
    yield admin
    assert admin.complaints() == []


@pytest.fixture
def start_host(installation):
    """Start the host app on a port, with a key that somebody has copied from the pages."""
    started = []

    def start(key: str, port: int) -> str:
        program = [sys.executable, "-m", "liftgate_server.demo.host", str(port)]
        host = running(program, {"LIFTGATE_URL": installation.url, "LIFTGATE_API_KEY": key})
        started.append(host)
        wait_until_it_answers(host.__enter__(), port, "/", within_seconds=60)
        return f"http://{HOST}:{port}"

    yield start
    for host in started:
        host.__exit__(None, None, None)


def test_a_first_owner_sells_boards_and_the_running_host_app_follows(installation, admin, start_host, new_context):
    manager = ProductManager(admin.page)
    manager.become_the_first_owner(installation.set_up_link())

    manager.add_feature("boards", "Boards", one="board", other="boards")
    manager.add_plan("free", "Free", rank=0)
    manager.add_plan("team", "Team", rank=10, euros="29")
    manager.choose_default_plan("Free")
    manager.set_limit("free", "boards", 3)
    manager.set_limit("team", "boards", 50)
    manager.add_gate("boards.create", "Create a board", requires="boards")
    expect(admin.page.locator("offer-preview liftgate-modal")).to_contain_text("Team")
    expect(admin.page.locator("offer-preview liftgate-modal")).to_contain_text("€29")

    port = probe_port(HOST, 0)
    manager.allow_origin(f"http://{HOST}:{port}")
    key = manager.make_key("Corkboard")
    admin.page.reload()
    expect(admin.page.locator("main")).not_to_contain_text(key)
    manager.publish("The first plans")

    # Three boards are there, and three are free.
    corkboard = Corkboard(new_context().new_page(), start_host(key, port), account="tall-pines")
    corkboard.is_refused()
    assert "Team" in corkboard.last_words
    assert "3 / 3" in corkboard.last_words

    manager.set_limit("free", "boards", 30)
    manager.publish("More boards for everybody")
    corkboard.lets_pass()

    manager.roll_back_to(1)
    corkboard.is_refused()
