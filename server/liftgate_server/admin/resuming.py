"""A form that was sent after the session had ended: it waits, sealed, beside the sign-in, and is offered again."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import orjson
from flask import Response, make_response, request

from liftgate_server.admin.rendering import render
from liftgate_server.plumbing.sealing import CannotUnseal, sealer

_CONTEXT = "admin form"
_LARGEST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class WaitingForm:
    action: str
    fields: tuple[tuple[str, str], ...]


def resume_after_sign_in() -> Response:
    """Ask to sign in, with what the form held kept sealed in the page; passwords are not kept."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if _may_wait(name)]
    content = orjson.dumps({"action": request.full_path.rstrip("?"), "fields": fields})
    waiting = (
        "" if len(content) > _LARGEST_BYTES else urlsafe_b64encode(sealer().seal(content, context=_CONTEXT)).decode()
    )
    response = make_response(render("shell/sign_in.html", expired=True, next="", waiting=waiting, form=None))
    response.status_code = 401
    response.headers["HX-Retarget"] = "body"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def read_waiting(text: str) -> WaitingForm | None:
    """Read what waits; a text that was not sealed here is nothing."""
    if not text:
        return None
    try:
        content = orjson.loads(sealer().unseal(urlsafe_b64decode(text), context=_CONTEXT))
    except (CannotUnseal, ValueError):
        return None
    return WaitingForm(content["action"], tuple((name, value) for name, value in content["fields"]))


def _may_wait(name: str) -> bool:
    return name != "csrf_token" and "password" not in name
