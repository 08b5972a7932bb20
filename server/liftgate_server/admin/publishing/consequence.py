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
    if not impact.moving:
        return f"{_('No subscriber holds an older version, so nobody is moved.')} {_following(impact, reader)}".strip()
    number = format_number(impact.moving, reader.formats)
    if terms.starts_at is None:
        moved = ngettext(
            "At once {number} account moves to the new versions.",
            "At once {number} accounts move to the new versions.",
            impact.moving,
            number=number,
        )
    else:
        moved = ngettext(
            "On {day} {number} account moves to the new versions; it is told from {days} days before.",
            "On {day} {number} accounts move to the new versions; they are told from {days} days before.",
            impact.moving,
            number=number,
            day=print_day_words(terms.starts_at),
            days=format_number(terms.notice_days, reader.formats),
        )
    return " ".join(filter(None, (moved, _following(impact, reader), _losses(impact, reader))))


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
    words = []
    if impact.losing:
        losing = _accounts(impact.losing, reader)
        words.append(_("Losing something: {accounts}.", accounts=losing))
    if impact.over_limit:
        words.append(_("Over a limit then: {accounts}.", accounts=_accounts(impact.over_limit, reader)))
    return " ".join(words)


def _accounts(count: int, reader: Reader) -> str:
    return ngettext("{number} account", "{number} accounts", count, number=format_number(count, reader.formats))
