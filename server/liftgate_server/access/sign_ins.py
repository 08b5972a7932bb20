"""Signed-in browsers: a random token in a cookie, its hash and its times in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from liftgate_server.access.caller import Role
from liftgate_server.access.models import EnvironmentRow, PersonRoleRow, PersonRow, SignInRow
from liftgate_server.access.passwords import hash_password, is_outdated, is_password
from liftgate_server.access.people_queries import Person, to_person
from liftgate_server.access.people_rules import fold_email, hash_token, new_token, read_role
from liftgate_server.access.queries import Environment, to_environment
from liftgate_server.plumbing.audit import Actor, ActorKind, acting_as, write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import changed_rows, reading, transaction
from liftgate_server.plumbing.errors import Unauthorised
from liftgate_server.plumbing.ids import new_id

# A working day with its breaks; and no browser stays signed in for longer than a week without a password.
IDLE_LIFE = timedelta(hours=12)
ABSOLUTE_LIFE = timedelta(days=7)
_SEEN_EVERY = timedelta(minutes=5)
_LONGEST_ADDRESS = 64
_LONGEST_BROWSER = 300


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in one of their browsers."""

    person: Person
    sign_in_id: str


@dataclass(frozen=True, slots=True)
class Reach:
    """An environment that a person may enter, and as what."""

    environment: Environment
    role: Role


def sign_in(email: str, password: str, *, address: str, browser: str) -> str:
    """Sign a person in and give the token of the new browser; unknown, disabled and wrong are one refusal."""
    row = reading().scalars(select(PersonRow).where(PersonRow.email == fold_email(email))).one_or_none()
    kept = None if row is None or row.disabled_at is not None else row.password_hash
    right = is_password(password, kept)
    if row is None or kept is None or not right:
        _note_refusal(email, address)
        raise Unauthorised("wrong_sign_in", "The e-mail address or the password is wrong.")
    renewed = hash_password(password) if is_outdated(kept) else None
    with transaction() as session:
        if renewed is not None:
            session.execute(update(PersonRow).where(PersonRow.id == row.id).values(password_hash=renewed))
        return start_sign_in(row.id, address=address, browser=browser)


def start_sign_in(person_id: str, *, address: str, browser: str) -> str:
    """Open a browser for a person who has proved who they are; give its token, which is shown only now."""
    token, at = new_token(), now()
    with transaction() as session:
        person = session.get_one(PersonRow, person_id)
        person.signed_in_at = at
        session.execute(delete(SignInRow).where(SignInRow.person_id == person_id, SignInRow.expires_at <= at))
        session.add(
            SignInRow(
                id=new_id("sig"),
                person_id=person_id,
                sha256=hash_token(token),
                created_at=at,
                last_seen_at=at,
                expires_at=min(at + IDLE_LIFE, at + ABSOLUTE_LIFE),
                address=address[:_LONGEST_ADDRESS],
                browser=browser[:_LONGEST_BROWSER],
            )
        )
        with acting_as(Actor(ActorKind.PERSON, person.id, person.name)):
            write_entry(None, "person.signed_in", subject=f"person:{person.email}", after={"address": address})
    return token


def find_sign_in(token: str) -> SignedIn | None:
    """Give who is behind a token that is neither idle for too long nor too old, of a person who is not disabled."""
    at = now()
    found = (
        reading()
        .execute(
            select(SignInRow, PersonRow)
            .join(PersonRow, PersonRow.id == SignInRow.person_id)
            .where(SignInRow.sha256 == hash_token(token), SignInRow.expires_at > at, PersonRow.disabled_at.is_(None))
        )
        .one_or_none()
    )
    if found is None:
        return None
    sign_in_row, person = found
    signed_in = SignedIn(to_person(person), sign_in_row.id)
    if at - sign_in_row.last_seen_at >= _SEEN_EVERY:
        _note_seen(sign_in_row.id, sign_in_row.created_at, at)
    return signed_in


def end_sign_in(person_id: str, sign_in_id: str) -> None:
    """Sign one of a person's own browsers out."""
    with transaction() as session:
        session.execute(delete(SignInRow).where(SignInRow.person_id == person_id, SignInRow.id == sign_in_id))


def end_other_sign_ins(person_id: str, *, keep: str) -> None:
    """Sign every browser of a person out but one."""
    with transaction() as session:
        session.execute(delete(SignInRow).where(SignInRow.person_id == person_id, SignInRow.id != keep))


def reaches_of(person: Person) -> tuple[Reach, ...]:
    """List the environments a person may enter, by key."""
    rows = reading().execute(
        select(EnvironmentRow, PersonRoleRow)
        .outerjoin(
            PersonRoleRow,
            (PersonRoleRow.environment_id == EnvironmentRow.id) & (PersonRoleRow.person_id == person.id),
        )
        .order_by(EnvironmentRow.key)
    )
    reaches = ((row, person.role if own is None else read_role(own.role)) for row, own in rows)
    return tuple(Reach(to_environment(row), role) for row, role in reaches if role is not None)


def forget_old_sign_ins(at: datetime) -> int:
    """Drop what has run out."""
    with transaction() as session:
        return changed_rows(session, delete(SignInRow).where(SignInRow.expires_at <= at))


def _note_seen(sign_in_id: str, created_at: datetime, at: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(SignInRow)
            .where(SignInRow.id == sign_in_id)
            .values(last_seen_at=at, expires_at=min(at + IDLE_LIFE, created_at + ABSOLUTE_LIFE))
        )


def _note_refusal(email: str, address: str) -> None:
    # The address as it was typed: a typing error or an attack, either is worth seeing. Never the password.
    write_entry(None, "person.sign_in_refused", subject=f"person:{fold_email(email)}", after={"address": address})
