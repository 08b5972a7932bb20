"""Entitlements as documents, in two forms.

The *catalogue form* is short (``3``, ``unlimited``, ``720p``) and needs the feature to be understood. The *explicit
form* stands alone, because a pinned plan may name a feature the catalogue no longer has: a switch is ``true`` or
``false``, a setting ``{"value": …}``, a limit always ``{"limit": …}`` or a list of them. Where the explicit form is
expected the short one is read too: ``3`` and ``unlimited`` become a limit and a value at once, of which the feature's
kind, known when access is resolved, picks the one that is meant.
"""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import (
    Anchor,
    Cap,
    Enforcement,
    Entitlement,
    Feature,
    FeatureKind,
    Recurrence,
    Scope,
    SettingValue,
)
from liftgate.engine.document_reader import (
    Fields,
    ProblemCode,
    Problems,
    read_items,
    read_text,
    read_whole_number,
    shown,
)
from liftgate.engine.document_texts import read_optional_time_zone

__all__ = [
    "UNLIMITED",
    "read_entitlement_of",
    "read_explicit_entitlement",
    "read_setting_value",
    "write_entitlement_of",
    "write_explicit_entitlement",
]

UNLIMITED = "unlimited"

_CAP_FIELDS = frozenset(
    {
        "limit",
        "per",
        "anchor",
        "time_zone",
        "scope",
        "enforcement",
        "overage",
        "warn_at",
        "display_limit",
    }
)

# One cap per recurrence and scope is all there can be.
_MOST_CAPS = len(Recurrence) * len(Scope)
_MOST_WARNINGS = 20

_UNLIMITED_CAP = Cap(limit=None)


def read_entitlement_of(problems: Problems, path: str, feature: Feature, document: object) -> Entitlement:
    """Return an entitlement written in the catalogue form."""
    if feature.kind is FeatureKind.SWITCH:
        return Entitlement(feature.key, enabled=_read_switch(problems, path, document))
    if feature.kind is FeatureKind.SETTING:
        return Entitlement(feature.key, value=read_setting_value(problems, path, feature, document))
    if feature.kind is FeatureKind.CAPACITY:
        return Entitlement(feature.key, caps=_read_capacity(problems, path, document))
    return Entitlement(feature.key, caps=_read_metered(problems, path, document))


def read_explicit_entitlement(problems: Problems, path: str, feature: str, document: object) -> Entitlement:
    """Return an entitlement written in the explicit form, or in the short one where that can be understood."""
    if isinstance(document, bool):
        return Entitlement(feature, enabled=document)
    if isinstance(document, str | int):
        return _read_short(problems, path, feature, document)
    if isinstance(document, list | tuple):
        return Entitlement(feature, caps=_read_caps(problems, path, document))
    if isinstance(document, Mapping) and "value" in document:
        return Entitlement(feature, value=_read_explicit_value(problems, f"{path}.value", document["value"]))
    if isinstance(document, Mapping):
        return Entitlement(feature, caps=(_read_cap(problems, path, document),))
    message = f'Expected true, false, {{"limit": …}}, a list of limits or {{"value": …}}, not {shown(document)}.'
    problems.add(path, ProblemCode.WRONG_TYPE, message)
    return Entitlement(feature)


def read_setting_value(problems: Problems, path: str, feature: Feature, document: object) -> SettingValue:
    """Return a value the setting can have."""
    if not feature.values:
        return read_whole_number(problems, path, document)
    if not isinstance(document, str):
        message = f"Expected one of the setting's values ({', '.join(feature.values)}), not {shown(document)}."
        problems.add(path, ProblemCode.WRONG_TYPE, message)
        return feature.values[0]
    if document not in feature.values:
        close = problems.suggestion(document, feature.values)
        message = f"{shown(document)} is not one of the values of {feature.key}: {', '.join(feature.values)}.{close}"
        problems.add(path, ProblemCode.BAD_VALUE, message)
    return document


