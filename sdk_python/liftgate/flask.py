"""Flask: the customer bound per request, refusals as answers, helpers for templates, tokens for the widget."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, request, url_for

from liftgate.checking import Checks
from liftgate.client import Client
from liftgate.engine import wire
from liftgate.engine.decision import Decision
from liftgate.engine.payload_model import Payload
from liftgate.errors import ConfigurationError, GateUnavailable, LiftgateError, UpgradeRequired
from liftgate.pages import LANGUAGES, STYLESHEET, Html, lock_mark, outage_page, refusal_page
from liftgate.tokens import Token

# size: three imports more than the budget; this is where Flask and the SDK meet

__all__ = ["Identity", "Liftgate"]

_RETRY_SECONDS: Final = "5"
_LONGEST_VERSION: Final = 16
"""Digits of 2^53 - 1; a longer number in the header was not written by us."""

_BINDING: Final = "_liftgate_binding"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking: the account, the person in it, their language, and whether they may buy.

    >>> Identity("acme", user="u1", locale="de").customer
    'acme'
    """

    customer: str
    user: str | None = None
    locale: str | None = None
    buyer: bool | None = None


Identify = Callable[[], Identity | None]


class Liftgate:
    """The extension. ``identify`` runs at the start of each request and says who is asking, ``None`` for nobody.

    A gate that refuses becomes a 402 with the payload for the widget, or a page for who asks for HTML; one without data
    becomes a 503. ``/_liftgate/token`` gives the widget its tokens. Templates have ``liftgate_check(key)``,
    ``liftgate_gates()``, ``liftgate_lock(key)`` and ``liftgate_script()``.

    >>> # Liftgate(app, liftgate.Client(), identify=lambda: Identity(session["account"], user=session["user"]))

    Args:
        app: The app; without one, call ``init_app`` later.
        client: The client, shared by the whole process; without one, ``Client()`` with its environment variables.
        identify: Says who is asking.
        public_url: The server's address as browsers see it, where that is not the client's.
        prefix: Where the extension's own routes are.
        watch: Whether the widget answers each 402 of the page by itself.
    """

    def __init__(
        self,
        app: Flask | None = None,
        client: Checks | None = None,
        *,
        identify: Identify | None = None,
        public_url: str | None = None,
        prefix: str = "/_liftgate",
        watch: bool = True,
    ) -> None:
        self._client = client
        self._identify = identify
        self._public_url = public_url
        self._prefix = prefix
        self._watch = watch
        if app is not None:
            self.init_app(app)

    @property
    def client(self) -> Any:
        """The client that requests are bound with.

        >>> # app.extensions["liftgate"].client.check("reports.export")
        """
        if self._client is None:
            self._client = Client()
        return self._client

    def init_app(self, app: Flask, *, identify: Identify | None = None) -> None:
        """Install hooks, routes and helpers.

        >>> # extension = Liftgate(client=client); extension.init_app(app, identify=who)
        """
        self._identify = identify or self._identify
        if self._identify is None:
            raise ConfigurationError("Pass `identify`, a function that says who is asking.")
        app.extensions["liftgate"] = self
        app.before_request(self._bind)
        app.teardown_request(self._release)
        app.register_error_handler(UpgradeRequired, self._answer_refusal)
        app.register_error_handler(GateUnavailable, self._answer_outage)
        app.register_blueprint(self._routes(), url_prefix=self._prefix)
        app.jinja_env.globals.update(
            liftgate_check=self._check,
            liftgate_gates=self._gates,
            liftgate_lock=self._lock,
            liftgate_script=self._script,
        )

    def _bind(self) -> None:
        if request.endpoint in {"static", "liftgate.stylesheet"} or self._identify is None:
            return
        identity = self._identify()
        if identity is None:
            return
        binding = self.client.customer(
            identity.customer,
            user=identity.user,
            locale=identity.locale,
            buyer=identity.buyer,
            minimum_version=_version_seen(),
        )
        binding.__enter__()
        # On the request and not on `g`, which a request made while another one is handled shares with it.
        setattr(request, _BINDING, binding)

    def _release(self, _error: BaseException | None = None) -> None:
        binding = vars(request).pop(_BINDING, None)
        if binding is not None:
            binding.__exit__(None, None, None)

    def _routes(self) -> Blueprint:
        routes = Blueprint("liftgate", __name__)
        routes.add_url_rule("/token", "token", self._token)
        routes.add_url_rule("/page.css", "stylesheet", _stylesheet)
        return routes

    def _token(self) -> Response:
        if not _is_same_origin():
            return _problem(403, "cross_site", "Forbidden", "Tokens are given to pages of this site only.")
        if self.client.binding is None:
            return _problem(401, "not_identified", "Not identified", "Nobody is logged in, so there is no token.")
        token: Token = self.client.token()
        response = jsonify(token=str(token), expires_at=wire.encode_instant(token.expires_at), server=self._server)
        return _private(response)

    @property
    def _server(self) -> str:
        return (self._public_url or str(self.client.url)).rstrip("/")

    def _answer_refusal(self, refusal: UpgradeRequired) -> Response:
        payload = _payload_of(refusal)
        if _prefers_html():
            return self._html(402, refusal_page, payload)
        return _problem(
            402,
            "upgrade_required",
            "Upgrade required",
            f"The gate {refusal.decision.gate!r} refused: {refusal.decision.reason}.",
            decision=wire.encode_decision(refusal.decision),
            payload=wire.encode_payload(payload) if payload is not None else None,
        )

    def _answer_outage(self, outage: GateUnavailable) -> Response:
        decision = outage.decision
        if _prefers_html():
            response = self._html(503, outage_page)
        else:
            detail = f"There is no data to decide on the gate {decision.gate!r}: {decision.reason}."
            response = _problem(
                503, "gate_unavailable", "Temporarily unavailable", detail, decision=wire.encode_decision(decision)
            )
        response.headers["Retry-After"] = _RETRY_SECONDS
        return response

    def _html(self, status: int, page: Callable[..., str], *content: object) -> Response:
        text = page(
            *content,
            language=self._language(),
            stylesheet_url=url_for("liftgate.stylesheet"),
            back_url=_way_back(),
        )
        return _private(Response(text, status, content_type="text/html; charset=utf-8"))

    def _language(self) -> str:
        binding = self.client.binding
        locale = binding.reader.language if binding is not None else None
        return locale or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]

    def _check(self, key: str, **numbers: Any) -> Decision:
        decision: Decision = self.client.check(key, **numbers)
        return decision

    def _gates(self) -> Mapping[str, Decision]:
        decisions: Mapping[str, Decision] = self.client.gates()
        return decisions

    def _lock(self, key: str, **numbers: Any) -> Html:
        return lock_mark(self._check(key, **numbers), language=self._language())

    def _script(self) -> Html:
        attributes = {
            "src": f"{self._server}/widget/liftgate.js",
            "data-token-url": url_for("liftgate.token"),
            "data-server": self._server,
        }
        written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
        return Html(f'<script type="module" data-liftgate {written}{" data-watch" if self._watch else ""}></script>')


