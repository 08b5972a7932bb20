"""The modal is a proper dialog on any page: on top, alone in reach, untouched by the host's style."""

from __future__ import annotations

import pytest

from tests.browser.payloads import BUYER, LONG, changed
from tests.browser.widget_page import GUARD_MS

SQUARE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":root { --liftgate-radius: 0 }");
  document.adoptedStyleSheets.push(sheet);
}"""


def test_focus_starts_on_the_heading_which_names_the_dialog(host):
    host.open(BUYER)

    assert host.focused() == '<h2 id="title" tabindex="-1">'
    dialog = host.page.get_by_role("dialog", name="More boards with Pro")
    assert dialog.get_attribute("aria-describedby") == "body"


def test_the_end_of_the_readers_plan_version_is_told_as_text(host):
    ends = {"text": "From January 1, 2027, <b>Pro</b> changes.", "until": "2027-01-01T00:00:00Z"}
    host.open(changed(BUYER, content={**BUYER["content"], "grandfathering": ends}))

    assert host.dialog.get_by_text("From January 1, 2027, <b>Pro</b> changes.").is_visible()


@pytest.mark.parametrize(
    "press", ["dialog.querySelector('.primary').click()", "dialog.querySelector('.close').click()"]
)
def test_the_first_moments_ignore_activation(host, press):
    host.page.evaluate("(payload) => void configure({}).open(payload)", BUYER)

    host.page.evaluate(f"const dialog = document.querySelector('liftgate-modal').shadowRoot; {press}")

    assert host.dialog.is_visible()
    assert host.facts("action") == []


def test_a_held_enter_key_does_not_buy(host, scene):
    host.page.evaluate(
        "(payload) => { document.querySelector('#export').onclick = () => void configure({}).open(payload); }", BUYER
    )
    host.page.focus("#export")

    for _ in range(20):
        host.page.keyboard.down("Enter")
        host.page.wait_for_timeout(GUARD_MS / 10)
    host.page.keyboard.up("Enter")

    assert host.title() == "More boards with Pro"
    assert scene.requests == []


def test_tab_goes_round_inside_in_both_directions(host):
    host.open(BUYER)
    stops = []
    for key in ["Tab"] * 5 + ["Shift+Tab"] * 5:
        host.page.keyboard.press(key)
        stops.append(host.focused())

    assert 'value="pro:month:EUR"' in stops[0]
    assert 'data-do="checkout"' in stops[1]
    assert 'data-do="dismiss"' in stops[2]
    assert 'class="close"' in stops[3]
    assert stops[4] == stops[0]
    assert stops[5:9] == [stops[3], stops[2], stops[1], stops[0]]


def test_shift_tab_from_the_heading_stays_inside(host):
    host.open(BUYER)

    host.page.keyboard.press("Shift+Tab")

    assert 'class="close"' in host.focused()


def test_arrow_keys_choose_the_interval(host, scene):
    host.open(BUYER)
    host.page.keyboard.press("Tab")

    host.page.keyboard.press("ArrowDown")
    host.press("Upgrade now")
    host.wait_for_title("Confirm your order")

    assert scene.sent_to("/v1/client/orders")[0].body["interval"] == "year"


def test_the_page_behind_is_out_of_reach(host):
    host.page.evaluate("() => { window.clicks = 0; document.querySelector('#export').onclick = () => clicks++; }")
    host.open(changed(BUYER, presentation={"dismissible": False}))
    box = host.page.locator("#export").bounding_box()

    host.page.mouse.click(box["x"] + 5, box["y"] + 5)
    host.page.evaluate("document.querySelector('#export').focus()")

    assert host.page.evaluate("window.clicks") == 0
    assert "export" not in host.focused()


def test_the_page_behind_hears_no_keys(host):
    host.page.evaluate("window.keys = []; document.addEventListener('keydown', (event) => keys.push(event.key))")
    host.open(BUYER)

    host.page.keyboard.press("u")
    host.page.keyboard.press("Escape")
    host.outcome()

    assert host.page.evaluate("window.keys") == []


@pytest.mark.parametrize("payload", [BUYER, LONG], ids=["short", "long"])
def test_the_page_behind_does_not_scroll_or_move(host, payload):
    host.page.evaluate("scrollTo(0, 120)")
    before = host.page.locator("h1").bounding_box()
    host.open(payload)

    for x, y in ((450, 350), (10, 10)):
        host.page.mouse.move(x, y)
        host.page.mouse.wheel(0, 5000)
    for key in ("PageDown", "End", "Space"):
        host.page.keyboard.press(key)
    host.page.wait_for_timeout(200)

    assert host.page.evaluate("scrollY") == 120
    assert host.page.locator("h1").bounding_box() == before


def test_it_is_above_a_dialog_the_host_has_open(host):
    host.page.evaluate("document.querySelector('#own').showModal()")
    host.open(BUYER)

    box = host.button("Not now").bounding_box()
    found = host.page.evaluate("([x, y]) => document.elementFromPoint(x, y).localName", [box["x"] + 9, box["y"] + 9])
    host.page.keyboard.press("Escape")
    host.outcome()

    assert found == "liftgate-modal"
    assert host.page.evaluate("document.querySelector('#own').open") is True


@pytest.mark.parametrize("width", [900, 390])
def test_a_hostile_style_sheet_changes_no_pixel(open_host, width):
    shots = []
    for path in ("/", "/hostile"):
        host = open_host(path, viewport={"width": width, "height": 760})
        host.page.evaluate(SQUARE)  # round corners would show some of the page behind, and so would the outermost pixel
        box = host.open(BUYER).bounding_box()
        inside = {"x": box["x"] + 1, "y": box["y"] + 1, "width": box["width"] - 2, "height": box["height"] - 2}
        shots.append(host.page.screenshot(clip=inside))

    assert shots[0] == shots[1]


@pytest.mark.parametrize("width", [320, 390, 900])
def test_long_texts_stay_inside(open_host, width):
    host = open_host(viewport={"width": width, "height": 640})
    dialog = host.open(LONG)

    box = dialog.bounding_box()

    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert 0 <= box["y"] <= box["y"] + box["height"] <= 640
    assert dialog.evaluate("(node) => node.scrollWidth <= node.clientWidth")


def test_everything_that_can_be_pressed_is_large_enough(open_host):
    host = open_host(viewport={"width": 390, "height": 844})
    host.open(BUYER)

    boxes = [control.bounding_box() for control in host.dialog.locator("button, label").all()]

    assert min(min(box["width"], box["height"]) for box in boxes) >= 44


def test_a_preview_leaves_the_focus_and_the_page_alone(host):
    host.page.focus("#export")

    host.page.evaluate(
        """(payload) => {
          const preview = document.createElement("liftgate-modal");
          preview.setAttribute("preview", "");
          document.body.prepend(preview);
          preview.show(payload);
          preview.show({ ...payload, content: { ...payload.content, title: "Edited" } });
        }""",
        BUYER,
    )

    assert host.title() == "Edited"
    assert host.focused() == '<button id="export">'
    assert host.page.evaluate("document.querySelector('liftgate-modal').shadowRoot.querySelector(':modal')") is None
    assert host.page.evaluate("document.adoptedStyleSheets.length") == 0


def test_loading_the_module_twice_is_harmless(host):
    host.page.evaluate("import('/widget/liftgate.js?again').then((module) => (window.configure = module.configure))")

    host.open(BUYER)

    assert host.title() == "More boards with Pro"


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "\x01"]
)
def test_an_address_that_could_run_is_not_offered(host, href):
    host.open(changed(BUYER, actions=[{"kind": "url", "label": "Read more", "style": "primary", "href": href}]))

    assert host.dialog.locator("a").count() == 0


def test_an_ordinary_address_opens_in_a_new_tab(host):
    contact = {"kind": "contact_sales", "label": "Talk to us", "style": "primary", "href": host.address + "/#sales"}
    host.open(changed(BUYER, actions=[contact]))

    with host.page.expect_popup() as opened:
        host.dialog.get_by_text("Talk to us").click()

    assert opened.value.url == host.address + "/#sales"
    assert host.dialog.is_visible()
    assert host.facts("action")[0]["kind"] == "contact_sales"


def test_markup_in_a_text_is_shown_as_text(host):
    title = "<img src=x onerror=alert(1)> & <b>more</b>"

    host.open(changed(BUYER, content={"title": title}))

    assert host.title() == title
    assert host.dialog.locator("img").count() == 0
