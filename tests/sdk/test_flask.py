"""What a Flask app answers behind gates, to scripts and to readers."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import jwt
import pytest
from flask import Flask, render_template_string, request, session

from liftgate import ConfigurationError, Reason
from liftgate.engine.wire import decode_decision, decode_payload
from liftgate.flask import Identity, Liftgate

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def app(client):
    """A host app: whoever says so in a header is identified."""
    app = Flask(__name__)
    app.testing = True
    app.secret_key = "test"

    def identify() -> Identity | None:
        customer = request.headers.get("X-Customer")
        return Identity(customer, user="u1", locale=request.headers.get("X-Locale")) if customer else None

    Liftgate(app, client, identify=identify)

    @app.post("/export")
    @app.get("/export")
    @client.gate("sso")
    def export() -> str:
        return "exported"

    @app.get("/report")
    @client.gate("reports.export")
    def report() -> str:
        return "report"

    @app.post("/consume")
    @client.gate("reports.export", consume=3)
    def consume() -> str:
        return "consumed"

    @app.get("/who")
    def who() -> dict[str, str | None]:
        return {"customer": client.binding.customer if client.binding else None}

    @app.get("/page")
    def page() -> str:
        return render_template_string(request.args["template"])

    return app


@pytest.fixture
def browser(app):
    return app.test_client()


def as_acme(**headers: str) -> dict[str, str]:
    return {"X-Customer": "acme", **headers}


class Outline(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_each_request_is_bound_to_who_is_asking_and_then_to_nobody(browser, client):
    assert browser.get("/who", headers=as_acme()).json == {"customer": "acme"}
    assert browser.get("/who", headers={"X-Customer": "rich"}).json == {"customer": "rich"}
    assert browser.get("/who").json == {"customer": None}
    assert client.binding is None


def test_a_request_that_fails_leaves_no_binding(app, browser, client):
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        browser.get("/fail", headers=as_acme())

    assert client.binding is None


def test_a_request_within_a_request_is_bound_apart_and_leaves_no_binding(app, browser, client):
    def around() -> dict[str, str | None]:
        within = app.test_client().get("/who", headers={"X-Customer": "rich"}).json
        return {"within": within["customer"], "around": client.binding.customer if client.binding else None}

    app.add_url_rule("/around", "around", around)

    assert browser.get("/around", headers=as_acme()).json == {"within": "rich", "around": "acme"}
    assert browser.get("/who").json == {"customer": None}


def test_a_refused_gate_is_a_402_with_what_the_widget_needs(browser):
    response = browser.post("/export", headers=as_acme())

    assert response.status_code == 402
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.json
    assert (problem["type"], problem["code"]) == ("urn:liftgate:problem:upgrade_required", "upgrade_required")
    assert problem["status"] == 402
    assert decode_decision(problem["decision"]).reason is Reason.NOT_INCLUDED
    assert decode_payload(problem["payload"]).content.options[0].plan == "pro"


def test_each_refusal_is_an_impression_of_its_own(browser):
    shown = [browser.post("/export", headers=as_acme()).json["payload"]["impression_id"] for _ in range(3)]

    assert len(set(shown)) == 3
    assert all(impression.startswith("imp_") for impression in shown)


def test_the_same_request_passes_after_an_upgrade_whose_version_the_widget_names(browser, server):
    assert browser.post("/export", headers=as_acme()).status_code == 402
    server.upgrade("acme")

    assert browser.post("/export", headers=as_acme(**{"Liftgate-Version": "2"})).text == "exported"


@pytest.mark.parametrize("version", ["", "-1", "1e9", "9" * 400, "²", "x"])
def test_a_version_that_makes_no_sense_is_passed_over(browser, version):
    headers = as_acme(**{"Liftgate-Version": version.encode().decode("latin-1")})

    assert browser.get("/who", headers=headers).status_code == 200


def test_a_reader_gets_a_page_in_their_language(browser):
    response = browser.get("/export", headers=as_acme(**HTML, **{"X-Locale": "de"}))
    page = Outline(response.text)

    assert (response.status_code, response.content_type) == (402, "text/html; charset=utf-8")
    assert page.all("html") == [{"lang": "de", "dir": "ltr"}]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert "Pro" in page.text
    assert "29" in page.text
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "application/json, text/html;q=0.9", "application/problem+json, */*"]
)
def test_a_script_that_takes_anything_gets_no_page(browser, accept):
    assert browser.get("/export", headers=as_acme(Accept=accept)).content_type == "application/problem+json"


def test_the_page_needs_neither_script_nor_inline_style(browser):
    page = Outline(browser.get("/export", headers=as_acme(**HTML)).text)
    stylesheet = page.all("link")[0]["href"]

    assert not {"script", "style", "iframe", "img"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]
    assert browser.get(stylesheet).content_type == "text/css; charset=utf-8"


def test_text_of_a_product_manager_stays_text_on_the_page(browser, server, client):
    nasty = "</title><script>alert(1)</script>\"'&"
    features = {**server.catalogue["features"], "sso": {"kind": "switch", "name": {"en": nasty}}}
    server.catalogue = {**server.catalogue, "features": features}
    page = Outline(browser.get("/export", headers=as_acme(**HTML)).text)

    assert page.all("script") == []
    assert "alert(1)" in page.text


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/boards?x=1", "http://localhost/boards?x=1"),
        ("http://localhost//evil.example/", "http://localhost//evil.example/"),
        ("http://localhost/export", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_on_this_site(browser, referrer, back):
    page = Outline(browser.get("/export", headers=as_acme(**HTML, Referer=referrer)).text)

    assert [link["href"] for link in page.all("a")] == [back]


def test_an_outage_is_a_503_and_never_an_offer(browser, server):
    server.is_down = True
    response = browser.get("/report", headers=as_acme())

    assert response.status_code == 503
    assert response.json["code"] == "gate_unavailable"
    assert "payload" not in response.json
    assert response.headers["Retry-After"]


def test_an_outage_has_a_page_too(browser, server):
    server.is_down = True
    response = browser.get("/report", headers=as_acme(**HTML, **{"X-Locale": "de-AT"}))

    assert response.status_code == 503
    assert "zurzeit nicht verfügbar" in Outline(response.text).text
    assert "Pro" not in response.text


def test_who_is_not_identified_gets_the_outage(browser):
    assert browser.get("/report").status_code == 503


def test_a_refusal_whose_offer_breaks_is_still_a_refusal(browser, monkeypatch):
    def fail(*_arguments: object, **_more: object) -> None:
        raise LookupError("gone")

    monkeypatch.setattr("liftgate.engine.evaluate.build_payload", fail)

    assert browser.post("/export", headers=as_acme()).json["payload"] is None
    assert browser.get("/export", headers=as_acme(**HTML)).status_code == 402


def test_the_widget_gets_a_token_of_the_bound_user_only(browser, client):
    response = browser.get("/_liftgate/token", headers=as_acme(**{"Sec-Fetch-Site": "same-origin"}))
    claims = jwt.decode(response.json["token"], options={"verify_signature": False})

    assert (claims["sub"], claims["user"]) == ("acme", "u1")
    assert response.json["server"] == client.url
    assert response.json["expires_at"].endswith("Z")
    assert response.headers["Cache-Control"] == "no-store"


def test_nobody_gets_no_token(browser):
    response = browser.get("/_liftgate/token")

    assert (response.status_code, response.json["code"]) == (401, "not_identified")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_gets_no_token(browser, headers):
    response = browser.get("/_liftgate/token", headers=as_acme(**headers))

    assert (response.status_code, response.json["code"]) == (403, "cross_site")


def render(browser, template: str, **headers: str) -> str:
    return browser.get("/page", query_string={"template": template}, headers=as_acme(**headers)).text


def test_a_template_can_ask(browser):
    assert render(browser, "{{ liftgate_check('boards.create', used=3).reason }}") == "limit_reached"
    assert render(browser, "{{ liftgate_gates()['beta'].granted }}") == "True"


def test_a_locked_entry_is_marked_for_the_eye_and_for_the_ear(browser):
    mark = Outline(render(browser, "{{ liftgate_lock('sso') }}", **{"X-Locale": "de"}))

    assert mark.all("svg")[0]["role"] == "img"
    assert mark.all("svg")[0]["aria-label"] == mark.text == "Nicht in Ihrem Tarif enthalten"


@pytest.mark.parametrize(
    ("call", "label"),
    [
        ("'sso'", "Not in your plan"),
        ("'boards.create', used=3", "Limit reached"),
        ("'maintenance'", "Not available to you"),
    ],
)
def test_the_mark_says_what_keeps_the_reader_out(browser, call, label):
    assert Outline(render(browser, "{{ liftgate_lock(" + call + ") }}")).text == label


def test_an_open_entry_has_no_mark(browser):
    assert render(browser, "{{ liftgate_lock('beta') }}") == ""


def test_missing_data_is_not_shown_as_a_lock(browser, server):
    server.is_down = True

    assert "Unavailable" in render(browser, "{{ liftgate_lock('reports.export') }}")


def test_the_widgets_tag_carries_its_settings(browser, client):
    tag = Outline(render(browser, "{{ liftgate_script() }}")).all("script")[0]

    assert tag["src"] == f"{client.url}/widget/liftgate.js"
    assert (tag["type"], tag["data-token-url"], tag["data-server"]) == ("module", "/_liftgate/token", client.url)
    assert {"data-liftgate", "data-watch"} <= tag.keys()


def test_the_extension_can_be_installed_later_and_elsewhere(client):
    app = Flask(__name__)
    extension = Liftgate(client=client, public_url="https://gates.example/", prefix="/up", watch=False)
    with pytest.raises(ConfigurationError, match="identify"):
        extension.init_app(app)
    extension.init_app(app, identify=lambda: Identity("acme"))

    with app.test_request_context():
        assert "data-watch" not in extension._script()
        assert 'data-token-url="/up/token"' in extension._script()
    assert json.loads(app.test_client().get("/up/token").text)["server"] == "https://gates.example"


def test_the_host_may_answer_refusals_itself(app, browser):
    from liftgate import UpgradeRequired  # noqa: PLC0415 - as the host would

    app.register_error_handler(UpgradeRequired, lambda refusal: (f"mine: {refusal.decision.gate}", 418))

    assert browser.post("/export", headers=as_acme()).text == "mine: sso"


def test_a_session_can_identify(client):
    app = Flask(__name__)
    app.secret_key = "test"
    Liftgate(app, client, identify=lambda: Identity(session["account"]) if "account" in session else None)
    app.add_url_rule("/who", "who", lambda: client.binding.customer if client.binding else "nobody")
    browser = app.test_client()

    assert browser.get("/who").text == "nobody"
    with browser.session_transaction() as cookies:
        cookies["account"] = "acme"
    assert browser.get("/who").text == "acme"
    assert browser.get("/static/none.css").status_code == 404


def test_what_does_not_fit_any_more_is_a_402_with_the_numbers(browser, ledger):
    first, second = (browser.post("/consume", headers=as_acme()) for _ in range(2))

    assert (first.status_code, first.text) == (200, "consumed")
    assert second.status_code == 402
    decision = decode_decision(second.json["decision"])
    assert (decision.reason, decision.used, decision.remaining) == (Reason.LIMIT_REACHED, 3, 2)
    assert decode_payload(second.json["payload"]).content.title
    assert ledger.count_of("exports") == 3


def test_a_meter_without_its_server_is_a_503(browser, server):
    browser.get("/who", headers=as_acme())
    server.is_down = True
    answer = browser.post("/consume", headers=as_acme())

    assert answer.status_code == 503
    assert "payload" not in answer.json
