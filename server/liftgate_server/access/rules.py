"""What an environment and a key may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.keys import ENVIRONMENT_KEY
from liftgate_server.plumbing.errors import FieldError, Invalid

_LANGUAGE = re.compile(r"[a-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_LONGEST_NAME = 200
_MOST_ORIGINS = 100


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    key: str
    name: str | None = None
    allowed_origins: Sequence[str] = ()
    self_confirm: bool = False
    default_language: str = "en"


@dataclass(frozen=True, slots=True)
class EnvironmentChanges:
    """What to change; None leaves as it is."""

    name: str | None = None
    allowed_origins: Sequence[str] | None = None
    self_confirm: bool | None = None
    default_language: str | None = None


def environment_key_of(name: str) -> str:
    """Make a key of a name: `Production EU` becomes `production-eu`."""
    key = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:32].strip("-")
    return key or "production"


def refuse_bad_key(kind: CallerKind, name: str, role: Role | None) -> None:
    errors = []
    if kind is CallerKind.END_USER:
        errors.append(FieldError("kind", "bad_value", "A key is secret or management."))
    if kind is CallerKind.MANAGEMENT and role is None:
        errors.append(FieldError("role", "missing", "A management key needs a role."))
    if kind is CallerKind.SECRET and role is not None:
        errors.append(FieldError("role", "not_allowed", "Only a management key has a role."))
    if not 1 <= len(name) <= _LONGEST_NAME:
        errors.append(FieldError("name", "out_of_range", f"A name has 1 to {_LONGEST_NAME} characters."))
    if errors:
        raise Invalid("invalid_key", "The key cannot be made.", errors=errors)


def refuse_bad_environment(key: str | None, values: NewEnvironment | EnvironmentChanges) -> None:
    errors = []
    if key is not None and not ENVIRONMENT_KEY.fullmatch(key):
        errors.append(FieldError("key", "bad_key", "A key has 1 to 32 of the characters a-z, 0-9 and -."))
    if values.name is not None and not 1 <= len(values.name) <= _LONGEST_NAME:
        errors.append(FieldError("name", "out_of_range", f"A name has 1 to {_LONGEST_NAME} characters."))
    if values.default_language is not None and not _LANGUAGE.fullmatch(values.default_language):
        errors.append(FieldError("default_language", "bad_value", "A language is a tag such as en or de-AT."))
    origins = values.allowed_origins or ()
    if len(origins) > _MOST_ORIGINS:
        errors.append(FieldError("allowed_origins", "out_of_range", f"At most {_MOST_ORIGINS} origins."))
    errors.extend(
        FieldError(f"allowed_origins[{index}]", "bad_value", "An origin is https://host or http://host:port.")
        for index, origin in enumerate(origins)
        if not _is_origin(origin)
    )
    if errors:
        raise Invalid("invalid_environment", "The environment cannot be stored.", errors=errors)


def _is_origin(text: str) -> bool:
    """Tell whether the text is an origin exactly as a browser sends it, since it is compared as text."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or "*" in text:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return text == f"{parts.scheme}://{host}" + ("" if port in {None, default} else f":{port}")
