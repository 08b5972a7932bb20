"""A secret that is shown once: it waits in the reader's own cookie, sealed, until the page after the redirect takes it.

Answering the form with the secret itself would make another one when that page is loaded again.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import session

from liftgate_server.plumbing.sealing import CannotUnseal, sealer

_PREFIX = "once:"


def show_once(name: str, text: str) -> None:
    sealed = sealer().seal(text.encode(), context=_PREFIX + name)
    session[_PREFIX + name] = urlsafe_b64encode(sealed).decode()


def take_once(name: str) -> str | None:
    """Give what waits under the name, and forget it."""
    sealed = session.pop(_PREFIX + name, None)
    if sealed is None:
        return None
    try:
        return sealer().unseal(urlsafe_b64decode(sealed), context=_PREFIX + name).decode()
    except CannotUnseal:
        return None
