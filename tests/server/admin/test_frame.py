"""The frame around every page: headers, static files, failures, pieces for htmx, toasts, languages, pages of lists."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.queries import environment_by_key
from liftgate_server.access.service import create_key
from liftgate_server.admin import headers, static_files
from liftgate_server.plumbing.errors import Conflict

STATIC = Path(static_files.__file__).resolve().parent / "static"
# Of dist/htmx.min.js in the package htmx.org 4.0.1.
HTMX_SHA256 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
HREF = re.compile(r'(?:href|src)="(/admin/static/[^"]+)"')
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALONE = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_htmx_is_the_file_that_was_looked_at():
    content = (STATIC / "htmx-4.0.1.min.js").read_bytes()

    assert hashlib.sha256(content).hexdigest() == HTMX_SHA256


def test_no_template_needs_a_weaker_policy():
    """Styles, scripts and handlers in the markup would be refused by the browser, so they must not be written."""
    script = r"<script(?![^>]*\s(?:src=|type=\"application/json\"))"  # data in a script element is not run
    inline = re.compile(rf"<style|\sstyle=|\son[a-z]+=|hx-on|=\s*[\"']?javascript:|{script}", re.IGNORECASE)
    templates = sorted((STATIC.parent / "templates").rglob("*.html"))

    assert {file.name for file in templates if inline.search(file.read_text(encoding="utf-8"))} == set()


@pytest.mark.parametrize("path", ["/", "/keys", "/none", "/admin/sign-in", "/admin/none"])
def test_every_answer_carries_the_policy(owner, path):
    policy = dict(each.split(" ", 1) for each in owner.get(path).headers["Content-Security-Policy"].split("; "))

    assert policy == STRICT
    assert owner.get(path).headers["Referrer-Policy"] == "same-origin"
    assert owner.get(path).headers["X-Frame-Options"] == "DENY"


def test_a_page_is_not_kept_by_any_cache(owner):
    assert owner.get("/").headers["Cache-Control"] == "no-store"


def test_pages_travel_compressed_where_the_browser_can(owner):
    plain, packed = owner.get("/keys"), owner.get("/keys", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"<h1>API keys</h1>" in gzip.decompress(packed.data)


def test_static_files_are_kept_for_ever_under_an_address_of_their_content(owner):
    addresses = HREF.findall(owner.get("/").text)
    assert len(addresses) == 4

    for address in addresses:
        answer = owner.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert owner.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_address_of_before_an_update_is_answered_but_not_kept(owner):
    answer = owner.get("/admin/static/000000000000/admin.css")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["none.css", "../framing.py", "..%2fframing.py", "%2e%2e/words.py"])
def test_nothing_but_static_files_is_served(owner, name):
    assert owner.get(f"/admin/static/0/{name}").status_code == 404


@pytest.mark.parametrize(
    ("path", "role", "status", "sentence"),
    [
        ("/keys", "viewer", 403, "This needs the role owner"),
        ("/none", "owner", 404, "There is no page"),
        ("/people/per_none", "owner", 404, "There is no person"),
        ("/admin/e/none/", "owner", 404, "that you may enter"),
    ],
)
def test_a_failure_is_a_page_that_says_what_happened(reader_of, path, role, status, sentence):
    answer = reader_of(role).get(path)

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert sentence in answer.text
    assert 'href="/admin"' in answer.text


def failing_site(app, failure, monkeypatch):
    """Let the list of keys fail."""

    def fail(*_values, **_more):
        raise failure

    monkeypatch.setattr("liftgate_server.admin.shell.keys.list_keys", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False


def test_a_bug_is_a_page_and_tells_nothing_about_itself(app, owner, monkeypatch):
    failing_site(app, ZeroDivisionError("a secret"), monkeypatch)

    answer = owner.get("/keys")

    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "a secret" not in answer.text


def test_where_htmx_waits_for_a_piece_a_failure_is_a_toast_and_the_page_stays(app, owner, monkeypatch):
    failing_site(app, Conflict("taken", "Somebody took it."), monkeypatch)

    answer = owner.get("/keys", headers={**ALONE, "HX-Target": "div#keys"})

    assert (answer.status_code, answer.headers["HX-Reswap"]) == (409, "none")
    assert "Somebody took it." in answer.text
    assert "<html" not in answer.text


def test_a_toast_is_shown_once_after_a_redirect(owner):
    owner.post("/account/name", name="Another Name")

    assert "Your name is saved." in owner.get("/account").text
    assert "Your name is saved." not in owner.get("/account").text


def test_a_refused_form_comes_back_filled_with_words_at_its_fields(owner):
    answer = owner.post("/settings", name="", allowed_origins="https://a.example\nnot an origin", default_language="en")

    assert answer.status_code == 422
    assert "A name has 1 to 200 characters." in answer.text
    assert "not an origin: An origin is https://host" in answer.text
    assert "https://a.example\nnot an origin</textarea>" in answer.text
    assert answer.text.count('aria-invalid="true"') == 2


def test_the_language_is_the_browsers_until_one_chooses(owner):
    german = {"Accept-Language": "de-AT,de;q=0.9"}
    assert '<html lang="de"' in owner.get("/", headers=german).text

    owner.post("/account/language", language="en")

    assert '<html lang="en"' in owner.get("/", headers=german).text


def test_a_refusal_is_said_in_german_too(owner):
    owner.post("/account/language", language="de")

    answer = owner.post("/account/password", current_password="wrong", password="x")

    assert "Das ist nicht Ihr Passwort." in answer.text


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_server_writes_the_theme_into_the_page(owner, theme):
    answer = owner.post("/account/theme", theme=theme, headers={"Referer": "http://localhost/admin/e/demo/keys?x=1"})

    assert answer.headers["Location"] == "/admin/e/demo/keys?x=1"
    assert f'data-theme="{theme}"' in owner.get("/").text


@pytest.mark.parametrize("came_from", ["https://evil.example/admin/e/demo/keys", "http://localhost/v1/keys", ""])
def test_a_switch_returns_to_no_other_site(owner, came_from):
    answer = owner.post("/account/theme", theme="dark", headers={"Referer": came_from})

    assert answer.headers["Location"] == "/admin/e/demo/"


def test_instants_are_written_in_the_readers_zone(owner):
    assert "9:00 UTC" in owner.get("/audit").text or "09:00:00 UTC" in owner.get("/audit").text
    owner.client.set_cookie("liftgate_zone", "Asia/Tokyo", path="/admin")

    assert "18:00:00</time>" in owner.get("/audit").text


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 300, "/"])
def test_a_zone_that_does_not_exist_is_utc(owner, zone):
    owner.client.set_cookie("liftgate_zone", zone, path="/admin")

    assert " UTC</time>" in owner.get("/audit").text


def test_the_environment_one_looked_at_last_is_where_one_lands(owner):
    owner.post("/environments/new", name="Another")
    assert owner.get("/admin/").headers["Location"] == "/admin/e/demo/"

    owner.get("/admin/e/another/")

    assert owner.get("/admin/").headers["Location"] == "/admin/e/another/"


def test_a_long_list_is_walked_forward_and_back(site, owner):
    with site.app.app_context():
        environment = environment_by_key(site.environment).id
        for number in range(60):
            create_key(environment, CallerKind.SECRET, name=f"key number {number}")

    pages = [owner.get("/keys").text]
    while 'rel="next"' in pages[-1]:
        pages.append(owner.get(link_of(pages[-1], "next")).text)
    back = [pages[-1]]
    while 'rel="prev"' in back[-1]:
        back.append(owner.get(link_of(back[-1], "prev")).text)

    assert [page.count("<tr>") - 1 for page in pages] == [25, 25, 12]
    assert [names(page) for page in reversed(back)] == [names(page) for page in pages]


def link_of(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def names(page: str) -> list[str]:
    return re.findall(r"<strong>([^<]+)</strong>", page)


def test_a_cursor_that_nobody_handed_out_is_refused_with_a_page(owner):
    assert owner.get("/keys?cursor=x").status_code == 400


def test_the_policy_is_written_once():
    assert "; ".join(f"{name} {value}" for name, value in STRICT.items()) == headers.POLICY
