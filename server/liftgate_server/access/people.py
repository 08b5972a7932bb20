"""Changes to people: who there is, what they may do, and how they come to a password."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from liftgate_server.access.caller import Role
from liftgate_server.access.models import PersonLinkRow, PersonRoleRow, PersonRow, SignInRow
from liftgate_server.access.passwords import hash_password, is_password, refuse_bad_password
from liftgate_server.access.people_queries import (
    Person,
    PersonalLink,
    anyone_exists,
    count_owners,
    link_by_token,
    to_person,
)
from liftgate_server.access.people_rules import (
    LINK_LIFE,
    LinkKind,
    Theme,
    fold_email,
    hash_token,
    new_token,
    read_role,
    refuse_bad_language,
    refuse_bad_person,
)
from liftgate_server.access.queries import environment_by_id
from liftgate_server.plumbing.audit import Actor, ActorKind, acting_as, write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from liftgate_server.plumbing.ids import new_id


def create_first_owner(email: str, name: str, password: str) -> Person:
    """Create the owner of a new installation; refused as soon as there is anybody."""
    with transaction():
        if anyone_exists():
            raise Conflict("already_set_up", "This installation has an owner already.")
        return create_person(email, name, role=Role.OWNER, password=password)


def create_person(email: str, name: str, *, role: Role | None, password: str | None = None) -> Person:
    """Create a person; without a password nobody can sign in as them before a link was followed."""
    refuse_bad_person(email, name)
    if password is not None:
        refuse_bad_password(password, email=email)
    hashed = None if password is None else hash_password(password)
    with transaction() as session:
        folded = fold_email(email)
        if session.scalars(select(PersonRow.id).where(PersonRow.email == folded)).first() is not None:
            taken = FieldError("email", "duplicate", "There is a person with this address already.")
            raise Conflict("person_exists", taken.message, errors=[taken])
        row = PersonRow(
            id=new_id("per"),
            email=folded,
            name=name.strip(),
            password_hash=hashed,
            role=None if role is None else role.value,
            language=None,
            theme=Theme.AUTO.value,
            created_at=now(),
            disabled_at=None,
            signed_in_at=None,
        )
        session.add(row)
        session.flush()
        _note(row, "person.created", after={"email": row.email, "name": row.name, "role": row.role})
        return to_person(row)


def invite_person(email: str, name: str, *, role: Role | None) -> PersonalLink:
    """Create a person with a link to choose a password; who was invited before gets a new one, as is said now."""
    with transaction() as session:
        row = session.scalars(select(PersonRow).where(PersonRow.email == fold_email(email))).one_or_none()
        if row is not None and row.password_hash is None:
            update_own_settings(row.id, name=name)
            person_id = change_role(row.id, role).id
        else:
            person_id = create_person(email, name, role=role).id
        return _make_link(session, _person(session, person_id), LinkKind.INVITATION)


def make_reset_link(person_id: str) -> PersonalLink:
    """Make a link to choose a new password; the old one works until then."""
    with transaction() as session:
        row = _person(session, person_id)
        return _make_link(session, row, LinkKind.INVITATION if row.password_hash is None else LinkKind.RESET)


def follow_link(token: str, password: str) -> Person:
    """Choose a password by a link, which is used up by it; every browser of the person is signed out."""
    refuse_bad_password(password, email=_linked(token).email)
    hashed = hash_password(password)  # before the transaction: it takes long, and writers wait for each other
    with transaction() as session:
        row = _person(session, _linked(token).id)
        # Whoever has the link is the person, as far as anybody can know.
        with acting_as(Actor(ActorKind.PERSON, row.id, row.name)):
            _keep_password(session, row, hashed)
        return to_person(row)


def change_password(person_id: str, *, current: str, new: str, keep: str) -> Person:
    """Change one's own password; every other browser than the sign-in `keep` is signed out."""
    kept = reading().get(PersonRow, person_id)
    if kept is None or not is_password(current, kept.password_hash):
        wrong = FieldError("current_password", "wrong", "This is not your password.")
        raise Invalid("wrong_password", wrong.message, errors=[wrong])
    refuse_bad_password(new, email=kept.email)
    hashed = hash_password(new)
    with transaction() as session:
        row = _person(session, person_id)
        _keep_password(session, row, hashed, keep=keep)
        return to_person(row)


