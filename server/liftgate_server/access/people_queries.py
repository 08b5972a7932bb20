"""What others may know about people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, exists, func, select

from liftgate_server.access.caller import Role
from liftgate_server.access.models import EnvironmentRow, PersonLinkRow, PersonRoleRow, PersonRow, SignInRow
from liftgate_server.access.people_rules import LinkKind, Theme, fold_email, hash_token, read_role
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = [
    "LinkOnFile",
    "Person",
    "PersonalLink",
    "SignIn",
    "anyone_exists",
    "link_by_token",
    "list_people",
    "list_sign_ins",
    "people_with_role",
    "person_by_email",
    "person_by_id",
    "roles_of",
    "to_person",
]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as it may be shown: nothing of the password but whether there is one."""

    id: str
    email: str
    name: str
    role: Role | None
    language: str | None
    theme: Theme
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser in which a person is signed in."""

    id: str
    person_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class LinkOnFile:
    """A link that still works, and whom it lets choose a password."""

    id: str
    kind: str
    person: Person
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """A link at its birth: the only time that `token` can be seen."""

    person: Person
    kind: LinkKind
    token: str


def anyone_exists() -> bool:
    """Tell whether the first run is over."""
    return bool(reading().scalar(select(exists().where(PersonRow.id.is_not(None)))))


def person_by_id(person_id: str) -> Person:
    row = reading().get(PersonRow, person_id)
    if row is None:
        raise NotFound("unknown_person", f"There is no person '{person_id}'.")
    return to_person(row)


def person_by_email(email: str) -> Person:
    row = reading().scalars(select(PersonRow).where(PersonRow.email == fold_email(email))).one_or_none()
    if row is None:
        raise NotFound("unknown_person", f"There is no person with the address '{email}'.")
    return to_person(row)


def list_people(*, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Person]:
    return page_query(select(PersonRow), keys=(PersonRow.email,), cursor=cursor, limit=limit).map(to_person)


def roles_of(person_id: str) -> Mapping[str, Role | None]:
    """Give the roles that differ from the person's own, by the environment's key."""
    rows = reading().execute(
        select(EnvironmentRow.key, PersonRoleRow.role)
        .join(EnvironmentRow, EnvironmentRow.id == PersonRoleRow.environment_id)
        .where(PersonRoleRow.person_id == person_id)
        .order_by(EnvironmentRow.key)
    )
    return {key: read_role(role) for key, role in rows}


def people_with_role(environment_id: int, least: Role, *, limit: int = 5) -> tuple[str, ...]:
    """Name some of those who may do in an environment what a role may, for whoever may not."""
    wanted = [role.value for role in Role if role.includes(least)]
    own = (PersonRoleRow.person_id == PersonRow.id) & (PersonRoleRow.environment_id == environment_id)
    query = (
        select(PersonRow.name)
        .outerjoin(PersonRoleRow, own)
        .where(
            PersonRow.disabled_at.is_(None),
            # What is said about the environment stands before the role everywhere, also where it says "none".
            case((PersonRoleRow.person_id.is_(None), PersonRow.role), else_=PersonRoleRow.role).in_(wanted),
        )
        .order_by(PersonRow.name)
        .limit(limit)
    )
    return tuple(reading().scalars(query))


def list_sign_ins(person_id: str) -> tuple[SignIn, ...]:
    """List where a person is signed in, the latest first."""
    rows = reading().scalars(
        select(SignInRow)
        .where(SignInRow.person_id == person_id, SignInRow.expires_at > now())
        .order_by(SignInRow.last_seen_at.desc(), SignInRow.id.desc())
        .limit(DEFAULT_PAGE)
    )
    return tuple(
        SignIn(row.id, row.person_id, row.created_at, row.last_seen_at, row.expires_at, row.address, row.browser)
        for row in rows
    )


def link_by_token(token: str) -> LinkOnFile | None:
    """Find a link that has neither been used nor run out."""
    found = (
        reading()
        .execute(
            select(PersonLinkRow, PersonRow)
            .join(PersonRow, PersonRow.id == PersonLinkRow.person_id)
            .where(
                PersonLinkRow.sha256 == hash_token(token),
                PersonLinkRow.expires_at > now(),
                PersonRow.disabled_at.is_(None),
            )
        )
        .one_or_none()
    )
    if found is None:
        return None
    link, person = found
    return LinkOnFile(link.id, link.kind, to_person(person), link.expires_at)


def count_owners() -> int:
    """Count who can let others in: owners everywhere that can sign in themselves."""
    return (
        reading().scalar(
            select(func.count())
            .select_from(PersonRow)
            .where(
                PersonRow.role == Role.OWNER.value,
                PersonRow.disabled_at.is_(None),
                PersonRow.password_hash.is_not(None),
            )
        )
        or 0
    )


def to_person(row: PersonRow) -> Person:
    return Person(
        id=row.id,
        email=row.email,
        name=row.name,
        role=read_role(row.role),
        language=row.language,
        theme=Theme(row.theme),
        has_password=row.password_hash is not None,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        signed_in_at=row.signed_in_at,
    )
