"""Changes to environments and keys; every one of them makes all processes verify credentials anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.keys import ENVIRONMENT_KEY, make_key
from liftgate_server.access.models import ApiKeyRow, EnvironmentRow
from liftgate_server.access.queries import ApiKey, Environment, to_api_key, to_environment
from liftgate_server.access.tokens import token_context
from liftgate_server.plumbing.changes import ChangeKind, append_change, start_counting
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.sealing import sealer

__all__ = [
    "EnvironmentChanges",
    "FoundedEnvironment",
    "NewEnvironment",
    "NewKey",
    "create_environment",
    "create_key",
    "found_environment",
    "note_use",
    "revoke_key",
    "update_environment",
]

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
class FoundedEnvironment:
    """A new environment with the key that lets someone in."""

    environment: Environment
    owner_key: str


@dataclass(frozen=True, slots=True)
class EnvironmentChanges:
    """What to change; None leaves as it is."""

    name: str | None = None
    allowed_origins: Sequence[str] | None = None
    self_confirm: bool | None = None
    default_language: str | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at its birth: the only time that `text` can be seen."""

    key: ApiKey
    text: str


def create_environment(new: NewEnvironment) -> Environment:
    _refuse_bad_environment(new.key, new)
    with transaction() as session:
        if session.scalars(select(EnvironmentRow.id).where(EnvironmentRow.key == new.key)).first() is not None:
            raise Conflict("environment_exists", f"There is an environment '{new.key}' already.")
        row = EnvironmentRow(
            key=new.key,
            name=new.name or new.key,
            allowed_origins=list(new.allowed_origins),
            self_confirm=new.self_confirm,
            default_language=new.default_language,
            version=1,
            created_at=now(),
        )
        session.add(row)
        session.flush()
        start_counting(row.id)
        append_change(row.id, ChangeKind.ACCESS, key=f"environment:{row.key}", version=1)
        return to_environment(row)


def found_environment(new: NewEnvironment) -> FoundedEnvironment:
    """Create an environment together with its first owner key."""
    with transaction():
        environment = create_environment(new)
        made = create_key(environment.id, CallerKind.MANAGEMENT, name="first owner key", role=Role.OWNER)
    return FoundedEnvironment(environment, made.text)


def update_environment(environment_id: int, changes: EnvironmentChanges) -> Environment:
    _refuse_bad_environment(None, changes)
    with transaction() as session:
        row = session.get(EnvironmentRow, environment_id)
        if row is None:
            raise NotFound("unknown_environment", f"There is no environment with the number {environment_id}.")
        for name in ("name", "self_confirm", "default_language"):
            value = getattr(changes, name)
            if value is not None:
                setattr(row, name, value)
        if changes.allowed_origins is not None:
            row.allowed_origins = list(changes.allowed_origins)
        row.version += 1
        append_change(row.id, ChangeKind.ACCESS, key=f"environment:{row.key}", version=row.version)
        return to_environment(row)


def create_key(environment_id: int, kind: CallerKind, *, name: str, role: Role | None = None) -> NewKey:
    """Make a key; its text is in the answer and nowhere else."""
    _refuse_bad_key(kind, name, role)
    with transaction() as session:
        environment = session.get(EnvironmentRow, environment_id)
        if environment is None:
            raise NotFound("unknown_environment", f"There is no environment with the number {environment_id}.")
        material = make_key(kind, environment.key)
        context = token_context(environment_id, material.id)
        row = ApiKeyRow(
            environment_id=environment_id,
            id=material.id,
            kind=kind.value,
            role=None if role is None else role.value,
            name=name,
            sha256=material.sha256,
            token_key=sealer().seal(material.token_key, context=context) if kind is CallerKind.SECRET else None,
            created_at=now(),
            revoked_at=None,
            last_used_at=None,
        )
        session.add(row)
        append_change(environment_id, ChangeKind.ACCESS, key=f"key:{material.id}", version=1)
        return NewKey(to_api_key(row), material.text)


def revoke_key(environment_id: int, key_id: str) -> ApiKey:
    """Refuse a key from the next request on; to revoke it again changes nothing."""
    with transaction() as session:
        row = _key(session, environment_id, key_id)
        if row.revoked_at is None:
            row.revoked_at = now()
            append_change(environment_id, ChangeKind.ACCESS, key=f"key:{key_id}", version=2)
        return to_api_key(row)


def note_use(environment_id: int, key_id: str, *, at: datetime) -> None:
    """Write down that a key is in use. Knowing that is worth less than the answer, so a busy database is no reason."""
    try:
        with transaction() as session:
            session.execute(
                update(ApiKeyRow)
                .where(ApiKeyRow.environment_id == environment_id, ApiKeyRow.id == key_id)
                .values(last_used_at=at)
                .execution_options(synchronize_session=False)
            )
    except OperationalError as failure:
        logger().warning("key_use_not_noted", key_id=key_id, reason=str(failure.orig))


def _key(session: Session, environment_id: int, key_id: str) -> ApiKeyRow:
    row = session.get(ApiKeyRow, (environment_id, key_id))
    if row is None:
        raise NotFound("unknown_key", f"There is no key '{key_id}' in this environment.")
    return row


def _refuse_bad_key(kind: CallerKind, name: str, role: Role | None) -> None:
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


def _refuse_bad_environment(key: str | None, values: NewEnvironment | EnvironmentChanges) -> None:
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
