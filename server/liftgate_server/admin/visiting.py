"""Who looks at the pages: the cookie, the person behind it, and what they may do where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user  # type: ignore[import-untyped]

from liftgate_server.access.caller import Role
from liftgate_server.access.people_queries import Person
from liftgate_server.access.people_rules import Theme
from liftgate_server.access.queries import Environment
from liftgate_server.access.sign_ins import ABSOLUTE_LIFE, Reach, SignedIn, find_sign_in
from liftgate_server.plumbing.audit import Actor, ActorKind
from liftgate_server.plumbing.sealing import SEALER_EXTENSION, Sealer

ADMIN_PATH = "/admin"
_COOKIE = "liftgate_admin"
_ENVIRONMENT_COOKIE = "liftgate_environment"
_REMEMBERED_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person on a page of one environment; `role` is theirs there, `role_everywhere` that of the installation."""

    person_id: str
    name: str
    email: str
    role: Role
    environment: Environment
    language: str
    theme: Theme
    role_everywhere: Role | None
    sign_in_id: str
    reaches: tuple[Reach, ...]

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.PERSON, self.person_id, self.name)

    def may(self, least: Role) -> bool:
        """Tell whether the visitor may do here what this role may."""
        return self.role.includes(least)

    def may_everywhere(self, least: Role) -> bool:
        """Tell whether the visitor may do in the whole installation what this role may."""
        return self.role_everywhere is not None and self.role_everywhere.includes(least)


class _Account(UserMixin):  # type: ignore[misc]  # the base is untyped
    """What Flask-Login keeps of a visitor: the token in the cookie, and what the database knows of it."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.token = token
        self.signed_in = signed_in

    def get_id(self) -> str:
        return self.token


class _AdminCookies(SecureCookieSessionInterface):
    """A signed cookie for the pages; the API has none and pays nothing for it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.environ["PATH_INFO"].startswith(ADMIN_PATH):
            return None
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the base's signature
        # Behind a proxy this is true when `trusted_proxies` lets its X-Forwarded-Proto count.
        return request.is_secure


def keep_sessions(app: Flask) -> None:
    """Give the app the cookie of the pages and Flask-Login on top of it."""
    sealer = cast("Sealer", app.extensions[SEALER_EXTENSION])
    app.secret_key = sealer.signature(b"cookie", context="admin pages").hex()
    app.config |= {
        "SESSION_COOKIE_NAME": _COOKIE,
        "SESSION_COOKIE_PATH": ADMIN_PATH,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": ABSOLUTE_LIFE,
        # The token is bound to the cookie, so a form that was open for a day can still be sent.
        "WTF_CSRF_TIME_LIMIT": None,
    }
    app.session_interface = _AdminCookies()
    manager = LoginManager()
    manager.session_protection = None  # the token is a secret of its own; phones change their address all day
    manager.user_loader(_load_account)
    # Not `init_app`: it would add a step after every request of the API, for a cookie that is not used here.
    cast("Any", app).login_manager = manager


def open_browser(token: str) -> None:
    """Sign this browser in; whatever its cookie said before is gone."""
    signed_in = find_sign_in(token)
    if signed_in is None:
        raise RuntimeError("a sign-in that was just made cannot be found")
    session.clear()
    session.permanent = True
    login_user(_Account(token, signed_in))


def close_browser() -> None:
    logout_user()
    session.clear()


def signed_in() -> SignedIn | None:
    """Give who is signed in, wherever they are going."""
    return cast("SignedIn", current_user.signed_in) if current_user.is_authenticated else None


def visitor() -> Visitor:
    """Give who looks at this page; only inside a page or an action of an area."""
    return cast("Visitor", g.liftgate_visitor)


def visitor_or_none() -> Visitor | None:
    return cast("Visitor | None", g.get("liftgate_visitor"))


def make_visitor(found: SignedIn, reach: Reach, reaches: tuple[Reach, ...], language: str) -> Visitor:
    person: Person = found.person
    return Visitor(
        person_id=person.id,
        name=person.name,
        email=person.email,
        role=reach.role,
        environment=reach.environment,
        language=language,
        theme=person.theme,
        role_everywhere=person.role,
        sign_in_id=found.sign_in_id,
        reaches=reaches,
    )


def remembered_environment() -> str | None:
    """Give the environment that this browser looked at last."""
    return request.cookies.get(_ENVIRONMENT_COOKIE)


def remember_environment(response: Any, key: str) -> None:
    if remembered_environment() != key:
        response.set_cookie(
            _ENVIRONMENT_COOKIE,
            key,
            max_age=_REMEMBERED_FOR,
            path=ADMIN_PATH,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )


def _load_account(token: str) -> _Account | None:
    found = find_sign_in(token)
    return None if found is None else _Account(token, found)
