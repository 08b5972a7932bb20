"""The catalogue document (``schema: 1``): read into frozen values, with all its problems, and written back."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import AddOn, Catalogue, Entitlement, Feature, Plan
from liftgate.engine.catalogue_reading import (
    STANDING_ALONE,
    Vocabulary,
    read_addon_document,
    read_catalogue_document,
    read_plan_document,
)
from liftgate.engine.catalogue_writing import write_addon_document, write_catalogue_document, write_plan_document
from liftgate.engine.document_reader import DocumentProblem, ProblemCode, Problems, read_whole
from liftgate.engine.entitlement_document import (
    read_entitlement_of,
    read_explicit_entitlement,
    write_entitlement_of,
    write_explicit_entitlement,
)

__all__ = [
    "DocumentProblem",
    "InvalidCatalogue",
    "ProblemCode",
    "read_addon",
    "read_catalogue",
    "read_entitlement",
    "read_plan",
    "read_standalone_entitlement",
    "write_addon",
    "write_catalogue",
    "write_entitlement",
    "write_plan",
    "write_standalone_entitlement",
]


class InvalidCatalogue(ValueError):
    """A catalogue document, or a part of one, that breaks rules; ``problems`` names all of them."""

    def __init__(self, problems: tuple[DocumentProblem, ...]) -> None:
        self.problems = problems
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{first.path or 'document'}: {first.message}{more}")


def read_catalogue(document: object, *, lines: Mapping[str, int] | None = None, strict: bool = True) -> Catalogue:
    """Return the catalogue of a document made of plain JSON values, or raise with everything that is wrong with it.

    ``lines`` maps the path of a field to its line when the document came as text. ``strict=False`` passes over unknown
    fields and takes ``null`` for absent: the way an older reader reads what a newer server published.

    >>> read_catalogue({"schema": 1, "languages": ["en"]}).time_zone
    'UTC'
    """
    problems = Problems(strict=strict, lines=lines)
    return read_whole(problems, lambda: read_catalogue_document(problems, document), InvalidCatalogue)


def write_catalogue(catalogue: Catalogue) -> dict[str, object]:
    """Return the normal form of the document: defaults left out, shorthands where they lose nothing.

    >>> write_catalogue(read_catalogue({"schema": 1, "languages": ["en"], "time_zone": "UTC"}))
    {'schema': 1, 'languages': ['en']}
    """
    return write_catalogue_document(catalogue)


def read_plan(
    key: str, document: object, *, features: Mapping[str, Feature] | None = None, strict: bool = True
) -> Plan:
    """Return one plan outside its catalogue.

    Without ``features`` its entitlements are in the form that stands alone, the one ``write_plan`` writes, because a
    kept old plan may name features the catalogue no longer has.
    """
    problems = Problems(strict=strict)
    vocabulary = STANDING_ALONE if features is None else Vocabulary(languages=None, features=features)
    return read_whole(
        problems,
        lambda: read_plan_document(problems, "", key, document, vocabulary=vocabulary),
        InvalidCatalogue,
    )


def write_plan(plan: Plan, *, features: Mapping[str, Feature] | None = None) -> dict[str, object]:
    """Return one plan, standing alone unless ``features`` are given to read its entitlements by."""
    return write_plan_document(plan, features)


def read_addon(
    key: str, document: object, *, features: Mapping[str, Feature] | None = None, strict: bool = True
) -> AddOn:
    """Return one add-on outside its catalogue; see ``read_plan``."""
    problems = Problems(strict=strict)
    vocabulary = STANDING_ALONE if features is None else Vocabulary(languages=None, features=features)
    return read_whole(
        problems,
        lambda: read_addon_document(problems, "", key, document, vocabulary=vocabulary),
        InvalidCatalogue,
    )


def write_addon(addon: AddOn, *, features: Mapping[str, Feature] | None = None) -> dict[str, object]:
    """Return one add-on, standing alone unless ``features`` are given to read its entitlements by."""
    return write_addon_document(addon, features)


def read_entitlement(feature: Feature, document: object, *, path: str = "entitlement") -> Entitlement:
    """Return an entitlement as it is written in a plan, such as ``3``, ``True`` or ``{"limit": 5, "per": "month"}``.

    ``path`` is where the document stands, for the problems.
    """
    problems = Problems()
    return read_whole(problems, lambda: read_entitlement_of(problems, path, feature, document), InvalidCatalogue)


def write_entitlement(feature: Feature, entitlement: Entitlement) -> object:
    """Return an entitlement as it is written in a plan."""
    return write_entitlement_of(feature, entitlement)


def read_standalone_entitlement(
    feature: str, document: object, *, path: str = "entitlement", strict: bool = True
) -> Entitlement:
    """Return an entitlement from the form that needs no feature to be understood."""
    problems = Problems(strict=strict)
    return read_whole(problems, lambda: read_explicit_entitlement(problems, path, feature, document), InvalidCatalogue)


def write_standalone_entitlement(entitlement: Entitlement) -> object:
    """Return an entitlement in the form that needs no feature to be understood."""
    return write_explicit_entitlement(entitlement)
