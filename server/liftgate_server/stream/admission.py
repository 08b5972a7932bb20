"""Who may listen, asked of the database in a thread: the event loop itself never waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from flask import g

from liftgate_server.access.admission import admit_to_any_face
from liftgate_server.access.caller import CallerKind
from liftgate_server.access.cors import preflight_headers, readable_by
from liftgate_server.access.credentials import verify
from liftgate_server.access.queries import is_origin_listed
from liftgate_server.plumbing.changes import Marks
from liftgate_server.plumbing.errors import Problem

__all__ = ["Admission", "Credential", "admit", "admitted_headers", "page_headers", "preflight", "readmit"]


class Credential(NamedTuple):
    """What a reader showed: its Authorization header and the origin of its page."""

    authorization: str | None
    origin: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """A reader that may listen; `customer` and `principal` are those of an end user, who hears of no other customer."""

    environment_id: int
    customer: str | None
    principal: str | None
    marks: Marks
    believed_until: datetime


def admit(credential: Credential) -> Admission:
    """Let a reader in, or raise the problem that a request with this credential would be answered with."""
    verified = verify(credential.authorization)
    admit_to_any_face(verified, credential.origin)
    caller = verified.caller
    is_end_user = caller.kind is CallerKind.END_USER
    return Admission(
        environment_id=caller.environment_id,
        customer=caller.customer if is_end_user else None,
        principal=caller.principal if is_end_user else None,
        marks=cast("Marks", g.liftgate_marks),
        believed_until=verified.believed_until,
    )


def readmit(credentials: Iterable[Credential]) -> dict[Credential, Admission | Problem]:
    """Ask again for readers that listen already; a database that fails raises, for it says nothing about them."""
    verdicts: dict[Credential, Admission | Problem] = {}
    for credential in credentials:
        try:
            verdicts[credential] = admit(credential)
        except Problem as problem:
            verdicts[credential] = problem
    return verdicts


def admitted_headers(admission: Admission, origin: str | None) -> dict[str, str]:
    """Let the page of an end user read its stream; no page of another site is told anything by a key."""
    is_page = admission.customer is not None and origin is not None
    return {"Vary": "Origin", **(readable_by(origin or "") if is_page else {})}


def page_headers(origin: str | None) -> dict[str, str]:
    """Say whether the page that asked may read the answer."""
    readable = readable_by(origin) if origin is not None and is_origin_listed(origin) else {}
    return {"Vary": "Origin", **readable}


def preflight(origin: str | None) -> dict[str, str]:
    headers = page_headers(origin)
    return headers | preflight_headers() if "Access-Control-Allow-Origin" in headers else headers
