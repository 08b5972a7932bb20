"""The blueprint of the pages that need no sign-in, and what its forms ask."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

from liftgate_server.admin.failing import answer_with_pages
from liftgate_server.admin.guarding import refuse_foreign_origin, refuse_missing_token, refuse_unstorable_text
from liftgate_server.admin.headers import send_headers
from liftgate_server.admin.visiting import ADMIN_PATH

entry = Blueprint(
    "admin_shell_open",
    __name__,
    url_prefix=ADMIN_PATH,
    template_folder=str(Path(__file__).resolve().parent.parent / "templates"),
)
answer_with_pages(entry)
send_headers(entry)


def refuse_foreign_form() -> None:
    """Refuse what no form of this door has sent; without a session, the token is that of the browser."""
    refuse_foreign_origin()
    refuse_missing_token()
    refuse_unstorable_text()
