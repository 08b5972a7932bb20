"""What differs between two catalogues, field by field and grouped by what it is about, in the words of the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue, FeatureKind
from liftgate.engine.reader import Reader
from liftgate_server.admin.catalogue.naming import offer_names
from liftgate_server.admin.change_paths import SECTIONS, changed_paths
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import (
    entitlement_words,
    listed,
    name_of,
    price_words,
    reader_for_pages,
    requirement_words,
)
from liftgate_server.catalog.merging import Document, Path

__all__ = ["Change", "Group", "Section", "State", "differences"]


class Section(StrEnum):
    """What a group of changes is about; the values are the sections of the document."""

    SETTINGS = "settings"
    FEATURES = "features"
    PLANS = "plans"
    ADDONS = "addons"
    GATES = "gates"
    TEXTS = "texts"


class State(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; ``None`` where there was or will be nothing."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """All changes of one plan, feature, add-on, gate or offer, or of the catalogue's own settings."""

    section: Section
    key: str
    name: str
    state: State
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two catalogues, with what its words need."""

    document: Document
    catalogue: Catalogue
    reader: Reader

    def value(self, path: Path) -> Any:
        """Return what stands at a path, ``None`` where nothing does."""
        found: Any = self.document
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def feature_names(self) -> dict[str, str]:
        return {key: self.reader.name(feature.name) for key, feature in self.catalogue.features.items()}

    def name(self, section: Section, key: str) -> str | None:
        """Return what something is called on this side, ``None`` where it does not exist."""
        parts: Mapping[str, Any] = getattr(self.catalogue, section.value)
        if key not in parts:
            return None
        if section is Section.TEXTS:
            return offer_names()[key][0] if key in offer_names() else key
        return name_of(parts[key].name, key, self.reader)


_Words = Callable[[_Side, Path, Any], str]


def differences(before: Document, after: Document, *, language: str) -> tuple[Group, ...]:
    """Return everything that differs, in the order of the document's sections."""
    old, new = _side(before, language), _side(after, language)
    groups: dict[tuple[Section, str], list[Path]] = {}
    for path in changed_paths(before, after):
        groups.setdefault(_group_of(path), []).append(path)
    if _listed_otherwise(old.catalogue, new.catalogue):
        groups.setdefault((Section.SETTINGS, ""), []).append(_ORDER)
    order = list(Section)
    keys = sorted(groups, key=lambda group: order.index(group[0]))
    found = (_group(old, new, section, key, groups[section, key]) for section, key in keys)
    return tuple(group for group in found if group.changes or group.state is not State.CHANGED)


def _side(document: Document, language: str) -> _Side:
    catalogue = read_catalogue(document, strict=False)
    return _Side(document, catalogue, reader_for_pages(language, catalogue.languages))


def _group_of(path: Path) -> tuple[Section, str]:
    if path[0] in SECTIONS:
        return Section(path[0]), path[1] if len(path) > 1 else ""
    return Section.SETTINGS, ""


def _listed_otherwise(before: Catalogue, after: Catalogue) -> bool:
    common = [key for key in before.features if key in after.features]
    return common != [key for key in after.features if key in before.features]


def _group(old: _Side, new: _Side, section: Section, key: str, paths: list[Path]) -> Group:
    if section is Section.SETTINGS:
        return Group(section, key, _("Catalogue"), State.CHANGED, _changes(old, new, paths))
    before, after = old.name(section, key), new.name(section, key)
    if before is None or after is None:
        return _whole(old if after is None else new, section, key, State.REMOVED if after is None else State.ADDED)
    return Group(section, key, after, State.CHANGED, _changes(old, new, paths))


def _changes(old: _Side, new: _Side, paths: list[Path]) -> tuple[Change, ...]:
    told = (_change(old, new, path) for path in paths)
    return tuple(change for change in told if change.before != change.after)


def _whole(side: _Side, section: Section, key: str, state: State) -> Group:
    """Tell a thing that comes or goes by what matters about it."""
    told = tuple(_whole_of(side, section, key))
    is_new = state is State.ADDED
    changes = tuple(Change(label, None if is_new else text, text if is_new else None) for label, text in told)
    return Group(section, key, side.name(section, key) or key, state, changes)


def _whole_of(side: _Side, section: Section, key: str) -> Iterator[tuple[str, str]]:
    catalogue, reader = side.catalogue, side.reader
    if section is Section.FEATURES:
        yield _("Kind"), kind_words(catalogue.features[key].kind)
    elif section is Section.GATES:
        yield _("Requires"), requirement_words(catalogue.gates[key], side.feature_names(), reader)
    elif section in {Section.PLANS, Section.ADDONS}:
        product = catalogue.plans[key] if section is Section.PLANS else catalogue.addons[key]
        yield _("Prices"), listed([price_words(price, reader) for price in product.prices]) or _("none")
        for feature, entitlement in product.entitlements.items():
            known = catalogue.features.get(feature)
            yield side.feature_names().get(feature, feature), entitlement_words(known, entitlement, reader)


def kind_words(kind: FeatureKind) -> str:
    """Say how a feature is held."""
    return {
        FeatureKind.SWITCH: _("on or off"),
        FeatureKind.METERED: _("consumed per period"),
        FeatureKind.CAPACITY: _("a level"),
        FeatureKind.SETTING: _("a value"),
    }[kind]


