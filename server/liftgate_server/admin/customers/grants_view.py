"""Overrides, promotions, revokes and trials of an account as lines of its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from liftgate.engine.catalogue import InvalidCatalogue, read_standalone_entitlement
from liftgate.engine.catalogue_model import Catalogue
from liftgate.engine.customer_state import GrantKind
from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.state_words import Badge, grant_kind_words, grant_state_badge
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.printing import reader_zone
from liftgate_server.admin.wording import entitlement_words, product_name
from liftgate_server.customers.facts import CustomerGrant, GrantState

__all__ = ["GrantLine", "grant_lines"]


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One grant; ``about`` is what it is of, ``gives`` what it gives, in words."""

    id: str
    kind: str
    about: str
    gives: str
    reason: str | None
    created_by: str | None
    created_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    last_day: datetime | None
    state: Badge
    can_end: bool


def grant_lines(grants: Iterable[CustomerGrant], catalogue: Catalogue, reader: Reader) -> tuple[GrantLine, ...]:
    """Return grants as lines, in the order they come."""
    return tuple(_line(grant, catalogue, reader) for grant in grants)


def _line(grant: CustomerGrant, catalogue: Catalogue, reader: Reader) -> GrantLine:
    return GrantLine(
        id=grant.id,
        kind=grant_kind_words(grant.kind),
        about=_about(grant, catalogue, reader),
        gives=_gives(grant, catalogue, reader),
        reason=grant.reason,
        created_by=grant.created_by,
        created_at=grant.created_at,
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        last_day=_last_day(grant.ends_at),
        state=grant_state_badge(grant.state),
        can_end=grant.state is not GrantState.ENDED,
    )


def _last_day(ends_at: datetime | None) -> datetime | None:
    """Return a moment of the last day where a grant ends with a whole day, as it does when a day was chosen."""
    if ends_at is None or ends_at.astimezone(reader_zone()).time() != time():
        return None
    return ends_at - timedelta(seconds=1)


def _about(grant: CustomerGrant, catalogue: Catalogue, reader: Reader) -> str:
    if grant.plan is not None:
        return product_name(catalogue, grant.plan, reader) or grant.plan
    feature = catalogue.features.get(grant.feature or "")
    return (grant.feature or "") if feature is None else reader.name(feature.name)


def _gives(grant: CustomerGrant, catalogue: Catalogue, reader: Reader) -> str:
    if grant.kind is GrantKind.REVOKE:
        return _("closed")
    if grant.feature is None or grant.entitlement is None:
        return _("the whole plan")
    try:
        entitlement = read_standalone_entitlement(grant.feature, grant.entitlement, strict=False)
    except InvalidCatalogue:
        return str(grant.entitlement)
    return entitlement_words(catalogue.features.get(grant.feature), entitlement, reader)
