"""What a use is about: the meter of a gate, and what is refused because there is nothing to count by."""

from __future__ import annotations

from dataclasses import replace

from liftgate.engine.allowance import Allowance, Bucket
from liftgate.engine.catalogue_model import FeatureKind, GateMode, Snapshot
from liftgate.errors import ApiError

__all__ = ["meter_of", "of_account", "require_kind", "unknown", "user_required"]


def meter_of(snapshot: Snapshot, subject: str) -> tuple[str, GateMode]:
    """Return the feature that a gate counts, and the gate's mode."""
    gate = snapshot.gate(subject)
    if gate is None:
        raise unknown("gate", subject)
    features = snapshot.catalogue.features
    counted = [
        it.feature for it in gate.requirements if it.feature in features and features[it.feature].kind.is_counted
    ]
    if len(counted) != 1:
        raise _wrong_kind(subject, "counts nothing" if not counted else "counts more than one feature")
    if features[counted[0]].kind is not FeatureKind.METERED:
        raise _wrong_kind(subject, "is about a level, which is set instead")
    return counted[0], gate.mode


def require_kind(snapshot: Snapshot, feature: str, kind: FeatureKind) -> None:
    """Refuse a feature that is not there, or not of the kind that can be counted in this way."""
    declared = snapshot.catalogue.features.get(feature)
    if declared is None:
        raise unknown("feature", feature)
    if declared.kind is not kind:
        raise _wrong_kind(feature, f"is {declared.kind}, not {kind}")


def user_required(feature: str) -> ApiError:
    """Return the refusal of a use whose user nobody named."""
    return ApiError("user_required", status=422, detail=f"{feature!r} is limited per user: name the user.")


def unknown(what: str, key: str) -> ApiError:
    """Return the refusal of a feature or gate that the catalogue lacks."""
    return ApiError(f"unknown_{what}", status=422, detail=f"The catalogue has no {what} {key!r}.")


def _wrong_kind(key: str, problem: str) -> ApiError:
    return ApiError("wrong_kind", status=422, detail=f"{key!r} {problem}.")


def of_account(allowance: Allowance) -> Allowance:
    """Leave out the limits that count each user's own use."""
    return replace(allowance, buckets=tuple(_bucket_of_account(bucket) for bucket in allowance.buckets))


def _bucket_of_account(bucket: Bucket) -> Bucket:
    alternatives = tuple(tuple(window for window in windows if window.user is None) for windows in bucket.alternatives)
    return replace(bucket, alternatives=alternatives)
