"""From the refused request to the open gate, and what happens when something on the way fails."""

from __future__ import annotations

import pytest

from tests.browser.payloads import BUYER, READER, changed

STAYS_OPEN = changed(BUYER, presentation={"auto_close": False})
EXPORT = (
    "() => { window.answer = window.fetch('/export', {method: 'POST', headers: {'X-Own': '1'}, body: '{\"a\": 1}'}); }"
)
ANSWER = "window.answer.then(async (response) => [response.status, await response.json()])"


@pytest.fixture
def watched(open_host):
    return open_host("/watched")


def test_the_hosts_request_is_resumed_after_the_upgrade(watched, scene):
    watched.page.evaluate(EXPORT)
    watched.press("Upgrade now")
    watched.wait_for_title("Confirm your order")
    watched.press("Confirm order")

    status, body = watched.settled(ANSWER)

    assert (status, body) == (200, {"rows": 3})
    first, second = scene.sent_to("/export")
    assert second.headers["liftgate-version"] == "8"
    assert (second.body, second.headers["x-own"]) == (first.body, first.headers["x-own"])


def test_the_calls_of_an_upgrade_in_their_order(watched, scene):
    watched.page.evaluate(EXPORT)
    watched.press("Upgrade now")
    watched.press("Confirm order")
    watched.settled(ANSWER)

    assert scene.paths() == ["POST /v1/client/orders", "POST /v1/client/orders/ord_1/confirm", "POST /v1/client/check"]
    order = scene.sent_to("/v1/client/orders")[0]
    assert order.headers["authorization"] == "Bearer end-user"
    assert order.body == {
        "plan": "pro",
        "addon": None,
        "interval": "month",
        "currency": "EUR",
        "quantity": 1,
        "gate": "boards.create",
        "impression_id": "imp_1",
    }
    assert len(scene.sent_to("/_liftgate/token")) == 1


def test_a_dismissal_gives_the_host_the_refusal(watched, scene):
    watched.page.evaluate(EXPORT)
    watched.press("Not now")

    status, body = watched.settled(ANSWER)

    assert (status, body["code"]) == (402, "upgrade_required")
    assert len(scene.sent_to("/export")) == 1
    assert scene.paths() == []


def test_requests_refused_together_share_one_modal(watched, scene):
    watched.page.evaluate(
        "() => { window.answer = Promise.all([1, 2, 3].map(() => fetch('/export', {method: 'POST'}))) }"
    )
    watched.press("Upgrade now")
    assert watched.page.locator("liftgate-modal").count() == 1
    watched.press("Confirm order")

    statuses = watched.settled("window.answer.then((all) => all.map(({ status }) => status))")

    assert statuses == [200, 200, 200]
    assert len(scene.orders) == 1


def test_other_answers_pass_unseen(watched):
    assert watched.page.evaluate("fetch('/nowhere').then(({ status }) => status)") == 404
    assert watched.page.locator("liftgate-modal").count() == 0


def test_watching_can_be_undone(host):
    script = "const before = fetch; const undo = configure({}).watch(); const during = fetch; undo(); "

    assert host.page.evaluate(f"{script} [before === during, before === fetch]") == [False, True]


def test_a_request_object_is_repeated_with_its_body(host, scene):
    host.page.evaluate(
        """() => {
          const request = new Request("/export", { method: "POST", body: '{"a": 1}' });
          window.answer = configure({ token: () => "end-user" }).fetch(request);
        }"""
    )
    host.press("Upgrade now")
    host.press("Confirm order")

    assert host.settled(ANSWER)[0] == 200
    assert [request.body for request in scene.sent_to("/export")] == [{"a": 1}, {"a": 1}]


def test_success_says_so_and_closes_by_itself(host):
    host.open(BUYER)
    host.press("Upgrade now")
    host.press("Confirm order")
    host.wait_for_title("You are on Pro")

    assert host.outcome() == {"outcome": "upgraded", "customerVersion": 8, "reason": "completed"}
    assert [fact["name"] for fact in host.page.evaluate("facts")] == ["shown", "action", "action", "completed"]
    assert host.facts("completed")[0]["order"]["id"] == "ord_1"


def test_success_can_be_closed_earlier(host):
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.press("Confirm order")
    host.wait_for_title("You are on Pro")
    host.page.keyboard.press("Escape")

    assert host.outcome() == {"outcome": "upgraded", "customerVersion": 8, "reason": "escape"}


def test_retry_runs_after_an_upgrade(host):
    host.page.evaluate(
        """(payload) => {
          const retry = (version) => "ran with " + version;
          window.opened = configure({ token: () => "end-user" }).open(payload, { retry });
        }""",
        STAYS_OPEN,
    )
    host.press("Upgrade now")
    host.press("Confirm order")
    host.wait_for_title("You are on Pro")
    host.page.keyboard.press("Escape")

    assert host.settled("opened.then(({ result }) => result)") == "ran with 8"


def test_a_double_click_orders_once(host, scene):
    host.open(STAYS_OPEN)

    host.button("Upgrade now").dblclick()
    host.wait_for_title("Confirm your order")
    host.pass_guard()
    host.button("Confirm order").dblclick()
    host.wait_for_title("You are on Pro")

    assert len(scene.sent_to("/v1/client/orders")) == 1
    assert len(scene.sent_to("/v1/client/orders/ord_1/confirm")) == 1


