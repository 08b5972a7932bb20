"""Reading of what people read: localised texts, unit words, language tags; and of time zone names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from liftgate.engine.catalogue_model import LocalisedText, UnitForms
from liftgate.engine.document_reader import Fields, ProblemCode, Problems, read_text, shown

__all__ = [
    "LONGEST_DESCRIPTION",
    "LONGEST_NAME",
    "Languages",
    "check_language_tag",
    "read_localised_text",
    "read_optional_localised_text",
    "read_optional_time_zone",
    "read_unit_forms",
]

LONGEST_NAME = 500
LONGEST_DESCRIPTION = 2_000

Languages = tuple[str, ...] | None
"""The languages a document declares, the fallback first; ``None`` where any language may stand."""

# Language, optional script, optional region: the part of BCP 47 that names a translation.
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")

_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")

# Files that lie beside the zones but depend on the machine or count leap seconds.
_NOT_A_TIME_ZONE = ("localtime", "posixrules", "posix/", "right/")

_MOST_LANGUAGES = 50


def check_language_tag(problems: Problems, path: str, tag: str) -> None:
    """Note a tag that does not look like ``de``, ``pt-BR`` or ``zh-Hant``."""
    if _LANGUAGE_TAG.fullmatch(tag) is None:
        message = f"{shown(tag)} is no language tag; write it like 'de', 'pt-BR' or 'zh-Hant'."
        problems.add(path, ProblemCode.BAD_VALUE, message)


def read_localised_text(
    fields: Fields, name: str, languages: Languages, *, longest: int = LONGEST_NAME
) -> LocalisedText:
    """Return one text per language; the fallback language must be among them."""
    if not _is_by_language(fields, name, example='{en: "…"}'):
        return {}
    texts = {
        tag: read_text(fields.problems, path, value, longest=longest)
        for tag, path, value in fields.entries(name, most=_MOST_LANGUAGES)
        if _is_declared(fields.problems, path, tag, languages)
    }
    _require_fallback(fields, name, languages)
    return texts


def read_optional_localised_text(
    fields: Fields, name: str, languages: Languages, *, longest: int = LONGEST_NAME
) -> LocalisedText | None:
    """Return one text per language, or ``None`` when the field is absent."""
    return read_localised_text(fields, name, languages, longest=longest) if fields.has(name) else None


def read_unit_forms(fields: Fields, name: str, languages: Languages) -> Mapping[str, UnitForms] | None:
    """Return the unit words per language, or ``None`` when the field is absent."""
    if not fields.has(name) or not _is_by_language(fields, name, example="{en: {one: board, other: boards}}"):
        return None
    forms: dict[str, UnitForms] = {}
    for tag, path, value in fields.entries(name, most=_MOST_LANGUAGES):
        if _is_declared(fields.problems, path, tag, languages):
            words = Fields(fields.problems, path, value, allowed=_UNIT_FIELDS)
            forms[tag] = UnitForms(one=words.text("one"), other=words.text("other"))
    _require_fallback(fields, name, languages)
    return forms


_UNIT_FIELDS = frozenset({"one", "other"})


def read_optional_time_zone(fields: Fields, name: str) -> str | None:
    """Return the name of a time zone that exists, or ``None`` when the field is absent."""
    if not fields.has(name):
        return None
    zone = fields.text(name)
    if zone and not _is_known_time_zone(zone):
        message = f"{shown(zone)} is no known time zone; write an IANA name such as 'Europe/Berlin' or 'UTC'."
        fields.refuse(name, ProblemCode.BAD_VALUE, message)
    return zone


def _is_known_time_zone(zone: str) -> bool:
    # A machine without a time zone database still knows UTC.
    if zone == "UTC":
        return True
    if _TIME_ZONE.fullmatch(zone) is None or zone.startswith(_NOT_A_TIME_ZONE):
        return False
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        # OSError: Python 3.11 lets it through for a name that is a folder of zones, such as "America".
        return False
    return True


def _is_by_language(fields: Fields, name: str, *, example: str) -> bool:
    if not fields.require(name):
        return False
    value = fields.get(name)
    if isinstance(value, Mapping):
        return True
    message = f"Expected one entry per language, such as {example}, not {shown(value)}."
    fields.refuse(name, ProblemCode.WRONG_TYPE, message)
    return False


def _is_declared(problems: Problems, path: str, tag: str, languages: Languages) -> bool:
    if languages is None:
        check_language_tag(problems, path, tag)
        return True
    if tag in languages:
        return True
    close = problems.suggestion(tag, languages)
    message = f"The language {shown(tag)} is not among the document's languages ({', '.join(languages)}).{close}"
    problems.add(path, ProblemCode.UNKNOWN_REFERENCE, message)
    return False


def _require_fallback(fields: Fields, name: str, languages: Languages) -> None:
    value = fields.get(name)
    if languages is not None and isinstance(value, Mapping) and languages[0] not in value:
        path = f"{fields.at(name)}.{languages[0]}"
        message = f"The text is needed in {shown(languages[0])}, the fallback language."
        fields.problems.add(path, ProblemCode.MISSING, message)
