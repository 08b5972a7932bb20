"""The way from an empty environment to a running gate, and how far one has come: judged by what there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.queries import ApiKey
from liftgate_server.admin.framing import Visitor
from liftgate_server.admin.navigation import link_or_none
from liftgate_server.admin.words import translate as _


@dataclass(frozen=True, slots=True)
class Situation:
    """What the steps are judged by."""

    document: Mapping[str, object]
    published_version: int
    keys: tuple[ApiKey, ...]
    checks: int

    def has(self, part: str) -> bool:
        return bool(self.document.get(part))

    @property
    def secret_keys(self) -> list[ApiKey]:
        return [key for key in self.keys if key.kind is CallerKind.SECRET and key.revoked_at is None]


@dataclass(frozen=True, slots=True)
class Step:
    """`href` is where the step is taken; None for who may not take it."""

    title: str
    text: str
    is_done: bool
    href: str | None


def first_steps(visitor: Visitor, situation: Situation) -> tuple[Step, ...]:
    called = situation.checks > 0 or any(key.last_used_at for key in situation.secret_keys)

    def step(title: str, text: str, endpoint: str, least: Role, *, is_done: bool) -> Step:
        return Step(title, text, is_done, link_or_none(endpoint) if visitor.may(least) else None)

    return (
        step(
            _("Name your features"),
            _("What your product offers: exports, boards, single sign-on."),
            "catalogue.features",
            Role.EDITOR,
            is_done=situation.has("features"),
        ),
        step(
            _("Make plans"),
            _("What belongs to which plan, up to which limit, for which price."),
            "catalogue.plans",
            Role.EDITOR,
            is_done=situation.has("plans"),
        ),
        step(
            _("Put up a gate"),
            _("The place in your code that asks. Begin with observe: it lets everybody pass and counts."),
            "catalogue.gates",
            Role.EDITOR,
            is_done=situation.has("gates"),
        ),
        step(
            _("Publish"),
            _("Look at who is affected, then make it count."),
            "publishing.review",
            Role.PUBLISHER,
            is_done=situation.published_version > 0,
        ),
        step(
            _("Make a secret key"),
            _("Your application proves itself with it."),
            "shell.keys",
            Role.OWNER,
            is_done=bool(situation.secret_keys),
        ),
        step(
            _("See the first check arrive"),
            _("Set LIFTGATE_URL and LIFTGATE_API_KEY where your application runs, and walk through the gate."),
            "catalogue.gates",
            Role.VIEWER,
            is_done=called,
        ),
    )
