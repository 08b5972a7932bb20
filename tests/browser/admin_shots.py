"""The pictures of the admin pages: each in both themes, of the demo with a story in it; a few on a phone.

`python -m tests.browser.admin_shots` takes these alone, `./dev shots` all.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.admin.installation import Installation
from tests.browser.admin.product_manager import ProductManager
from tests.browser.admin_story import LOOK, Story
from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.small_png import small_png
from tests.demo import RunningDemo, start_demo

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "admin"
PHONE: ViewportSize = {"width": 390, "height": 844}
# Name and address within the environment.
PAGES: tuple[tuple[str, str], ...] = (
    ("overview", "/"),
    ("customers", "/customers"),
    ("customer", "/customers/kranich"),
    ("customer-activity", "/customers/harbour/activity"),
    ("customer-orders", "/customers/blue-kite/orders"),
    ("customer-people", "/customers/harbour/people"),
    ("customer-revenue", "/customers/harbour/revenue"),
    ("customer-subscription", "/customers/harbour/subscription"),
    ("customer-usage", "/customers/harbour/usage"),
    ("customer-usage-history", "/customers/harbour/usage/exports"),
    ("customer-ledger", "/customers/harbour/ledger"),
    ("override", "/customers/kranich/grants/new?kind=override&feature=exports"),
    ("orders", "/orders"),
    ("matrix", "/matrix"),
    ("plans", "/plans"),
    ("plan", "/plans/pro"),
    ("plan-new", "/plans/-/new"),
    ("plan-entitlement", "/plans/pro/entitlements/exports"),
    ("plan-holders", "/plans/pro/holders"),
    ("features", "/features"),
    ("feature", "/features/exports"),
    ("feature-new", "/features/-/new"),
    ("feature-holders", "/features/boards/holders"),
    ("addons", "/addons"),
    ("addon", "/addons/extra_seats"),
    ("addon-new", "/addons/-/new"),
    ("addon-entitlement", "/addons/extra_seats/entitlements/seats"),
    ("addon-holders", "/addons/extra_exports/holders"),
    ("gates", "/gates"),
    ("gate", "/gates/settings.audit_log"),
    ("gate-new", "/gates/-/new"),
    ("offer-texts", "/texts"),
    ("offer-text", "/texts/limit_reached"),
    ("catalogue-settings", "/catalogue"),
    ("review", "/review?audience=all&notice_days=30"),
    ("affected", "/review/affected/losses?audience=all"),
    ("history", "/history"),
    ("version", "/history/2"),
    ("roll-back", "/history/1/roll-back"),
    ("draft-revisions", "/history/drafts"),
    ("audit-log", "/audit"),
    ("api-keys", "/keys"),
    ("people", "/people"),
    ("environment", "/settings"),
    ("environment-new", "/environments/new"),
    ("my-account", "/account"),
)
DOOR = ("set-up", "getting-started", "matrix-empty", "sign-in", "invitation")
ON_A_PHONE = ("overview", "matrix", "gate", "review", "customer", "customer-usage")


class Photographer:
    """Takes pictures into a folder; ``workshop`` is a blank page that makes them small."""

    def __init__(self, folder: Path, workshop: Page) -> None:
        self._folder = folder
        self._workshop = workshop
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        """Photograph what a page shows, light and dark."""
        page.wait_for_load_state("networkidle")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            picture = small_png(self._workshop, page.screenshot())
            (self._folder / f"{name}-{theme}.png").write_bytes(picture)
        sys.stdout.write(f"docs/pictures/admin/{name}-light.png, {name}-dark.png\n")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(FLAGS))
        demo = start_demo()
        try:
            take_admin_pictures(browser, demo)
        finally:
            demo.end()
            browser.close()


def take_admin_pictures(browser: Browser, demo: RunningDemo) -> None:
    """Photograph every page. The demo is changed by it."""
    photographer = Photographer(PICTURES, browser.new_page())
    _first_run(browser, photographer)
    story = Story(browser, demo)
    _door(browser, photographer, demo, story.invitation)
    story.tell()
    page, environment = story.owner.page, f"{demo.server}/admin/e/demo"
    for name, path in PAGES:
        page.goto(environment + path)
        photographer.take(page, name)
    for name, scene in SCENES.items():
        scene(story, environment)
        photographer.take(page, name)
    page.set_viewport_size(PHONE)
    for name in ON_A_PHONE:
        page.goto(environment + dict(PAGES)[name])
        photographer.take(page, f"{name}-phone")


def _first_run(browser: Browser, photographer: Photographer) -> None:
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        manager = ProductManager(browser.new_page(**LOOK))
        link = installation.set_up_link()
        manager.page.goto(link)
        photographer.take(manager.page, "set-up")
        manager.become_the_first_owner(link)
        photographer.take(manager.page, "getting-started")
        manager.open("Plans & features")
        photographer.take(manager.page, "matrix-empty")
        manager.page.close()


def _door(browser: Browser, photographer: Photographer, demo: RunningDemo, invitation: str) -> None:
    page = browser.new_page(**LOOK)
    page.goto(f"{demo.server}/admin/sign-in")
    photographer.take(page, "sign-in")
    page.goto(invitation)
    photographer.take(page, "invitation")
    page.close()


def _open_a_cell(story: Story, environment: str) -> None:
    page = story.owner.page
    page.goto(f"{environment}/matrix")
    story.owner.cell("pro", "exports").click()
    expect(page.locator("#cell-editor")).to_be_visible()


def _meet_a_conflict(story: Story, environment: str) -> None:
    pages = (story.editor.page, story.owner.page)
    for page in pages:
        page.goto(f"{environment}/plans/pro")
    for page, name in zip(pages, ("Team", "Professional"), strict=True):
        page.locator("input[name='name.en']").fill(name)
        page.get_by_role("button", name="Save in the draft", exact=True).click()
        page.wait_for_load_state("networkidle")
    expect(story.owner.page.locator(".dispute")).to_be_visible()


def _ask_before_publishing(story: Story, environment: str) -> None:
    page = story.owner.page
    page.goto(f"{environment}/review")
    page.get_by_label("Message").fill("Fewer boards on Free")
    page.locator("main .card.publish").get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _open_a_person(story: Story, environment: str) -> None:
    page = story.owner.page
    page.goto(f"{environment}/people")
    page.locator("main").get_by_role("link", name="An editor").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("An editor")


def _ask_before_forgetting(story: Story, environment: str) -> None:
    page = story.owner.page
    page.goto(f"{environment}/customers/kranich")
    page.get_by_role("button", name="Forget the account…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


SCENES: dict[str, Callable[[Story, str], None]] = {
    "matrix-cell": _open_a_cell,
    "customer-forget": _ask_before_forgetting,
    "person": _open_a_person,
    "publish-question": _ask_before_publishing,
    "conflict": _meet_a_conflict,
}


if __name__ == "__main__":
    main()
