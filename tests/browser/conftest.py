"""One Chromium for all browser tests, and a page of a host app with the widget in it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.stub_server import Scene, StubServer
from tests.browser.widget_page import WidgetPage
from tests.demo import RunningDemo, start_demo

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  violations.push(`${violatedDirective} ${blockedURI}`);
});
"""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium and runs in a group of its own."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium(playwright: Playwright) -> str:
    """Find a browser, or fail: a browser test that is left out proves nothing."""
    own = playwright.chromium.executable_path
    found = os.environ.get("LIFTGATE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), own)
    if not Path(found).exists():
        pytest.fail(f"There is no browser at {found}: install chromium, or name one in LIFTGATE_CHROMIUM.")
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open contexts with the options of `Browser.new_context`; they are closed at the end."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(
            **{"reduced_motion": "reduce", "viewport": {"width": 900, "height": 700}} | options
        )
        context.set_default_timeout(8_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    running = start_demo()
    yield running
    assert running.end() == 0


@pytest.fixture
def visit(demo: RunningDemo, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """Look at Corkboard as somebody; whatever a test does there must break no policy and raise no error."""
    visited: list[Page] = []
    errors: list[str] = []

    def make(account: str, user: str = "owner", path: str = "/", **options: Any) -> Page:
        page = new_context(**options).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(WATCH)
        page.goto(demo.host)
        page.locator("select[name=account]").select_option(account)
        page.locator("select[name=user]").select_option(user)
        page.locator(".switcher button").click()
        page.wait_for_load_state()
        if path != "/":
            page.goto(demo.host + path)
        visited.append(page)
        return page

    yield make
    for page in visited:
        assert page.evaluate("window.violations") == []
    assert errors == []


@pytest.fixture(scope="session")
def running_stub() -> Iterator[StubServer]:
    server = StubServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def stub(running_stub: StubServer) -> StubServer:
    running_stub.scene = Scene()
    return running_stub


@pytest.fixture
def scene(stub: StubServer) -> Scene:
    return stub.scene


@pytest.fixture
def open_host(stub: StubServer, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., WidgetPage]]:
    """Open a page of the host app; whatever a test does there must break no policy and raise no error."""
    opened: list[WidgetPage] = []

    def make(path: str = "/", **options: Any) -> WidgetPage:
        opened.append(WidgetPage(new_context(**options).new_page(), stub.address, path))
        return opened[-1]

    yield make
    for host in opened:
        assert host.complaints() == []


@pytest.fixture
def host(open_host: Callable[..., WidgetPage]) -> WidgetPage:
    return open_host()


@pytest.fixture
def page(host: WidgetPage) -> Page:
    return host.page
