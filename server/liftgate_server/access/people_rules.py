"""What a person may be."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from enum import StrEnum

from liftgate_server.access.caller import Role
from liftgate_server.plumbing.errors import FieldError, Invalid

_EMAIL = re.compile(r"[^\s@<>\"(),:;]{1,64}@[^\s@<>\"(),:;]{1,255}")
_LONGEST_NAME = 200
_LANGUAGES = ("en", "de")
# Long enough for a weekend, short enough for a link that lies in somebody's mailbox.
LINK_LIFE = timedelta(days=3)


class LinkKind(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


def fold_email(email: str) -> str:
    """Write an address the one way it is kept and looked up."""
    return email.strip().casefold()


def refuse_bad_person(email: str, name: str) -> None:
    errors = []
    if not _EMAIL.fullmatch(fold_email(email)):
        errors.append(FieldError("email", "bad_value", "This is not an e-mail address."))
    if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
        errors.append(FieldError("name", "out_of_range", f"A name has 1 to {_LONGEST_NAME} characters."))
    if errors:
        raise Invalid("invalid_person", "This person cannot be stored.", errors=errors)


def refuse_bad_language(language: str | None) -> None:
    if language is not None and language not in _LANGUAGES:
        error = FieldError("language", "bad_value", f"The pages speak {' and '.join(_LANGUAGES)}.")
        raise Invalid("invalid_person", "This person cannot be stored.", errors=[error])


def read_role(text: str | None) -> Role | None:
    """Read a role as it is kept: no text is no role."""
    return None if text is None else Role(text)


def new_token() -> str:
    """Make what a cookie or a link carries: 256 bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """Hash for look-up. A plain hash is enough: the token has 256 bits, there is nothing to guess."""
    return hashlib.sha256(token.encode()).digest()
