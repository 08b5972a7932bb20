"""Changes to environments and keys; every one of them makes all processes verify credentials anew."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.keys import make_key
from liftgate_server.access.models import ApiKeyRow, EnvironmentRow
from liftgate_server.access.queries import (
    ApiKey,
    Environment,
    FoundedEnvironment,
    NewKey,
    all_environments,
    to_api_key,
    to_environment,
)
from liftgate_server.access.rules import (
    EnvironmentChanges,
    NewEnvironment,
    environment_key_of,
    refuse_bad_environment,
    refuse_bad_key,
)
from liftgate_server.access.tokens import token_context
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.changes import ChangeKind, append_change, start_counting
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, NotFound
from liftgate_server.plumbing.sealing import sealer

__all__ = [
    "EnvironmentChanges",
    "FoundedEnvironment",
    "NewEnvironment",
    "NewKey",
    "create_environment",
    "create_first_environment",
    "create_key",
    "found_environment",
    "revoke_key",
    "update_environment",
]


def create_environment(new: NewEnvironment) -> Environment:
    refuse_bad_environment(new.key, new)
    with transaction() as session:
        if session.scalars(select(EnvironmentRow.id).where(EnvironmentRow.key == new.key)).first() is not None:
            raise _exists(new.key)
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
        try:
            session.flush()
        except IntegrityError as failure:
            raise _exists(new.key) from failure  # made at the same moment, as a part of another environment's change
        start_counting(row.id)
        append_change(row.id, ChangeKind.ACCESS, key=f"environment:{row.key}", version=1)
        made = to_environment(row)
        write_entry(row.id, "environment.created", subject=f"environment:{row.key}", after=_settings(made))
        return made


def create_first_environment(name: str) -> None:
    """Create an environment with a key made of its name, where there is none yet."""
    with transaction():
        if not all_environments():
            create_environment(NewEnvironment(environment_key_of(name), name))


def found_environment(new: NewEnvironment) -> FoundedEnvironment:
    """Create an environment together with its first owner key."""
    with transaction():
        environment = create_environment(new)
        made = create_key(environment.id, CallerKind.MANAGEMENT, name="first owner key", role=Role.OWNER)
    return FoundedEnvironment(environment, made.text)


def update_environment(environment_id: int, changes: EnvironmentChanges) -> Environment:
    refuse_bad_environment(None, changes)
    with transaction(environment_id) as session:
        row = session.get(EnvironmentRow, environment_id)
        if row is None:
            raise NotFound("unknown_environment", f"There is no environment with the number {environment_id}.")
        before = _settings(to_environment(row))
        for name in ("name", "self_confirm", "default_language"):
            value = getattr(changes, name)
            if value is not None:
                setattr(row, name, value)
        if changes.allowed_origins is not None:
            row.allowed_origins = list(changes.allowed_origins)
        row.version += 1
        append_change(row.id, ChangeKind.ACCESS, key=f"environment:{row.key}", version=row.version)
        changed = to_environment(row)
        _note_changes(changed, before)
        return changed


def create_key(environment_id: int, kind: CallerKind, *, name: str, role: Role | None = None) -> NewKey:
    """Make a key; its text is in the answer and nowhere else."""
    refuse_bad_key(kind, name, role)
    with transaction(environment_id) as session:
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
        write_entry(environment_id, "key.created", subject=f"key:{row.id}", after=_described(row))
        return NewKey(to_api_key(row), material.text)


def revoke_key(environment_id: int, key_id: str) -> ApiKey:
    """Refuse a key from the next request on; to revoke it again changes nothing."""
    with transaction(environment_id) as session:
        row = _key(session, environment_id, key_id)
        if row.revoked_at is None:
            row.revoked_at = now()
            append_change(environment_id, ChangeKind.ACCESS, key=f"key:{key_id}", version=2)
            write_entry(environment_id, "key.revoked", subject=f"key:{key_id}", before=_described(row))
        return to_api_key(row)


def _exists(key: str) -> Conflict:
    return Conflict("environment_exists", f"There is an environment '{key}' already.")


def _key(session: Session, environment_id: int, key_id: str) -> ApiKeyRow:
    row = session.get(ApiKeyRow, (environment_id, key_id))
    if row is None:
        raise NotFound("unknown_key", f"There is no key '{key_id}' in this environment.")
    return row


def _settings(environment: Environment) -> dict[str, object]:
    return {
        "name": environment.name,
        "allowed_origins": list(environment.allowed_origins),
        "self_confirm": environment.self_confirm,
        "default_language": environment.default_language,
    }


def _note_changes(environment: Environment, before: dict[str, object]) -> None:
    after = _settings(environment)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        write_entry(
            environment.id,
            "environment.updated",
            subject=f"environment:{environment.key}",
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def _described(row: ApiKeyRow) -> dict[str, object]:
    return {"name": row.name, "kind": row.kind, "role": row.role}