def write_entitlement_of(feature: Feature, entitlement: Entitlement) -> object:
    """Return the shortest catalogue form that loses nothing."""
    if feature.kind is FeatureKind.SWITCH:
        return entitlement.enabled
    if feature.kind is FeatureKind.SETTING:
        return entitlement.value
    if entitlement.caps == (_UNLIMITED_CAP,):
        return UNLIMITED
    if feature.kind is FeatureKind.METERED:
        caps = [_write_cap(cap, with_period=True) for cap in entitlement.caps]
        return caps[0] if len(caps) == 1 else caps
    cap = _write_cap(entitlement.caps[0], with_period=False)
    return cap["limit"] if len(cap) == 1 else cap


def write_explicit_entitlement(entitlement: Entitlement) -> object:
    """Return the explicit form, which is read back without the feature."""
    if entitlement.value is not None:
        # What was read from the short form is a limit as well, and goes out as it came.
        return entitlement.value if entitlement.caps else {"value": entitlement.value}
    if not entitlement.caps:
        return entitlement.enabled
    caps = [_write_cap(cap, with_period=True) for cap in entitlement.caps]
    return caps[0] if len(caps) == 1 else caps


def _read_switch(problems: Problems, path: str, document: object) -> bool:
    if isinstance(document, bool):
        return document
    problems.add(path, ProblemCode.WRONG_TYPE, f"Expected true or false for a switch, not {shown(document)}.")
    return False


def _read_short(problems: Problems, path: str, feature: str, document: str | int) -> Entitlement:
    value = _read_explicit_value(problems, path, document)
    if value == UNLIMITED:
        return Entitlement(feature, caps=(_UNLIMITED_CAP,), value=value)
    caps = (Cap(limit=value),) if isinstance(value, int) else ()
    return Entitlement(feature, caps=caps, value=value)


def _read_explicit_value(problems: Problems, path: str, value: object) -> SettingValue:
    if isinstance(value, str):
        return read_text(problems, path, value)
    return read_whole_number(problems, path, value)


def _read_capacity(problems: Problems, path: str, document: object) -> tuple[Cap, ...]:
    if document == UNLIMITED and isinstance(document, str):
        return (_UNLIMITED_CAP,)
    if isinstance(document, Mapping):
        if "per" in document:
            message = "A capacity is a level and never starts anew, so 'per' is not allowed."
            problems.add(f"{path}.per", ProblemCode.NOT_ALLOWED, message)
        return (_read_cap(problems, path, document),)
    if isinstance(document, int) and not isinstance(document, bool):
        return (Cap(limit=read_whole_number(problems, path, document)),)
    message = f"Expected a whole number, 'unlimited' or one limit such as {{limit: 3}}, not {shown(document)}."
    problems.add(path, ProblemCode.WRONG_TYPE, message)
    return ()


def _read_metered(problems: Problems, path: str, document: object) -> tuple[Cap, ...]:
    if document == UNLIMITED and isinstance(document, str):
        return (_UNLIMITED_CAP,)
    if isinstance(document, Mapping):
        return (_read_metered_cap(problems, path, document),)
    if isinstance(document, list | tuple):
        return _read_caps(problems, path, document, is_metered=True)
    if isinstance(document, int) and not isinstance(document, bool):
        message = f"A metered limit needs its period: write {{limit: {shown(document)}, per: month}}."
        problems.add(f"{path}.per", ProblemCode.MISSING, message)
        return ()
    message = (
        f"Expected 'unlimited', a limit such as {{limit: 5, per: month}} or a list of them, not {shown(document)}."
    )
    problems.add(path, ProblemCode.WRONG_TYPE, message)
    return ()


