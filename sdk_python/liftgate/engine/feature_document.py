"""Features and value metrics as documents: read with all that is wrong with them, written in their shortest form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from liftgate.engine.catalogue_model import (
    Feature,
    FeatureKind,
    MeterFailPolicy,
    OnUpgrade,
    OverLimitPolicy,
    OverLimitRule,
    UnitForms,
    ValueMetric,
)
from liftgate.engine.document_reader import Fields, ProblemCode, Problems, read_choice, read_text, shown
from liftgate.engine.document_texts import (
    LONGEST_DESCRIPTION,
    Languages,
    read_localised_text,
    read_optional_localised_text,
    read_unit_forms,
)

__all__ = [
    "MOST_FEATURES",
    "MOST_GRACE_DAYS",
    "MOST_VALUE_METRICS",
    "read_features",
    "read_value_metrics",
    "write_feature",
    "write_value_metric",
]

# A catalogue of this size is read in well under a second and is far beyond what people can look after.
MOST_FEATURES = 2_000
MOST_VALUE_METRICS = 200
# As long as the longest trial; whoever wants more wants no limit.
MOST_GRACE_DAYS = 730

_MOST_VALUES = 100

_FEATURE_FIELDS = frozenset(
    {"kind", "name", "description", "unit", "values", "archived", "on_upgrade", "over_limit", "on_failure"}
)
_METRIC_FIELDS = frozenset({"name", "unit"})
_GRACE_FIELDS = frozenset({"grace"})
_OVER_LIMIT_WORDS = (OverLimitPolicy.BLOCK_NEW, OverLimitPolicy.READ_ONLY)

_Policy = TypeVar("_Policy", OnUpgrade, MeterFailPolicy)


def read_features(fields: Fields, languages: Languages) -> dict[str, Feature | None]:
    """Return the features of a catalogue; one that cannot be used to judge the rest of the document is ``None``."""
    return {
        key: _read_feature(fields.problems, path, key, value, languages)
        for key, path, value in fields.keyed("features", most=MOST_FEATURES)
    }


def _read_feature(problems: Problems, path: str, key: str, document: object, languages: Languages) -> Feature | None:
    fields = Fields(problems, path, document, allowed=_FEATURE_FIELDS)
    noted = len(problems)
    kind = fields.choice("kind", FeatureKind)
    values = _read_values(fields)
    # Without its kind or its values nothing said about the feature elsewhere can be judged.
    is_usable = isinstance(document, Mapping) and len(problems) == noted
    if is_usable and fields.has("values") and kind is not FeatureKind.SETTING:
        fields.refuse("values", ProblemCode.NOT_ALLOWED, f"Only a setting has values; this is a {kind}.")
    if is_usable and fields.has("unit") and not kind.is_counted:
        fields.refuse("unit", ProblemCode.NOT_ALLOWED, f"Only what is counted has a unit; this is a {kind}.")
    known = kind if is_usable else None
    feature = Feature(
        key=key,
        kind=kind,
        name=read_localised_text(fields, "name", languages),
        description=read_optional_localised_text(fields, "description", languages, longest=LONGEST_DESCRIPTION),
        unit=read_unit_forms(fields, "unit", languages),
        values=values,
        archived=fields.flag("archived", default=False),
        on_upgrade=_read_metered_choice(fields, "on_upgrade", OnUpgrade.KEEP, known),
        over_limit=_read_over_limit(fields, known),
        on_failure=_read_metered_choice(fields, "on_failure", MeterFailPolicy.DENY, known),
    )
    return feature if is_usable else None


def _read_values(fields: Fields) -> tuple[str, ...]:
    values: list[str] = []
    for path, value in fields.items("values", least=1, most=_MOST_VALUES):
        text = read_text(fields.problems, path, value)
        if text and text in values:
            fields.problems.add(path, ProblemCode.DUPLICATE, f"The value {shown(text)} stands here twice.")
        values.append(text)
    return tuple(values)


def _read_metered_choice(fields: Fields, name: str, default: _Policy, kind: FeatureKind | None) -> _Policy:
    if fields.has(name) and kind not in (FeatureKind.METERED, None):
        fields.refuse(name, ProblemCode.NOT_ALLOWED, f"Only what is metered has {name!r}; this is a {kind}.")
        return default
    return fields.choice(name, type(default), default=default)


def _read_over_limit(fields: Fields, kind: FeatureKind | None) -> OverLimitRule:
    if not fields.has("over_limit"):
        return OverLimitRule()
    if kind is not None and not kind.is_counted:
        fields.refuse("over_limit", ProblemCode.NOT_ALLOWED, f"Only what is counted has a limit; this is a {kind}.")
        return OverLimitRule()
    value, path = fields.get("over_limit"), fields.at("over_limit")
    if not isinstance(value, Mapping):
        return OverLimitRule(read_choice(fields.problems, path, value, among=_OVER_LIMIT_WORDS))
    grace = Fields(fields.problems, path, value, allowed=_GRACE_FIELDS)
    return OverLimitRule(OverLimitPolicy.GRACE, grace.whole_number("grace", least=1, most=MOST_GRACE_DAYS))


def read_value_metrics(fields: Fields, languages: Languages) -> dict[str, ValueMetric]:
    """Return the value metrics of a catalogue. They share their keys with features: uses of both are recorded alike."""
    features = fields.get("features")
    taken = features if isinstance(features, Mapping) else {}
    metrics: dict[str, ValueMetric] = {}
    for key, path, value in fields.keyed("value_metrics", most=MOST_VALUE_METRICS):
        if key in taken:
            message = f"There is a feature {shown(key)} already; a value metric needs a key of its own."
            fields.problems.add(path, ProblemCode.DUPLICATE, message)
        metric = Fields(fields.problems, path, value, allowed=_METRIC_FIELDS)
        name = read_localised_text(metric, "name", languages)
        metrics[key] = ValueMetric(key, name, read_unit_forms(metric, "unit", languages))
    return metrics


def write_feature(feature: Feature) -> dict[str, object]:
    """Return a feature, defaults left out."""
    document: dict[str, object] = {"kind": feature.kind.value, "name": dict(feature.name)}
    if feature.description is not None:
        document["description"] = dict(feature.description)
    if feature.unit is not None:
        document["unit"] = _write_unit(feature.unit)
    if feature.values:
        document["values"] = list(feature.values)
    if feature.on_upgrade is not OnUpgrade.KEEP:
        document["on_upgrade"] = feature.on_upgrade.value
    if feature.over_limit != OverLimitRule():
        document["over_limit"] = _write_over_limit(feature.over_limit)
    if feature.on_failure is not MeterFailPolicy.DENY:
        document["on_failure"] = feature.on_failure.value
    if feature.archived:
        document["archived"] = True
    return document


def write_value_metric(metric: ValueMetric) -> dict[str, object]:
    """Return a value metric."""
    document: dict[str, object] = {"name": dict(metric.name)}
    if metric.unit is not None:
        document["unit"] = _write_unit(metric.unit)
    return document


def _write_over_limit(rule: OverLimitRule) -> object:
    return rule.policy.value if rule.grace_days is None else {"grace": rule.grace_days}


def _write_unit(unit: Mapping[str, UnitForms]) -> dict[str, object]:
    return {tag: {"one": forms.one, "other": forms.other} for tag, forms in unit.items()}
