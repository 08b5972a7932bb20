"""The refusal to remove what is in use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from liftgate_server.plumbing.errors import Conflict, FieldError
from liftgate_server.publishing.facts import InUse, Use, UseKind
from liftgate_server.publishing.proposals import Proposal
from liftgate_server.publishing.uses import removed_in_use

__all__ = ["refuse_removals"]

_SECTIONS: Final = {"feature": "features", "plan": "plans", "addon": "addons", "gate": "gates"}


def refuse_removals(environment_id: int, proposal: Proposal) -> None:
    """Refuse a proposal that lacks something that is in use, or makes a feature in use one of another kind."""
    blocked = removed_in_use(environment_id, proposal)
    if blocked:
        names = ", ".join(in_use.subject for in_use in blocked)
        raise Conflict(
            "in_use",
            f"What is in use cannot be removed, nor become another kind of feature: {names}. "
            "Archive it instead; it then works on for who has it.",
            errors=[_removal_error(in_use) for in_use in blocked],
        )


def _removal_error(in_use: InUse) -> FieldError:
    kind, _, key = in_use.subject.partition(":")
    return FieldError(f"{_SECTIONS[kind]}.{key}", "in_use", f"In use by {_told(in_use.holds)}.")


def _told(uses: Iterable[Use]) -> str:
    return ", ".join(f"{use.count} {_nouns(use)}" for use in uses)


def _nouns(use: Use) -> str:
    one, several = _NOUNS[use.kind]
    return one if use.count == 1 else several


_NOUNS: Final = {
    UseKind.SUBSCRIPTION: ("subscription", "subscriptions"),
    UseKind.SCHEDULED: ("scheduled subscription", "scheduled subscriptions"),
    UseKind.TRIAL: ("trial", "trials"),
    UseKind.PINNED_VERSION: ("holder of an older version", "holders of older versions"),
    UseKind.DEFAULT_PLAN: ("account on the default plan", "accounts on the default plan"),
    UseKind.GRANT: ("account with a grant", "accounts with a grant"),
    UseKind.HOST: ("check by hosts in the last 7 days", "checks by hosts in the last 7 days"),
}