def _read_caps(problems: Problems, path: str, document: object, *, is_metered: bool = False) -> tuple[Cap, ...]:
    caps: list[Cap] = []
    taken: set[tuple[Recurrence, Scope]] = set()
    read = _read_metered_cap if is_metered else _read_cap
    for item_path, item in read_items(problems, path, document, least=1, most=_MOST_CAPS):
        noted = len(problems)
        cap = read(problems, item_path, item)
        # A limit that could not be read has placeholders in it, which say nothing about the others.
        if len(problems) == noted and (cap.recurrence, cap.scope) in taken:
            message = f"There is already a limit per {cap.recurrence} and {cap.scope}; only one can hold."
            problems.add(item_path, ProblemCode.DUPLICATE, message)
        taken.add((cap.recurrence, cap.scope))
        caps.append(cap)
    return tuple(caps)


def _read_metered_cap(problems: Problems, path: str, document: object) -> Cap:
    if isinstance(document, Mapping) and "per" not in document:
        message = "A metered limit needs 'per', such as month; write never for one that does not start anew."
        problems.add(f"{path}.per", ProblemCode.MISSING, message)
    return _read_cap(problems, path, document)


def _read_cap(problems: Problems, path: str, document: object) -> Cap:
    fields = Fields(problems, path, document, allowed=_CAP_FIELDS)
    enforcement = fields.choice("enforcement", Enforcement, default=Enforcement.HARD)
    if fields.has("overage") and enforcement is Enforcement.HARD:
        message = "An overage needs 'enforcement: soft'; a hard limit has none."
        fields.refuse("overage", ProblemCode.NOT_ALLOWED, message)
    return Cap(
        limit=_read_limit(fields),
        recurrence=fields.choice("per", Recurrence, default=Recurrence.NEVER),
        anchor=fields.choice("anchor", Anchor, default=Anchor.CALENDAR),
        time_zone=read_optional_time_zone(fields, "time_zone"),
        scope=fields.choice("scope", Scope, default=Scope.CUSTOMER),
        enforcement=enforcement,
        overage=fields.optional_whole_number("overage"),
        warn_at=_read_warnings(fields),
        display_limit=fields.optional_whole_number("display_limit"),
    )


def _read_limit(fields: Fields) -> int | None:
    value = fields.get("limit")
    if value == UNLIMITED and isinstance(value, str):
        return None
    if isinstance(value, str):
        close = fields.problems.suggestion(value, (UNLIMITED,))
        message = f"Expected a whole number or 'unlimited', not {shown(value)}.{close}"
        fields.refuse("limit", ProblemCode.BAD_VALUE, message)
        return None
    return fields.whole_number("limit")


def _read_warnings(fields: Fields) -> tuple[int, ...]:
    warnings: list[int] = []
    for path, value in fields.items("warn_at", most=_MOST_WARNINGS):
        warning = read_whole_number(fields.problems, path, value, least=1, most=100)
        if warnings and warning <= warnings[-1]:
            message = f"The percentages ascend, each once; {warning} follows {warnings[-1]}."
            fields.problems.add(path, ProblemCode.BAD_VALUE, message)
        warnings.append(warning)
    return tuple(warnings)


def _write_cap(cap: Cap, *, with_period: bool) -> dict[str, object]:
    document: dict[str, object] = {"limit": UNLIMITED if cap.limit is None else cap.limit}
    if with_period:
        document["per"] = cap.recurrence.value
    if cap.anchor is not Anchor.CALENDAR:
        document["anchor"] = cap.anchor.value
    if cap.time_zone is not None:
        document["time_zone"] = cap.time_zone
    if cap.scope is not Scope.CUSTOMER:
        document["scope"] = cap.scope.value
    if cap.enforcement is not Enforcement.HARD:
        document["enforcement"] = cap.enforcement.value
    if cap.overage is not None:
        document["overage"] = cap.overage
    if cap.warn_at:
        document["warn_at"] = list(cap.warn_at)
    if cap.display_limit is not None:
        document["display_limit"] = cap.display_limit
    return document
