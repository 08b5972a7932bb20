"""A published version as a page shows it: its document, how it differs, and what publishing it again would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.admin.framing import reader_language, visitor
from liftgate_server.admin.publishing.diff_lines import diff_lines
from liftgate_server.admin.publishing.differences import Group, differences
from liftgate_server.admin.wording import product_name, reader_for_pages
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.difference import unified_difference
from liftgate_server.catalog.queries import CatalogueVersion, ProductKind
from liftgate_server.catalog.yaml_writer import write_yaml
from liftgate_server.customers.succession_queries import succession_progress
from liftgate_server.plumbing.clock import now

__all__ = ["Move", "VersionPage", "current_number", "running_successions", "version_page"]

PREVIOUS, CURRENT = "previous", "current"


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version beside another one: the one before it, or the current one."""

    found: CatalogueVersion
    current: int
    against: str
    other: int
    groups: tuple[Group, ...]
    diff: tuple[tuple[str, str], ...]
    document: str

    @property
    def is_current(self) -> bool:
        return self.found.version == self.current


def version_page(number: int, against: str | None) -> VersionPage:
    """Gather the page of a version; raises ``NotFound``."""
    environment_id = visitor().environment.id
    found = catalog.version(environment_id, number)
    current = current_number(environment_id)
    is_against_current = against == CURRENT and number != current
    other = current if is_against_current else number - 1
    document = catalog.document_of(environment_id, other)
    before, after = (found.document, document) if is_against_current else (document, found.document)
    names = (
        (f"version {number}", f"version {other}") if is_against_current else (f"version {other}", f"version {number}")
    )
    return VersionPage(
        found=found,
        current=current,
        against=CURRENT if is_against_current else PREVIOUS,
        other=other,
        groups=differences(before, after, language=reader_language()),
        diff=diff_lines(unified_difference(write_yaml(before), write_yaml(after), names=names)),
        document=write_yaml(found.document),
    )


@dataclass(frozen=True, slots=True)
class Move:
    """Subscribers of one version who come to hold another one; ``done`` of ``total`` are written already."""

    name: str
    version: int
    to_version: int
    at: datetime
    notice_at: datetime | None
    is_past: bool
    done: int
    total: int


def running_successions(page: VersionPage) -> tuple[Move, ...]:
    """Return who moves to the versions of plans and add-ons that the current catalogue has."""
    catalogue = read_catalogue(page.found.document, strict=False)
    reader = reader_for_pages(reader_language(), catalogue.languages)
    environment_id = visitor().environment.id
    written = {(one.kind, one.key, one.version): one for one in succession_progress(environment_id)}
    numbers = {ProductKind.PLAN: page.found.plan_versions, ProductKind.ADDON: page.found.addon_versions}
    return tuple(
        Move(
            name=product_name(catalogue, one.key, reader) or one.key,
            version=one.version,
            to_version=one.to_version,
            at=one.at,
            notice_at=one.notice_at,
            is_past=one.at <= now(),
            done=written[one.kind, one.key, one.version].moved,
            total=written[one.kind, one.key, one.version].moved + written[one.kind, one.key, one.version].left,
        )
        for one in catalog.successions(environment_id)
        if numbers[one.kind].get(one.key) == one.to_version
    )


def current_number(environment_id: int) -> int:
    """Return the number of the version that is in force."""
    return catalog.current_version(environment_id).version
