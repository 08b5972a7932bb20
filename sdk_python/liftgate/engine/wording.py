"""How features, units and limits are put into words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from liftgate.engine.catalogue_model import Cap, Feature, FeatureKind, Recurrence, Scope, SettingValue, UnitForms
from liftgate.engine.formats import find_language, format_number
from liftgate.engine.identity import Identical
from liftgate.engine.reader import Reader

__all__ = ["Wording", "shown_limit", "value_text", "wording_of"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for one feature in one reader's language.

    ``noun`` counts the feature itself (3 boards). It is ``None`` where the unit measures it (50 GB of storage) or is
    not known; then sentences name the feature first and say the amount after a colon, with ``unit`` behind it.
    ``thing`` is what there can be more of: the plural noun, else the feature's name as it stands in running text.
    """

    reader: Reader
    feature: str
    thing: str
    is_level: bool
    noun: UnitForms | None
    unit: UnitForms | None

    def noun_for(self, count: int) -> str:
        """Return the noun in the form for a number; only where there is a noun."""
        return "" if self.noun is None else _form(self.noun, count)

    def amount(self, count: int) -> str:
        """Return a number with its unit, if it has one of its own: ``50 GB``, ``3``."""
        number = format_number(count, self.reader.formats)
        if self.unit is None:
            return number
        return self.reader.say("given.counted", amount=number, noun=_form(self.unit, count))

    def counted(self, count: int) -> str:
        """Return a number with what is counted: ``3 boards``, ``50 GB``."""
        if self.noun is None:
            return self.amount(count)
        number = format_number(count, self.reader.formats)
        return self.reader.say("given.counted", amount=number, noun=self.noun_for(count))

    def given(self, caps: tuple[Cap, ...], *, times: int = 1, bare: bool = False, more: bool = False) -> str | None:
        """Return what finite caps give: ``500 exports per month``; ``None`` when they give nothing or no limit.

        ``times`` multiplies, for add-ons; ``bare`` leaves the noun out; ``more`` marks an addition with a plus sign.
        """
        finite = [(limit, cap) for cap in caps if (limit := shown_limit(cap)) is not None]
        if not finite or any(limit == 0 for limit, _ in finite):
            return None
        limits = [
            self._per(self._limit(limit * times, place, bare=bare), cap) for place, (limit, cap) in enumerate(finite)
        ]
        text = limits[0]
        for place, following in enumerate(limits[1:], start=2):
            text = self.reader.say("given.and" if place == len(limits) else "given.comma", given=text, more=following)
        return self.reader.say("given.plus", given=text) if more else text

    def bullet(self, caps: tuple[Cap, ...], *, times: int = 1, more: bool = False) -> str | None:
        """Return what caps give as a line of its own, ``None`` when they give nothing."""
        if not caps:
            return None
        if all(shown_limit(cap) is None for cap in caps):
            key = "bullet.unlimited_named" if self.noun is None else "bullet.unlimited"
            return self.reader.say(key, thing=self.thing)
        given = self.given(caps, times=times, more=more)
        if given is None or self.noun is not None:
            return given
        return self.reader.say("bullet.named", feature=self.feature, given=given)

    def _limit(self, limit: int, place: int, *, bare: bool) -> str:
        """Name what is counted once; the limits that follow are numbers."""
        if bare and self.noun is not None:
            return format_number(limit, self.reader.formats)
        return self.counted(limit) if place == 0 else format_number(limit, self.reader.formats)

    def _per(self, amount: str, cap: Cap) -> str:
        period = cap.recurrence.value
        if self.is_level and cap.recurrence is Recurrence.NEVER:
            if cap.scope is Scope.CUSTOMER:
                return amount
            period = "level"
        prefix = "per_user" if cap.scope is Scope.USER else "per"
        return self.reader.say("given.per", amount=amount, period=self.reader.say(f"{prefix}.{period}"))


def wording_of(feature: Feature, reader: Reader) -> Wording:
    """Return the words for a feature."""
    return _wording(Identical(feature), reader)


@lru_cache(maxsize=512)
def _wording(named: Identical[Feature], reader: Reader) -> Wording:
    feature = named.value
    name = reader.name(feature.name)
    unit = _unit_of(feature, reader)
    noun = None if unit is None else _noun_of(name, unit)
    return Wording(
        reader=reader,
        feature=name,
        thing=_in_running_text(name, feature, reader) if noun is None else noun.other,
        is_level=feature.kind is FeatureKind.CAPACITY,
        noun=noun,
        unit=unit if noun is None else None,
    )


def shown_limit(cap: Cap) -> int | None:
    """Return the limit that readers see, ``None`` for unlimited."""
    return cap.limit if cap.display_limit is None else cap.display_limit


def value_text(value: SettingValue, reader: Reader) -> str:
    """Return a setting's value: a whole number in the reader's format, a declared one as it is."""
    return format_number(value, reader.formats) if isinstance(value, int) else value


def _in_running_text(name: str, feature: Feature, reader: Reader) -> str:
    """Return the name, in English with a small letter where it is one ordinary word: storage, but never Slack or SMS.

    What can be counted is hardly ever called by a product's name alone, what can be switched often is.
    """
    is_word = feature.kind.is_counted and name.isalpha() and name.istitle()
    return name.lower() if is_word and reader.copy == "en" else name


def _unit_of(feature: Feature, reader: Reader) -> UnitForms | None:
    if not feature.unit:
        return None
    found = find_language(reader.language, tuple(feature.unit))
    return feature.unit[found] if found is not None else feature.unit.get(reader.catalogue_languages[0])


def _noun_of(name: str, unit: UnitForms) -> UnitForms | None:
    """Return the words that count the feature itself, where its name ends in the unit's plural, as in ``AI texts``."""
    if name.casefold() == unit.other.casefold():
        return unit
    if not name.casefold().endswith(unit.other.casefold()):
        return None
    stem = name[: -len(unit.other)]
    if not stem or (stem[-1].isalpha() and not unit.one[:1].isalpha()):
        return None
    # "Datenexporte" and "Export" make "Datenexport": inside a word the unit loses its capital.
    one = unit.one[:1].lower() + unit.one[1:] if stem[-1].isalpha() else unit.one
    return UnitForms(one=stem + one, other=name)


def _form(forms: UnitForms, count: int) -> str:
    return forms.one if count == 1 else forms.other