def _change(old: _Side, new: _Side, path: Path) -> Change:
    if path == _ORDER:
        return Change(_("Features"), None, _("listed in another order"))
    return Change(_label(new if _knows(new, path) else old, path), _told(old, path), _told(new, path))


def _told(side: _Side, path: Path) -> str | None:
    value = side.value(path)
    if value is None:
        value = _DEFAULTS.get(path[0] if path[0] not in SECTIONS else path[2])
    if value is None:
        return _unsaid(path)
    return _words_for(path)(side, path, value)


def _unsaid(path: Path) -> str | None:
    """Say what holds where the document says nothing, ``None`` where that is nothing."""
    if path[2:3] == ("entitlements",):
        return _("not included")
    return _("every plan") if path[0] == Section.ADDONS and path[2:3] == ("plans",) else None


def _knows(side: _Side, path: Path) -> bool:
    return path[2:3] != ("entitlements",) or path[3] in side.catalogue.features


def _label(side: _Side, path: Path) -> str:
    if path[2:3] == ("entitlements",):
        return side.feature_names().get(path[3], path[3]) if len(path) > 3 else _("Entitlements")  # noqa: PLR2004 - section, key, field, feature
    name = path[0] if path[0] not in SECTIONS else path[2]
    labels = _labels()
    label = labels.get(name, name)
    language = path[-1] if name in _LOCALISED and len(path) > 3 else None  # noqa: PLR2004 - section, key, field, tag
    if path[0] == "texts":
        label, language = labels.get(path[2], path[2]), path[3] if len(path) > 3 else None  # noqa: PLR2004 - section, offer, slot, tag
    return label if language is None else f"{label} ({language})"


def _labels() -> dict[str, str]:
    return {
        "languages": _("Languages"),
        "time_zone": _("Time zone"),
        "default_plan": _("Default plan"),
        "name": _("Name"),
        "description": _("Description"),
        "kind": _("Kind"),
        "unit": _("Unit"),
        "values": _("Values"),
        "rank": _("Rank"),
        "prices": _("Prices"),
        "trial": _("Trial"),
        "archived": _("Archived"),
        "max_quantity": _("Highest quantity"),
        "plans": _("Sold with"),
        "requires": _("Requires"),
        "mode": _("Mode"),
        "on_failure": _("When no data can be had"),
        "placement": _("Placement"),
        "eyebrow": _("Line above the title"),
        "title": _("Title"),
        "body": _("Text"),
    }


def _words_for(path: Path) -> _Words:
    if path[0] not in SECTIONS:
        return _default_plan if path[0] == "default_plan" else _plain
    field = path[2] if len(path) > 2 else ""  # noqa: PLR2004 - section, key, field
    return _FIELD_WORDS.get(field, _plain)


def _plain(_side: _Side, _path: Path, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(_side, _path, inner)}" for name, inner in value.items())
    return str(value)


def _quoted(_side: _Side, _path: Path, value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{language}: “{text}”" for language, text in value.items())
    return f"“{value}”"


def _default_plan(side: _Side, _path: Path, value: Any) -> str:
    return side.name(Section.PLANS, str(value)) or str(value)


def _entitlement(side: _Side, path: Path, _value: Any) -> str:
    product = side.catalogue.plans if path[0] == Section.PLANS else side.catalogue.addons
    given = product[path[1]].entitlements
    if len(path) > 3:  # noqa: PLR2004 - section, key, "entitlements", feature
        return entitlement_words(side.catalogue.features.get(path[3]), given.get(path[3]), side.reader)
    names = side.feature_names()
    parts = (
        f"{names.get(key, key)}: {entitlement_words(side.catalogue.features.get(key), one, side.reader)}"
        for key, one in given.items()
    )
    return "; ".join(parts)


def _prices(side: _Side, path: Path, _value: Any) -> str:
    product = side.catalogue.plans[path[1]] if path[0] == Section.PLANS else side.catalogue.addons[path[1]]
    return listed([price_words(price, side.reader) for price in product.prices])


def _trial(side: _Side, path: Path, _value: Any) -> str:
    trial = side.catalogue.plans[path[1]].trial
    return "" if trial is None else _("{days} days", days=str(trial.days))


def _requires(side: _Side, path: Path, _value: Any) -> str:
    return requirement_words(side.catalogue.gates[path[1]], side.feature_names(), side.reader)


def _mode(_side: _Side, _path: Path, value: Any) -> str:
    words = {
        "enforce": _("enforce"),
        "observe": _("observe"),
        "open": _("open"),
        "closed": _("closed"),
    }
    return words.get(str(value), str(value))


def _sold_with(side: _Side, _path: Path, value: Any) -> str:
    return listed([side.name(Section.PLANS, str(key)) or str(key) for key in value])


# What a document leaves out, because it goes without saying.
_DEFAULTS: Final[Mapping[str, object]] = {
    "time_zone": "UTC",
    "mode": "enforce",
    "on_failure": "closed",
    "max_quantity": 1,
    "archived": False,
}
_ORDER: Final[Path] = ("order",)
_LOCALISED: Final = frozenset({"name", "description"})
_FIELD_WORDS: Final[Mapping[str, _Words]] = {
    "entitlements": _entitlement,
    "prices": _prices,
    "trial": _trial,
    "requires": _requires,
    "mode": _mode,
    "on_failure": _mode,
    "plans": _sold_with,
    "name": _quoted,
    "description": _quoted,
    "title": _quoted,
    "body": _quoted,
    "eyebrow": _quoted,
}