def _version_seen() -> int | None:
    """Read the version that the widget heard of, sent when it repeats a request after an upgrade."""
    text = request.headers.get("Liftgate-Version", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_VERSION
    return int(text) if is_number else None


def _is_same_origin() -> bool:
    """Whether a page of this very site is asking; browsers say so, and nothing else needs a token."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "")
    return site == "same-origin" and origin in {"", request.host_url.rstrip("/")}


def _prefers_html() -> bool:
    accepted = request.accept_mimetypes
    best = accepted.best_match(["application/problem+json", "application/json", "text/html"])
    return best == "text/html"


def _payload_of(refusal: UpgradeRequired) -> Payload | None:
    """Return the payload with an impression of its own: what is shown twice is two impressions."""
    try:
        payload = refusal.payload
    except (LiftgateError, LookupError, TypeError, ValueError):
        # A refusal without its offer is still a refusal; it must not become a 500.
        return None
    return replace(payload, impression_id=f"imp_{os.urandom(12).hex()}") if payload is not None else None


def _problem(status: int, code: str, title: str, detail: str, **more: object) -> Response:
    problem = {"type": f"urn:liftgate:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    response = jsonify({**problem, **more})
    response.status_code = status
    response.content_type = "application/problem+json"
    return _private(response)


def _private(response: Response) -> Response:
    """Keep an answer that is about one person out of every cache, and apart from its other form."""
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Cookie"])
    return response


def _way_back() -> str:
    """Return the page the reader came from if it is one of ours and not this one, else the start page."""
    came_from = urlsplit(request.referrer or "")
    is_ours = came_from.scheme in {"http", "https"} and came_from.netloc == request.host
    if not is_ours or request.referrer == request.url:
        return f"{request.script_root}/"
    return came_from.geturl()


def _stylesheet() -> Response:
    response = Response(STYLESHEET, content_type="text/css; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = 86_400
    return response
