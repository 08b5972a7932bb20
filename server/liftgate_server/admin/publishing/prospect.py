"""What publishing a document would do, in the words of whoever is about to: changes, accounts, warnings, obstacles."""

# size: the one place where everything that is said about a publication meets; each part is one import

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue, FeatureKind
from liftgate.engine.reader import Reader
from liftgate_server.access.people_queries import people_with_role
from liftgate_server.admin.change_paths import changed_paths
from liftgate_server.admin.framing import Form, Problem, Role, form_of, problem_text, reader_language, visitor
from liftgate_server.admin.publishing.blocked import Blocked, blocked_parts
from liftgate_server.admin.publishing.consequence import consequence_words
from liftgate_server.admin.publishing.diff_lines import diff_lines
from liftgate_server.admin.publishing.differences import Group, differences
from liftgate_server.admin.publishing.names import Names
from liftgate_server.admin.publishing.terms_form import TERMS_FIELDS, TermsReading, read_terms, terms_defaults
from liftgate_server.admin.publishing.warnings import warning_words
from liftgate_server.admin.wording import reader_for_pages
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.merging import Document
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.plumbing.errors import Invalid
from liftgate_server.publishing.facts import Review
from liftgate_server.publishing.review import review

__all__ = ["Prospect", "prospect"]

INVALID_TERMS: Final = "invalid_terms"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is published would become ``catalogue``. ``groups``, ``warnings`` and ``consequence`` are in words."""

    review: Review
    catalogue: Catalogue
    live: Catalogue
    change_count: int
    groups: tuple[Group, ...]
    warnings: tuple[str, ...]
    blocked: tuple[Blocked, ...]
    consequence: str
    form: Form
    publishers: tuple[str, ...]
    reader: Reader

    @property
    def is_empty(self) -> bool:
        return self.review.is_empty

    @property
    def may_publish(self) -> bool:
        return visitor().may(Role.PUBLISHER)

    @property
    def may_edit(self) -> bool:
        return visitor().may(Role.EDITOR)

    @property
    def diff(self) -> tuple[tuple[str, str], ...]:
        return diff_lines(self.review.unified)

    @property
    def terms_query(self) -> dict[str, str]:
        """The terms as values of an address, so that a list of accounts is about the same terms."""
        return {name: str(self.form[name]) for name in TERMS_FIELDS if self.form[name]}

    def incentive_features(self) -> list[tuple[str, str]]:
        """Return the features of which somebody can be given an extra."""
        return [
            (feature.key, self.reader.name(feature.name))
            for feature in self.catalogue.features.values()
            if feature.kind is not FeatureKind.SETTING and not feature.archived
        ]

    def effect(self, sentence: str) -> str:
        """Return what changes in a feature with its name."""
        return self._names.effect(sentence)

    def name(self, key: str) -> str:
        """Return what a plan or add-on is called, by its old name where it is removed."""
        return self._names.product(key)

    @property
    def _names(self) -> Names:
        return Names(self.catalogue, self.live, self.reader)


def prospect(
    published: CatalogueVersion, document: Document, fields: Mapping[str, str], *, problem: Problem | None = None
) -> Prospect:
    """Say what publishing the document on the terms in ``fields`` would do, and what was refused about them."""
    environment_id = visitor().environment.id
    language = reader_language()
    live, catalogue = read_catalogue(published.document), read_catalogue(document)
    reader = reader_for_pages(language, catalogue.languages)
    reading = read_terms(fields, catalogue)
    try:
        found = review(environment_id, source=SourceDocument(document), terms=reading.terms, language=language)
    except Invalid as refusal:
        if refusal.code != INVALID_TERMS:
            raise
        # On terms that nobody could keep nothing is foreseen; what is wrong with them stands at their fields.
        problem = problem or refusal
        found = review(environment_id, source=SourceDocument(document), language=language)
    return Prospect(
        review=found,
        catalogue=catalogue,
        live=live,
        change_count=len(changed_paths(published.document, document)),
        groups=differences(published.document, document, language=language),
        warnings=tuple(warning_words(warning, catalogue, reader) for warning in found.warnings),
        blocked=blocked_parts(found.blocked, published.document, language),
        consequence=consequence_words(found, reader),
        form=_form(fields, reading, problem),
        publishers=() if visitor().may(Role.PUBLISHER) else people_with_role(environment_id, Role.PUBLISHER),
        reader=reader,
    )


def _form(fields: Mapping[str, str], reading: TermsReading, problem: Problem | None) -> Form:
    usual = terms_defaults() | {"message": "", "when": "now", "publish_at": ""}
    values = usual | {name: fields[name] for name in usual if name in fields}
    if problem is not None:
        return Form(values, form_of(problem=problem).errors, problem_text(problem.code, problem.detail))
    errors = {error.path: problem_text(f"invalid_request.{error.code}", error.message) for error in reading.errors}
    return Form(values, errors)
