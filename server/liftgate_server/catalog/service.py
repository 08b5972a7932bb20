"""Changes of the catalogue: publishing a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson
from sqlalchemy.orm import Session

from liftgate.engine.catalogue import DocumentProblem, read_catalogue, write_addon, write_catalogue, write_plan
from liftgate.engine.catalogue_model import Catalogue
from liftgate_server.catalog import queries
from liftgate_server.catalog.difference import describe_changes
from liftgate_server.catalog.document import SourceDocument, judge
from liftgate_server.catalog.models import CatalogueVersionRow, ProductKind, ProductVersionRow
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid

__all__ = ["product_text", "publish", "validate"]

_Document = Mapping[str, object]


def validate(source: SourceDocument) -> Catalogue:
    """Return the catalogue of a document; raises ``Invalid`` with everything that is wrong with it."""
    catalogue, problems = judge(source)
    if catalogue is None:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise Invalid(
            "invalid_catalogue",
            f"The catalogue has {count}; nothing was applied.",
            errors=[_field_error(problem) for problem in problems],
        )
    return catalogue


def publish(
    environment_id: int,
    source: SourceDocument | None,
    *,
    base_version: int | None = None,
    message: str = "",
    by: str | None = None,
) -> CatalogueVersion:
    """Publish a document, or the draft when none is given, as the next version; wholly or not at all.

    With ``base_version`` it is refused unless that version is the current one. Content that is published already makes
    no new version: the current one is answered, with ``changed`` false.
    """
    given = None if source is None else validate(source)
    with transaction(environment_id) as session:
        catalogue = given or read_catalogue(queries.draft(environment_id).document)
        current = queries.current_version(environment_id)
        if base_version is not None and base_version != current.version:
            raise Conflict(
                "stale_base", f"The current version is {current.version}, not {base_version}; compare with it first."
            )
        document = write_catalogue(catalogue)
        if current.version and _text(document) == _text(current.document):
            return replace(current, changed=False)
        published = CatalogueVersion(
            version=current.version + 1,
            document=document,
            message=message,
            published_by=by,
            published_at=now(),
            changes=describe_changes(_catalogue_or_none(current), catalogue),
        )
        published = _write_version(session, environment_id, published, catalogue)
        append_change(environment_id, ChangeKind.CATALOGUE, key="catalogue", version=published.version)
        return published


def _catalogue_or_none(current: CatalogueVersion) -> Catalogue | None:
    return read_catalogue(current.document) if current.version else None


def _write_version(
    session: Session, environment_id: int, published: CatalogueVersion, catalogue: Catalogue
) -> CatalogueVersion:
    plans = {plan.key: write_plan(plan) for plan in catalogue.plans.values()}
    addons = {addon.key: write_addon(addon) for addon in catalogue.addons.values()}
    plan_versions, new_plans = _number_products(environment_id, ProductKind.PLAN, plans)
    addon_versions, new_addons = _number_products(environment_id, ProductKind.ADDON, addons)
    session.add(
        CatalogueVersionRow(
            environment_id=environment_id,
            version=published.version,
            document=_text(published.document),
            plan_versions=_text(plan_versions),
            addon_versions=_text(addon_versions),
            message=published.message,
            published_by=published.published_by,
            published_at=published.published_at,
        )
    )
    session.flush()
    for row in (*new_plans, *new_addons):
        row.catalogue_version = published.version
        session.add(row)
    session.flush()
    return replace(published, plan_versions=plan_versions, addon_versions=addon_versions)


def _number_products(
    environment_id: int, kind: ProductKind, documents: Mapping[str, _Document]
) -> tuple[dict[str, int], list[ProductVersionRow]]:
    """Give each product its version: the latest one while its content is the same, else a new row."""
    latest = queries.latest_products(environment_id, kind)
    numbers: dict[str, int] = {}
    rows: list[ProductVersionRow] = []
    for key, document in documents.items():
        text = product_text(document)
        number, known = latest.get(key, (0, ""))
        if text != known:
            number += 1
            rows.append(
                ProductVersionRow(
                    environment_id=environment_id, kind=kind.value, key=key, version=number, document=text
                )
            )
        numbers[key] = number
    return numbers, rows


def product_text(document: _Document) -> str:
    """Return the text of a product; equal texts are one version."""
    # The order of entitlements in a product means nothing, so it must not make a version.
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()


def _text(document: Mapping[str, object]) -> str:
    return orjson.dumps(document).decode()


def _field_error(problem: DocumentProblem) -> FieldError:
    return FieldError(problem.path, problem.code.value, problem.message, problem.line)
