"""What cannot be removed because it is in use: by what, whose page to look at, and how to archive it instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from liftgate.engine.reader import localise
from liftgate_server.admin.framing import link, ngettext
from liftgate_server.admin.framing import translate as _
from liftgate_server.catalog.drafts import Edit
from liftgate_server.catalog.merging import Document
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.publishing.facts import InUse, Use, UseKind

__all__ = ["Blocked", "Holder", "archive_edit", "blocked_parts", "use_words"]

_SECTIONS: Final[Mapping[str, str]] = {"feature": "features", "plan": "plans", "addon": "addons", "gate": "gates"}
_OF_CUSTOMERS: Final = frozenset(
    {UseKind.SUBSCRIPTION, UseKind.SCHEDULED, UseKind.TRIAL, UseKind.PINNED_VERSION, UseKind.GRANT}
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A use in words, with the accounts to look at first."""

    words: str
    accounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A part of the catalogue that the draft removes although it is in use."""

    subject: str
    title: str
    holders: tuple[Holder, ...]


def blocked_parts(blocked: Iterable[InUse], published: Document, language: str) -> tuple[Blocked, ...]:
    """Return what cannot be removed, as a page shows it."""
    return tuple(
        Blocked(part.subject, _title(part.subject, published, language), tuple(map(_holder, part.holds)))
        for part in blocked
    )


def archive_edit(published: Document, subject: str) -> Edit:
    """Return the edit that brings a removed part back as an archived one."""
    path = _path(subject)
    found = _value(published, path)
    if not isinstance(found, Mapping):
        raise NotFound("unknown_key", f"Nothing called '{subject}' is published.")
    return Edit(path, {**found, "archived": True})


def use_words(use: Use) -> str:
    """Say what uses something, such as ``12 subscriptions``."""
    count = use.count
    words = {
        UseKind.SUBSCRIPTION: ngettext("{count} subscription", "{count} subscriptions", count),
        UseKind.SCHEDULED: ngettext("{count} scheduled change", "{count} scheduled changes", count),
        UseKind.TRIAL: ngettext("{count} trial", "{count} trials", count),
        UseKind.PINNED_VERSION: ngettext(
            "{count} account with an older plan", "{count} accounts with an older plan", count
        ),
        UseKind.DEFAULT_PLAN: _("everybody without a subscription"),
        UseKind.GRANT: ngettext("{count} override or promotion", "{count} overrides and promotions", count),
        UseKind.HOST: ngettext("{count} check in the last days", "{count} checks in the last days", count),
    }
    return words.get(use.kind, f"{use.kind}: {count}")


def _holder(use: Use) -> Holder:
    return Holder(use_words(use), tuple(_accounts(use)))


def _accounts(use: Use) -> Iterator[tuple[str, str]]:
    if use.kind in _OF_CUSTOMERS:
        for customer in use.examples:
            yield customer, link("customers.account", customer=customer)


def _title(subject: str, published: Document, language: str) -> str:
    kind, _separator, key = subject.partition(":")
    found = _value(published, _path(subject))
    texts = found.get("name") if isinstance(found, Mapping) else None
    name = localise(texts, language, ()) if isinstance(texts, Mapping) and texts else key
    heads = {
        "feature": _("Feature {name}", name=name),
        "plan": _("Plan {name}", name=name),
        "addon": _("Add-on {name}", name=name),
        "gate": _("Gate {name}", name=name),
    }
    return heads.get(kind, subject)


def _path(subject: str) -> tuple[str, ...]:
    kind, _separator, key = subject.partition(":")
    return _SECTIONS.get(kind, kind), key


def _value(document: Document, path: tuple[str, ...]) -> object:
    found: object = document
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