def test_a_double_click_on_the_offer_does_not_reach_the_confirm_button(host, scene):
    host.open(BUYER)
    box = host.button("Upgrade now").bounding_box()

    for _ in range(6):
        host.page.mouse.click(box["x"] + 20, box["y"] + 20)
        host.page.wait_for_timeout(50)

    assert scene.sent_to("/v1/client/orders/ord_1/confirm") == []


@pytest.mark.parametrize("fault", [500, 409, 0])
def test_a_failure_is_said_and_can_be_tried_again(host, scene, fault):
    scene.faults.append(fault)
    host.open(STAYS_OPEN)
    host.dialog.get_by_text("Yearly").click()
    host.press("Upgrade now")
    host.dialog.get_by_text("That did not work. Trying again orders nothing twice.").wait_for()
    host.press("Try again")
    host.wait_for_title("Confirm your order")

    first, second = scene.sent_to("/v1/client/orders")
    assert second.body == first.body
    assert second.body["interval"] == "year"


@pytest.mark.parametrize(("fault", "same"), [(500, True), (0, True), (409, False)])
def test_only_a_refusal_ends_the_life_of_an_idempotency_key(host, scene, fault, same):
    scene.faults.append(fault)
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.press("Try again")
    host.wait_for_title("Confirm your order")

    first, second = (request.headers["idempotency-key"] for request in scene.sent_to("/v1/client/orders"))
    assert (first == second) is same


def test_a_lost_answer_orders_once(host, scene):
    scene.faults.append(0)
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.press("Try again")
    host.wait_for_title("Confirm your order")

    assert len(scene.orders) == 1


def test_an_expired_token_is_renewed_once(host, scene):
    scene.faults.append(401)
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.wait_for_title("Confirm your order")

    assert scene.paths() == ["POST /v1/client/orders"] * 2


def test_a_token_that_cannot_be_had_is_a_failure_like_any(host):
    host.page.evaluate(
        "(payload) => { window.opened = configure({ token: () => Promise.reject('out') }).open(payload) }", BUYER
    )
    host.press("Upgrade now")

    host.dialog.get_by_text("That did not work. Trying again orders nothing twice.").wait_for()


def test_nothing_can_be_closed_while_an_order_is_on_its_way(host, scene):
    host.open(STAYS_OPEN)
    with scene.lock:  # the server is silent
        host.press("Upgrade now")
        host.dialog.locator("button", has_text="One moment…").wait_for()
        host.page.keyboard.press("Escape")
        host.page.keyboard.press("Tab")
        assert host.dialog.is_visible()
    host.wait_for_title("Confirm your order")


def test_back_takes_the_order_back_and_keeps_the_choice(host, scene):
    host.open(STAYS_OPEN)
    host.dialog.get_by_text("Yearly").click()
    host.press("Upgrade now")
    host.press("Back")
    host.wait_for_title("More boards with Pro")

    assert scene.paths()[-1] == "POST /v1/client/orders/ord_1/cancel"
    assert host.dialog.locator("input:checked").input_value() == "pro:year:EUR"


def test_leaving_the_review_takes_the_order_back(host, scene):
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.wait_for_title("Confirm your order")

    with host.page.expect_response("**/cancel"):
        host.page.keyboard.press("Escape")

    assert host.outcome() == {"outcome": "dismissed", "reason": "escape"}
    assert scene.paths()[-1] == "POST /v1/client/orders/ord_1/cancel"


def test_a_waiting_order_is_asked_for_until_it_is_completed(host, scene):
    scene.next = {"kind": "wait"}
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.wait_for_title("Order received")
    host.wait_for_title("You are on Pro")

    assert scene.paths().count("GET /v1/client/orders/ord_1") == 2


def test_a_waiting_order_may_be_left(host, scene):
    scene.next, scene.polls_before_completion = {"kind": "wait"}, 1000
    host.open(BUYER)
    host.press("Upgrade now")
    host.wait_for_title("Order received")
    host.page.keyboard.press("Escape")

    assert host.outcome() == {"outcome": "pending", "reason": "escape"}


def test_a_gate_that_opens_a_moment_later_is_waited_for(host, scene):
    scene.checks_before_grant = 2
    host.open(STAYS_OPEN)
    host.press("Upgrade now")
    host.press("Confirm order")
    host.wait_for_title("You are on Pro")

    assert scene.paths().count("POST /v1/client/check") == 3


def test_a_payment_page_is_gone_to(host, scene):
    scene.next = {"kind": "redirect", "url": host.address + "/watched#paid"}
    host.open(BUYER)
    host.press("Upgrade now")

    host.page.wait_for_url("**/watched#paid")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", None])
def test_an_unsafe_payment_address_is_a_failure(host, scene, url):
    scene.next = {"kind": "redirect", "url": url}
    host.open(BUYER)
    host.press("Upgrade now")

    host.dialog.get_by_text("That did not work. Trying again orders nothing twice.").wait_for()
    assert host.page.url == host.address + "/"


def test_a_reader_who_may_not_buy_asks_for_the_upgrade(host, scene):
    host.open(READER)
    host.press("Request upgrade")
    host.wait_for_title("Request sent")
    host.page.keyboard.press("Escape")

    assert host.outcome() == {"outcome": "requested", "reason": "escape"}
    assert scene.paths() == ["POST /v1/client/upgrade-requests"]
    assert scene.sent_to("/v1/client/upgrade-requests")[0].body["plan"] == "pro"
