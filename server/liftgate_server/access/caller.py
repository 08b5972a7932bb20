"""Who calls, as every room above sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from liftgate_server.plumbing.audit import Actor, ActorKind


class CallerKind(StrEnum):
    SECRET = "secret"  # noqa: S105 - a word, not a secret
    MANAGEMENT = "management"
    END_USER = "end_user"


class Role(StrEnum):
    """What a management key may do, each including the ones before."""

    VIEWER = "viewer"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    OWNER = "owner"

    def includes(self, other: Role) -> bool:
        return _RANKS[self] >= _RANKS[other]


_RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified credential; `customer`, `user`, `buyer` and `language` are those of an end-user token."""

    environment_id: int
    environment: str
    kind: CallerKind
    key_id: str
    role: Role | None = None
    customer: str | None = None
    user: str | None = None
    buyer: bool = False
    language: str | None = None
    key_name: str = ""

    @property
    def principal(self) -> str:
        """Name the caller within the environment: what one did with an idempotency key is nobody else's business."""
        if self.kind is CallerKind.END_USER:
            # Ids cannot contain a space, so no two pairs share a name.
            return f"{self.kind} {self.customer} {self.user or ''}"
        return f"{self.kind} {self.key_id}"

    @property
    def actor(self) -> Actor:
        """Name the caller in the audit log."""
        if self.kind is CallerKind.END_USER:
            owner = f"{self.customer}/{self.user}" if self.user else f"{self.customer}"
            return Actor(ActorKind.END_USER, owner, self.user or f"{self.customer}")
        return Actor(ActorKind.KEY, self.key_id, self.key_name)
