"""The door: first run, sign-in, sessions, links; each lets in whom it should and nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest

from liftgate_server.access.first_run import setup_link
from liftgate_server.access.people import make_reset_link
from liftgate_server.access.people_queries import anyone_exists, person_by_email
from liftgate_server.access.queries import all_environments
from liftgate_server.access.sign_ins import ABSOLUTE_LIFE, IDLE_LIFE
from liftgate_server.plumbing.audit import entries
from tests.admin_samples import PASSWORD

FORM = {"name": "Ada", "email": " Ada@Example.com ", "password": PASSWORD, "environment_name": "Production EU"}


def setup_code(app, config) -> str:
    with app.app_context():
        return (setup_link(config) or "").partition("code=")[2]


@pytest.fixture
def ada(app, config, stranger):
    """The first owner, in her browser."""
    stranger.environment = "production-eu"
    stranger.post("/admin/setup", code=setup_code(app, config), **FORM)
    stranger._token = None
    return stranger


def sign_in(reader, email="ada@example.com", password=PASSWORD, **fields):
    return reader.post("/admin/sign-in", email=email, password=password, **fields)


@pytest.fixture
def other(ada, app):
    """Another browser at the same door."""
    return type(ada)(app.test_client(), ada.environment)


def test_the_first_run_makes_an_owner_and_an_environment(ada, app, config):
    assert ada.get("/admin/", follow_redirects=True).request.path == "/admin/e/production-eu/"
    with app.app_context():
        assert person_by_email("ADA@example.com").role == "owner"
        assert [environment.name for environment in all_environments()] == ["Production EU"]
        assert setup_link(config) is None


def test_the_first_run_happens_once(ada, app, config):
    assert ada.get("/admin/setup?code=whatever").status_code == 404
    assert ada.post("/admin/setup", code="whatever", **FORM).status_code == 404


@pytest.mark.parametrize("code", ["", "guessed", "aaaaaaaaaaaaaaaaaaaa", "ä"])
def test_without_the_code_nobody_sets_up(stranger, app, code):
    assert stranger.get("/admin/setup", query_string={"code": code}).status_code == 404
    assert stranger.post("/admin/setup", code=code, **FORM).status_code == 404
    with app.app_context():
        assert not anyone_exists()


def test_a_refused_first_run_comes_back_filled_and_leaves_nothing(stranger, app, config):
    answer = stranger.post("/admin/setup", code=setup_code(app, config), **{**FORM, "password": "1234567890"})

    assert answer.status_code == 422
    assert 'value="Ada"' in answer.text
    assert "one of the passwords that are tried first" in answer.text
    assert "1234567890" not in answer.text
    with app.app_context():
        assert not anyone_exists()
        assert all_environments() == ()


def test_signing_in_leads_back_to_where_one_was_going(other):
    asked = other.get("/keys?x=1")

    answer = sign_in(other, next=unquote(asked.headers["Location"].partition("next=")[2]))

    assert answer.headers["Location"] == "/admin/e/production-eu/keys?x=1"


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/v1/keys", "/admin/e/\\evil", "javascript:1"]
)
def test_signing_in_leads_nowhere_else(other, path):
    assert sign_in(other, next=path).headers["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", "")]
)
def test_a_wrong_sign_in_says_the_same_whatever_was_wrong(other, email, password):
    answer = sign_in(other, email, password)

    assert answer.status_code == 401
    assert "The e-mail address or the password is wrong." in answer.text
    assert f'value="{email}"' in answer.text
    assert other.get("/").status_code == 303


def test_an_unknown_address_costs_a_comparison_too(other, monkeypatch):
    compared = []
    monkeypatch.setattr("liftgate_server.access.sign_ins.is_password", lambda given, kept: compared.append(kept))

    sign_in(other, "nobody@example.com", PASSWORD)

    assert compared == [None]


def test_sign_ins_stand_in_the_log_and_passwords_do_not(ada, other, app):
    sign_in(other, password="a wrong password")
    sign_in(other)

    with app.app_context():
        log = entries(None).items
    assert [entry.action for entry in log[:2]] == ["person.signed_in", "person.sign_in_refused"]
    assert log[0].actor_name == "Ada"
    assert "password" not in str([(entry.before, entry.after) for entry in log])


def test_the_eleventh_try_for_an_account_waits_even_with_the_right_password(other, app):
    tries = [sign_in(type(other)(app.test_client(), ""), password="wrong").status_code for _ in range(10)]

    answer = sign_in(other)

    assert tries == [401] * 10
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert sign_in(other, "somebody.else@example.com", "wrong").status_code == 401


def test_one_address_cannot_try_many_accounts(other):
    tries = [sign_in(other, f"guess{number}@example.com", "wrong").status_code for number in range(31)]

    assert tries[29:] == [401, 429]


def test_the_session_ends_when_one_signs_out(ada):
    copied = ada.client.get_cookie("liftgate_admin", path="/admin").value

    ada.post("/admin/sign-out")

    assert ada.get("/").status_code == 303
    ada.client.set_cookie("liftgate_admin", copied, path="/admin")
    assert ada.get("/").status_code == 303


def test_a_session_ends_when_nobody_was_there(ada, clock):
    clock.advance(IDLE_LIFE - timedelta(minutes=1))
    assert ada.get("/").status_code == 200

    clock.advance(IDLE_LIFE)

    assert ada.get("/").status_code == 303


def test_a_session_ends_however_busy_one_was(ada, clock):
    began = clock.now()
    while clock.now() < began + ABSOLUTE_LIFE:
        assert ada.get("/").status_code == 200
        clock.advance(timedelta(hours=6))

    assert ada.get("/").status_code == 303


def test_a_cookie_is_kept_from_scripts_other_paths_and_other_sites(stranger, app):
    cookie = stranger.get("/admin/sign-in").headers["Set-Cookie"]

    assert re.findall(r"HttpOnly|Path=/admin|SameSite=Lax", cookie) == ["HttpOnly", "Path=/admin", "SameSite=Lax"]
    assert "Secure" not in cookie
    assert "Secure" in app.test_client().get("https://localhost/admin/sign-in").headers["Set-Cookie"]


def test_the_api_sets_and_reads_no_cookie(client):
    answer = client.get("/healthz")

    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_form_that_was_sent_too_late_waits_until_one_is_back(ada, clock):
    clock.advance(ABSOLUTE_LIFE)
    answer = ada.post("/settings", name="A name that took long to find", old_password="hidden")
    waiting = re.search(r'name="waiting" value="([^"]+)"', answer.text)
    assert answer.status_code == 401
    assert waiting is not None

    back = sign_in(ada, waiting=waiting[1])

    assert 'action="/admin/e/production-eu/settings"' in back.text
    assert "A name that took long to find" in back.text
    assert "hidden</textarea>" not in back.text


@pytest.mark.parametrize("waiting", ["x", "%%%", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="])
def test_a_waiting_form_that_was_not_sealed_here_is_nothing(other, waiting):
    assert sign_in(other, waiting=waiting).status_code == 303


def test_a_link_lets_one_choose_a_password_once(ada, other, app):
    with app.app_context():
        token = make_reset_link(person_by_email("ada@example.com").id).token

    assert other.post(f"/admin/link/{token}", password="short").status_code == 422
    assert other.post(f"/admin/link/{token}", password="another long sentence").status_code == 303
    assert other.get("/").status_code == 200
    # The old browser is out, and so is the link.
    assert ada.get("/").status_code == 303
    assert other.get(f"/admin/link/{token}").status_code == 404


def test_a_link_runs_out(ada, other, app, clock):
    with app.app_context():
        token = make_reset_link(person_by_email("ada@example.com").id).token
    clock.advance(timedelta(days=3))

    assert other.get(f"/admin/link/{token}").status_code == 404
    assert other.post(f"/admin/link/{token}", password="another long sentence").status_code == 404
