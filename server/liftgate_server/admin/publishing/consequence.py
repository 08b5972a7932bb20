"""What a publication does, in the one sentence that stands above the button."""

from __future__ import annotations

from liftgate.engine.formats import format_number
from liftgate.engine.reader import Reader
from liftgate_server.admin.framing import ngettext
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.printing import print_day_words
from liftgate_server.publishing.facts import Audience, Impact, Review

__all__ = ["consequence_words"]


def consequence_words(found: Review, reader: Reader) -> str:
    """Say who holds what after the publication, and from when on."""
    impact, terms = found.impact, found.terms
    if terms.audience is Audience.NEW:
        return f"{_new_customers(impact, reader)} {_following(impact, reader)}".strip()
    moving = _accounts(impact.moving, reader)
    if not impact.moving:
        return f"{_('No subscriber holds an older version, so nobody is moved.')} {_following(impact, reader)}".strip()
    if terms.starts_at is None:
        moved = _("At once {accounts} move to the new versions.", accounts=moving)
    else:
        moved = _(
            "On {day} {accounts} move to the new versions; they are told from {days} days before.",
            day=print_day_words(terms.starts_at),
            accounts=moving,
            days=format_number(terms.notice_days, reader.formats),
        )
    return f"{moved} {_losses(impact, reader)}".strip()


def _new_customers(impact: Impact, reader: Reader) -> str:
    if not impact.keeping:
        return _("Every app has the new catalogue in moments; no subscriber keeps an older version.")
    return ngettext(
        "Whoever subscribes from now on gets the new versions; {number} account keeps what it has.",
        "Whoever subscribes from now on gets the new versions; {number} accounts keep what they have.",
        impact.keeping,
        number=format_number(impact.keeping, reader.formats),
    )


def _following(impact: Impact, reader: Reader) -> str:
    following = sum(plan.accounts for plan in impact.plans if plan.follows)
    if not following:
        return ""
    accounts = _accounts(following, reader)
    return _("The default plan changes at once for {accounts} without a subscription.", accounts=accounts)


def _losses(impact: Impact, reader: Reader) -> str:
    if impact.over_limit:
        return _(
            "{losing} lose something, {over} come to be over a limit.",
            losing=_accounts(impact.losing, reader),
            over=_accounts(impact.over_limit, reader),
        )
    return _("{losing} lose something.", losing=_accounts(impact.losing, reader)) if impact.losing else ""


def _accounts(count: int, reader: Reader) -> str:
    return ngettext("{number} account", "{number} accounts", count, number=format_number(count, reader.formats))
