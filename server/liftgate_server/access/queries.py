"""What others may know about environments and keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.models import ApiKeyRow, EnvironmentRow
from liftgate_server.plumbing.changes import ChangeCounterRow
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = [
    "ApiKey",
    "Environment",
    "FoundedEnvironment",
    "KeyOnFile",
    "NewKey",
    "all_environments",
    "environment_by_id",
    "environment_by_key",
    "is_origin_listed",
    "key_by_hash",
    "key_by_id",
    "list_keys",
    "to_api_key",
    "to_environment",
]


@dataclass(frozen=True, slots=True)
class Environment:
    id: int
    key: str
    name: str
    allowed_origins: tuple[str, ...]
    self_confirm: bool
    default_language: str
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be shown: nothing of its secret."""

    id: str
    kind: CallerKind
    role: Role | None
    name: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundedEnvironment:
    """A new environment with the key that lets someone in."""

    environment: Environment
    owner_key: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at its birth: the only time that `text` can be seen."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class KeyOnFile:
    """What is needed to judge a credential, all read in one statement so that it belongs together."""

    environment_id: int
    environment: str
    key_id: str
    name: str
    kind: CallerKind
    role: Role | None
    token_key: bytes | None
    revoked: bool
    last_used_at: datetime | None
    allowed_origins: frozenset[str]
    access_number: int


def environment_by_id(environment_id: int) -> Environment:
    row = reading().get(EnvironmentRow, environment_id)
    if row is None:
        raise NotFound("unknown_environment", f"There is no environment with the number {environment_id}.")
    return to_environment(row)


def environment_by_key(key: str) -> Environment:
    row = reading().scalars(select(EnvironmentRow).where(EnvironmentRow.key == key)).one_or_none()
    if row is None:
        raise NotFound("unknown_environment", f"There is no environment '{key}'.")
    return to_environment(row)


def all_environments() -> tuple[Environment, ...]:
    rows = reading().scalars(select(EnvironmentRow).order_by(EnvironmentRow.key))
    return tuple(to_environment(row) for row in rows)


def list_keys(environment_id: int, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[ApiKey]:
    query = select(ApiKeyRow).where(ApiKeyRow.environment_id == environment_id)
    return page_query(query, keys=(ApiKeyRow.id,), cursor=cursor, limit=limit).map(to_api_key)


def is_origin_listed(origin: str) -> bool:
    """Tell whether any environment lists this origin: all that a preflight, which carries no token, can be told."""
    return any(origin in origins for origins in reading().scalars(select(EnvironmentRow.allowed_origins)))


def key_by_hash(sha256: bytes) -> KeyOnFile | None:
    return _key_on_file(_keys_on_file().where(ApiKeyRow.sha256 == sha256))


def key_by_id(key_id: str) -> KeyOnFile | None:
    return _key_on_file(_keys_on_file().where(ApiKeyRow.id == key_id))


def to_environment(row: EnvironmentRow) -> Environment:
    return Environment(
        id=row.id,
        key=row.key,
        name=row.name,
        allowed_origins=tuple(row.allowed_origins),
        self_confirm=row.self_confirm,
        default_language=row.default_language,
        version=row.version,
        created_at=row.created_at,
    )


def to_api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        kind=CallerKind(row.kind),
        role=None if row.role is None else Role(row.role),
        name=row.name,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _keys_on_file() -> Select[ApiKeyRow, str, list[str], int]:
    return (
        select(
            ApiKeyRow,
            EnvironmentRow.key,
            EnvironmentRow.allowed_origins,
            ChangeCounterRow.access_number,
        )
        .join(EnvironmentRow, EnvironmentRow.id == ApiKeyRow.environment_id)
        .join(ChangeCounterRow, ChangeCounterRow.environment_id == ApiKeyRow.environment_id)
    )


def _key_on_file(query: Select[ApiKeyRow, str, list[str], int]) -> KeyOnFile | None:
    found = reading().execute(query).one_or_none()
    if found is None:
        return None
    row, environment, origins, access_number = found
    return KeyOnFile(
        environment_id=row.environment_id,
        environment=environment,
        key_id=row.id,
        name=row.name,
        kind=CallerKind(row.kind),
        role=None if row.role is None else Role(row.role),
        token_key=row.token_key,
        revoked=row.revoked_at is not None,
        last_used_at=row.last_used_at,
        allowed_origins=frozenset(origins),
        access_number=access_number,
    )