def update_own_settings(
    person_id: str, *, name: str | None = None, language: str | None = None, theme: Theme | None = None
) -> Person:
    """Change what a person decides alone; None leaves as it is."""
    refuse_bad_language(language)
    with transaction() as session:
        row = _person(session, person_id)
        if name is not None and name.strip() != row.name:
            refuse_bad_person(row.email, name)
            _note(row, "person.updated", before={"name": row.name}, after={"name": name.strip()})
            row.name = name.strip()
        if language is not None:
            row.language = language
        if theme is not None:
            row.theme = theme.value
        return to_person(row)


def change_role(person_id: str, role: Role | None) -> Person:
    """Give a person another role everywhere."""
    with transaction() as session:
        row = _person(session, person_id)
        if row.role != role:
            before = {"role": row.role}
            row.role = None if role is None else role.value
            session.flush()
            _refuse_no_owner()
            _note(row, "person.role_changed", before=before, after={"role": row.role})
        return to_person(row)


def change_role_in(person_id: str, environment_id: int, role: Role | None, *, differs: bool) -> Person:
    """Give a person a role of its own in one environment; `differs=False` takes the difference back."""
    environment = environment_by_id(environment_id)
    with transaction() as session:
        row = _person(session, person_id)
        kept = session.get(PersonRoleRow, (environment_id, person_id))
        before = read_role(row.role if kept is None else kept.role)
        if kept is not None:
            session.delete(kept)
            session.flush()
        if differs:
            text = None if role is None else role.value
            session.add(PersonRoleRow(environment_id=environment_id, person_id=person_id, role=text))
        after = role if differs else read_role(row.role)
        if before != after:
            where = {"environment": environment.key}
            _note(row, "person.role_changed", before=where | {"role": before}, after=where | {"role": after})
        return to_person(row)


def disable_person(person_id: str) -> Person:
    """Keep a person out from the next request on; what they did stays in the audit log under their name."""
    with transaction() as session:
        row = _person(session, person_id)
        if row.disabled_at is None:
            row.disabled_at = now()
            session.flush()
            _refuse_no_owner()
            session.execute(delete(SignInRow).where(SignInRow.person_id == person_id))
            session.execute(delete(PersonLinkRow).where(PersonLinkRow.person_id == person_id))
            _note(row, "person.disabled")
        return to_person(row)


def enable_person(person_id: str) -> Person:
    with transaction() as session:
        row = _person(session, person_id)
        if row.disabled_at is not None:
            row.disabled_at = None
            _note(row, "person.enabled")
        return to_person(row)


def _make_link(session: Session, row: PersonRow, kind: LinkKind) -> PersonalLink:
    if row.disabled_at is not None:
        raise Conflict("person_disabled", "This person is disabled: enable them first.")
    session.execute(delete(PersonLinkRow).where(PersonLinkRow.person_id == row.id))  # the newest link is the only one
    token = new_token()
    session.add(
        PersonLinkRow(
            id=new_id("lnk"),
            person_id=row.id,
            kind=kind.value,
            sha256=hash_token(token),
            created_at=now(),
            expires_at=now() + LINK_LIFE,
        )
    )
    _note(row, "person.invited" if kind is LinkKind.INVITATION else "person.reset_link_made")
    return PersonalLink(to_person(row), kind, token)


def _linked(token: str) -> Person:
    link = link_by_token(token)
    if link is None:
        raise NotFound("unknown_link", "This link has been used or has run out. Ask for a new one.")
    return link.person


def _keep_password(session: Session, row: PersonRow, hashed: str, *, keep: str = "") -> None:
    row.password_hash = hashed
    session.execute(delete(SignInRow).where(SignInRow.person_id == row.id, SignInRow.id != keep))
    session.execute(delete(PersonLinkRow).where(PersonLinkRow.person_id == row.id))
    _note(row, "person.password_changed")


def _refuse_no_owner() -> None:
    if count_owners() == 0:
        raise Conflict("last_owner", "Nobody else could let others in. Make somebody else an owner first.")


def _person(session: Session, person_id: str) -> PersonRow:
    row = session.get(PersonRow, person_id)
    if row is None:
        raise NotFound("unknown_person", f"There is no person '{person_id}'.")
    return row


def _note(row: PersonRow, action: str, *, before: object = None, after: object = None) -> None:
    write_entry(None, action, subject=f"person:{row.email}", before=before, after=after)
