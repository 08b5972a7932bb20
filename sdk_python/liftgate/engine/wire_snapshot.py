"""The snapshot on the wire."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import Catalogue, Incentive, Snapshot, Succession
from liftgate.engine.catalogue_reading import MOST_ADDONS, MOST_PLANS, read_catalogue_document
from liftgate.engine.catalogue_writing import write_catalogue_document
from liftgate.engine.document_reader import ProblemCode, read_whole_number, shown
from liftgate.engine.entitlement_document import read_explicit_entitlement, write_explicit_entitlement
from liftgate.engine.wire_values import (
    WIRE_VERSION,
    WireFields,
    decode_whole,
    encode_instant,
    read_version_name,
    require_version,
)

__all__ = ["decode_incentive", "decode_snapshot", "encode_incentive", "encode_snapshot"]

# Every version of every product that ever ended; the bound only keeps a broken document from costing much.
_MOST_SUCCESSIONS = 100_000


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
        "plan_successions": _encode_successions(snapshot.plan_successions),
        "addon_successions": _encode_successions(snapshot.addon_successions),
    }


def _encode_successions(successions: Mapping[str, Succession]) -> dict[str, object]:
    return {
        name: {
            "to_version": succession.to_version,
            "at": encode_instant(succession.at),
            "notice_at": encode_instant(succession.notice_at),
            "incentive": None if succession.incentive is None else encode_incentive(succession.incentive),
        }
        for name, succession in successions.items()
    }


def encode_incentive(incentive: Incentive) -> dict[str, object]:
    """Return an incentive as a document; its entitlement stands alone, the feature may be gone before the incentive."""
    return {
        "feature": incentive.feature,
        "entitlement": write_explicit_entitlement(incentive.entitlement),
        "days": incentive.days,
    }


def decode_incentive(document: object) -> Incentive:
    """Return the incentive of a document, or raise ``WireError``."""
    return decode_whole(document, _read_incentive)


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
        plan_successions=_read_successions(fields, "plan_successions"),
        addon_successions=_read_successions(fields, "addon_successions"),
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


def _read_successions(fields: WireFields, name: str) -> dict[str, Succession]:
    return {
        read_version_name(fields, path, key): _read_succession(WireFields(fields.problems, path, value))
        for key, path, value in fields.entries(name, most=_MOST_SUCCESSIONS)
    }


def _read_succession(fields: WireFields) -> Succession:
    return Succession(
        to_version=fields.whole_number("to_version", least=1),
        at=fields.instant("at"),
        notice_at=fields.optional_instant("notice_at"),
        incentive=_read_incentive(fields.within("incentive")) if fields.has("incentive") else None,
    )


def _read_incentive(fields: WireFields) -> Incentive:
    feature = fields.string("feature")
    fields.require("entitlement")
    return Incentive(
        feature=feature,
        entitlement=read_explicit_entitlement(
            fields.problems, fields.at("entitlement"), feature, fields.get("entitlement")
        ),
        days=fields.whole_number("days", least=1),
    )
