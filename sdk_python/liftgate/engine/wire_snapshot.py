"""The snapshot on the wire."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import Catalogue, Snapshot
from liftgate.engine.catalogue_reading import MOST_ADDONS, MOST_PLANS, read_catalogue_document
from liftgate.engine.catalogue_writing import write_catalogue_document
from liftgate.engine.document_reader import ProblemCode, read_whole_number, shown
from liftgate.engine.wire_values import WIRE_VERSION, WireFields, decode_whole, encode_instant, require_version

__all__ = ["decode_snapshot", "encode_snapshot"]


def encode_snapshot(snapshot: Snapshot) -> dict[str, object]:
    """Return a snapshot as a document of plain JSON values."""
    return {
        "wire": WIRE_VERSION,
        "environment": snapshot.environment,
        "version": snapshot.version,
        "published_at": encode_instant(snapshot.published_at),
        "plan_versions": dict(snapshot.plan_versions),
        "addon_versions": dict(snapshot.addon_versions),
        "catalogue": write_catalogue_document(snapshot.catalogue),
    }


def decode_snapshot(document: object) -> Snapshot:
    """Return the snapshot of a document, or raise ``WireError``; fields this version does not know are passed over."""
    return decode_whole(document, _read_snapshot)


def _read_snapshot(fields: WireFields) -> Snapshot:
    require_version(fields, "wire", WIRE_VERSION)
    catalogue = _read_catalogue(fields)
    return Snapshot(
        environment=fields.string("environment"),
        version=fields.whole_number("version"),
        published_at=fields.instant("published_at"),
        catalogue=catalogue,
        plan_versions=_read_versions(fields, "plan_versions", catalogue.plans, most=MOST_PLANS),
        addon_versions=_read_versions(fields, "addon_versions", catalogue.addons, most=MOST_ADDONS),
    )


def _read_catalogue(fields: WireFields) -> Catalogue:
    fields.require("catalogue")
    return read_catalogue_document(fields.problems, fields.get("catalogue"), path=fields.at("catalogue"))


def _read_versions(fields: WireFields, name: str, expected: Mapping[str, object], *, most: int) -> dict[str, int]:
    versions = {
        key: read_whole_number(fields.problems, path, value, least=1)
        for key, path, value in fields.entries(name, most=most)
    }
    for key in expected:
        if key not in versions:
            fields.refuse(f"{name}.{key}", ProblemCode.MISSING, f"The version of {shown(key)} is missing.")
    return versions
