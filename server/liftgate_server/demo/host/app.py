"""The web side of Corkboard: pages, and one short view per button."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from liftgate.flask import Identity, Liftgate
from liftgate_server.demo.host import features
from liftgate_server.demo.host.features import lg
from liftgate_server.demo.host.words import words_in
from liftgate_server.demo.host.workspace import Workspace, account_named, accounts, fresh_workspaces

__all__ = ["create_host_app"]

_ROLES = ("owner", "member")


@dataclass(frozen=True)
class Snippet:
    """One gated function of the demo with its own source text."""

    title: str
    source: str


def create_host_app() -> Flask:
    """Build Corkboard. Reads LIFTGATE_URL and LIFTGATE_API_KEY."""
    app = Flask(__name__)
    # The session only remembers which demo account is looked at; a restart may forget it.
    app.secret_key = os.urandom(32)
    app.config["WORKSPACES"] = fresh_workspaces()
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.context_processor(_words_and_account)
    app.after_request(_content_security_policy)
    Liftgate(app, lg, identify=_identify)
    _add_pages(app)
    _add_buttons(app)
    return app


def _identify() -> Identity:
    account = account_named(session.get("account"))
    g.workspace = _workspaces()[account.id]
    return Identity(customer=account.id, user=_user(), locale=account.language, buyer=_user() == "owner")


def _workspaces() -> dict[str, Workspace]:
    """Return the workspaces of the running app."""
    workspaces: dict[str, Workspace] = current_app.config["WORKSPACES"]
    return workspaces


def _user() -> str:
    user = session.get("user", "owner")
    return user if user in _ROLES else "owner"


def _words_and_account() -> dict[str, object]:
    account = account_named(session.get("account"))
    return {
        "words": words_in(account.language),
        "account": account,
        "accounts": accounts(),
        "user": _user(),
        "workspace": g.get("workspace"),
    }


def _content_security_policy(response: Response) -> Response:
    server = lg.url
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {server}; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' {server}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def boards() -> str:
        check = lg.check("boards.create", used=len(g.workspace.boards))
        return render_template("boards.html", check=check, exports=features.exports_left())

    @app.get("/people")
    def people() -> str:
        return render_template("people.html", check=lg.check("seats.invite", used=len(g.workspace.people)))

    @app.get("/texts")
    def texts() -> str:
        return render_template("texts.html", check=lg.check("texts.write"))

    @app.get("/settings/single-sign-on")
    def single_sign_on() -> str:
        return render_template(f"{features.single_sign_on_settings()}.html")

    @app.get("/settings/audit-log")
    def audit_log() -> str:
        return render_template(f"{features.audit_log()}.html")

    @app.get("/code")
    def code() -> str:
        return render_template("code.html", snippets=_snippets())

    @app.post("/look-at")
    def look_at() -> Redirect:
        session["account"] = account_named(request.form.get("account")).id
        session["user"] = request.form.get("user", "owner")
        return redirect(url_for("boards"))


def _add_buttons(app: Flask) -> None:
    @app.post("/boards")
    def new_board() -> Response:
        title = request.form.get("title", "").strip()[:60] or _words()["board_default"]
        features.create_board(g.workspace, title)
        return jsonify(message=_words()["created"])

    @app.post("/boards/<int:number>/export")
    def export(number: int) -> Response:
        board = g.workspace.board(number)
        if board is None:
            return Response(status=404)
        pdf = features.export_board(board)
        name = f'attachment; filename="board-{number}.pdf"'
        return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": name})

    @app.post("/more-exports")
    def more_exports() -> Response:
        features.more_exports()
        return jsonify(message=_words()["enough"])

    @app.post("/people")
    def invite() -> Response:
        features.invite(g.workspace, request.form.get("name", "").strip()[:60] or "guest")
        return jsonify(message=_words()["invited"])

    @app.post("/texts")
    def write_text() -> Response:
        topic = request.form.get("topic", "").strip()[:80] or "Corkboard"
        return jsonify(message=_words()["written"], text=features.write_text(topic))


def _words() -> dict[str, str]:
    return dict(words_in(account_named(session.get("account")).language))


def _snippets() -> list[Snippet]:
    functions: dict[str, Callable[..., object]] = {
        "new_board": features.create_board,
        "export": features.export_board,
        "warning": features.exports_left,
        "more": features.more_exports,
        "write": features.write_text,
        "invite": features.invite,
        "sso": features.single_sign_on_settings,
        "audit": features.audit_log,
    }
    words = _words()
    return [Snippet(words[key], inspect.getsource(function)) for key, function in functions.items()]
