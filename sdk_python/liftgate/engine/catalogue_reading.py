"""Reading of the parts of a catalogue document: features, plans, add-ons and gates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from liftgate.engine.catalogue_checks import check_catalogue
from liftgate.engine.catalogue_model import (
    AddOn,
    Catalogue,
    Entitlement,
    FailPolicy,
    Feature,
    FeatureKind,
    Gate,
    GateMode,
    Match,
    Plan,
    Price,
    PricePer,
    Recurrence,
    Requirement,
    TrialPolicy,
)
from liftgate.engine.document_reader import (
    Fields,
    ProblemCode,
    Problems,
    read_items,
    read_key,
    shown,
)
from liftgate.engine.document_texts import (
    LONGEST_DESCRIPTION,
    Languages,
    check_language_tag,
    read_localised_text,
    read_optional_localised_text,
    read_optional_time_zone,
)
from liftgate.engine.entitlement_document import read_entitlement_of, read_explicit_entitlement, read_setting_value
from liftgate.engine.feature_document import MOST_FEATURES, read_features, read_value_metrics
from liftgate.engine.offer_texts import read_own_texts

__all__ = [
    "MOST_ADDONS",
    "MOST_FEATURES",
    "MOST_GATES",
    "MOST_PLANS",
    "MOST_TRIAL_DAYS",
    "STANDING_ALONE",
    "Vocabulary",
    "read_addon_document",
    "read_catalogue_document",
    "read_plan_document",
]

# A catalogue of this size is read in well under a second and is far beyond what people can look after.
MOST_PLANS = 100
MOST_ADDONS = 500
MOST_GATES = 5_000
# Two years, as for a trial that somebody starts by hand.
MOST_TRIAL_DAYS = 730

_MOST_LANGUAGES = 50
_MOST_PRICES = 400
_MOST_REQUIREMENTS = 20

_CATALOGUE_FIELDS = frozenset(
    {
        "schema",
        "languages",
        "time_zone",
        "default_plan",
        "features",
        "value_metrics",
        "plans",
        "addons",
        "gates",
        "texts",
    },
)
_PLAN_FIELDS = frozenset({"name", "rank", "description", "prices", "trial", "entitlements", "archived"})
_ADDON_FIELDS = frozenset({"name", "description", "prices", "max_quantity", "plans", "entitlements", "archived"})
_PRICE_FIELDS = frozenset({"interval", "currency", "amount", "per"})
_GATE_FIELDS = frozenset({"name", "requires", "mode", "on_failure", "placement", "archived"})
_REQUIREMENT_FIELDS = frozenset({"feature", "units", "at_least"})
_TRIAL_FIELDS = frozenset({"days"})
_MATCH_FIELDS = frozenset(Match)

_PRICE_INTERVALS = (Recurrence.MONTH, Recurrence.YEAR)
_CURRENCY_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CURRENCY_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the rest of a document may refer to.

    ``features`` are those that could be read, ``None`` for a plan that stands alone; ``declared`` also holds the
    keys of features that could not be read, so that nobody is told they do not exist.
    """

    languages: Languages
    features: Mapping[str, Feature] | None
    declared: Collection[str] = ()


STANDING_ALONE = Vocabulary(languages=None, features=None)


def read_catalogue_document(problems: Problems, document: object, *, path: str = "") -> Catalogue:
    """Return the catalogue of a document that stands at ``path``; what is wrong with it is in ``problems``."""
    fields = Fields(problems, path, document, allowed=_CATALOGUE_FIELDS)
    _check_schema(fields)
    languages = _read_languages(fields)
    time_zone = read_optional_time_zone(fields, "time_zone")
    features = read_features(fields, languages or None)
    declared = fields.get("features")
    readable = {key: feature for key, feature in features.items() if feature is not None}
    vocabulary = Vocabulary(languages or None, readable, declared if isinstance(declared, Mapping) else ())
    catalogue = Catalogue(
        languages=languages,
        time_zone=time_zone or "UTC",
        default_plan=_read_default_plan(fields),
        features=readable,
        plans={
            key: read_plan_document(problems, path, key, value, vocabulary=vocabulary)
            for key, path, value in fields.keyed("plans", most=MOST_PLANS)
        },
        addons={
            key: read_addon_document(problems, path, key, value, vocabulary=vocabulary)
            for key, path, value in fields.keyed("addons", most=MOST_ADDONS)
        },
        gates={
            key: _read_gate(problems, path, key, value, vocabulary)
            for key, path, value in fields.keyed("gates", most=MOST_GATES)
        },
        texts=read_own_texts(fields, languages or None),
        value_metrics=read_value_metrics(fields, languages or None),
    )
    check_catalogue(fields, catalogue)
    return catalogue


def read_plan_document(problems: Problems, path: str, key: str, document: object, *, vocabulary: Vocabulary) -> Plan:
    """Return one plan."""
    fields = Fields(problems, path, document, allowed=_PLAN_FIELDS)
    return Plan(
        key=key,
        name=read_localised_text(fields, "name", vocabulary.languages),
        rank=fields.whole_number("rank"),
        entitlements=_read_entitlements(fields, vocabulary),
        prices=_read_prices(fields),
        description=_read_description(fields, vocabulary.languages),
        trial=_read_trial(fields),
        archived=fields.flag("archived", default=False),
    )


def read_addon_document(problems: Problems, path: str, key: str, document: object, *, vocabulary: Vocabulary) -> AddOn:
    """Return one add-on."""
    fields = Fields(problems, path, document, allowed=_ADDON_FIELDS)
    return AddOn(
        key=key,
        name=read_localised_text(fields, "name", vocabulary.languages),
        entitlements=_read_entitlements(fields, vocabulary),
        prices=_read_prices(fields),
        max_quantity=fields.optional_whole_number("max_quantity", least=1) or 1,
        plans=_read_addon_plans(fields),
        description=_read_description(fields, vocabulary.languages),
        archived=fields.flag("archived", default=False),
    )


def _check_schema(fields: Fields) -> None:
    noted = len(fields.problems)
    schema = fields.whole_number("schema")
    if fields.is_readable and len(fields.problems) == noted and schema != 1:
        message = f"This reader knows schema 1, not {shown(schema)}."
        fields.refuse("schema", ProblemCode.BAD_VALUE, message)


def _read_languages(fields: Fields) -> tuple[str, ...]:
    if not fields.require("languages"):
        return ()
    languages: list[str] = []
    for path, value in fields.items("languages", least=1, most=_MOST_LANGUAGES):
        if not isinstance(value, str):
            fields.problems.add(path, ProblemCode.WRONG_TYPE, f"Expected a language tag, not {shown(value)}.")
            continue
        check_language_tag(fields.problems, path, value)
        if value in languages:
            fields.problems.add(path, ProblemCode.DUPLICATE, f"The language {shown(value)} stands here twice.")
        languages.append(value)
    return tuple(languages)


def _read_default_plan(fields: Fields) -> str | None:
    if not fields.has("default_plan"):
        return None
    return read_key(fields.problems, fields.at("default_plan"), fields.get("default_plan"))


def _read_description(fields: Fields, languages: Languages) -> Mapping[str, str] | None:
    return read_optional_localised_text(fields, "description", languages, longest=LONGEST_DESCRIPTION)


def _read_entitlements(fields: Fields, vocabulary: Vocabulary) -> dict[str, Entitlement]:
    entitlements: dict[str, Entitlement] = {}
    for key, path, value in fields.entries("entitlements", most=MOST_FEATURES):
        if vocabulary.features is None:
            read_key(fields.problems, path, key)
            entitlements[key] = read_explicit_entitlement(fields.problems, path, key, value)
            continue
        feature = _find_feature(fields.problems, path, key, vocabulary)
        if feature is not None:
            entitlements[key] = read_entitlement_of(fields.problems, path, feature, value)
        elif key in vocabulary.declared:
            # Without a readable kind, what no kind of feature could take is wrong all the same.
            read_explicit_entitlement(fields.problems, path, key, value)
    return entitlements


def _find_feature(problems: Problems, path: str, key: str, vocabulary: Vocabulary) -> Feature | None:
    features = vocabulary.features or {}
    if key not in features and key not in vocabulary.declared:
        message = f"There is no feature {shown(key)}.{problems.suggestion(key, features)}"
        problems.add(path, ProblemCode.UNKNOWN_REFERENCE, message)
    return features.get(key)


def _read_prices(fields: Fields) -> tuple[Price, ...]:
    prices: list[Price] = []
    taken: set[tuple[Recurrence, str]] = set()
    for path, value in fields.items("prices", most=_MOST_PRICES):
        noted = len(fields.problems)
        price = _read_price(fields.problems, path, value)
        if len(fields.problems) == noted and (price.interval, price.currency) in taken:
            message = f"There is already a price per {price.interval} in {price.currency}."
            fields.problems.add(path, ProblemCode.DUPLICATE, message)
        taken.add((price.interval, price.currency))
        prices.append(price)
    return tuple(prices)


def _read_price(problems: Problems, path: str, document: object) -> Price:
    fields = Fields(problems, path, document, allowed=_PRICE_FIELDS)
    currency = fields.text("currency")
    if currency and not (len(currency) == _CURRENCY_LENGTH and _CURRENCY_LETTERS.issuperset(currency)):
        message = f"{shown(currency)} is no currency; write its ISO 4217 code, such as 'EUR'."
        fields.refuse("currency", ProblemCode.BAD_VALUE, message)
    return Price(
        interval=fields.choice("interval", _PRICE_INTERVALS),
        currency=currency,
        amount=fields.whole_number("amount"),
        per=fields.choice("per", PricePer, default=PricePer.ACCOUNT),
    )


def _read_trial(fields: Fields) -> TrialPolicy | None:
    if not fields.has("trial"):
        return None
    trial = Fields(fields.problems, fields.at("trial"), fields.get("trial"), allowed=_TRIAL_FIELDS)
    return TrialPolicy(days=trial.whole_number("days", least=1, most=MOST_TRIAL_DAYS))


def _read_addon_plans(fields: Fields) -> tuple[str, ...] | None:
    if not fields.has("plans"):
        return None
    plans: list[str] = []
    for path, value in fields.items("plans", least=1, most=MOST_PLANS):
        key = read_key(fields.problems, path, value)
        if key and key in plans:
            fields.problems.add(path, ProblemCode.DUPLICATE, f"The plan {shown(key)} stands here twice.")
        plans.append(key)
    return tuple(plans)


def _read_gate(problems: Problems, path: str, key: str, document: object, vocabulary: Vocabulary) -> Gate:
    fields = Fields(problems, path, document, allowed=_GATE_FIELDS)
    match, requirements = _read_requires(fields, vocabulary)
    return Gate(
        key=key,
        requirements=requirements,
        match=match,
        mode=fields.choice("mode", GateMode, default=GateMode.ENFORCE),
        on_failure=fields.choice("on_failure", FailPolicy, default=FailPolicy.CLOSED),
        placement=read_key(problems, fields.at("placement"), fields.get("placement"))
        if fields.has("placement")
        else None,
        name=read_optional_localised_text(fields, "name", vocabulary.languages),
        archived=fields.flag("archived", default=False),
    )


def _read_requires(fields: Fields, vocabulary: Vocabulary) -> tuple[Match, tuple[Requirement, ...]]:
    if not fields.require("requires"):
        return Match.ALL, ()
    value, path = fields.get("requires"), fields.at("requires")
    if not isinstance(value, Mapping) or "feature" in value:
        return Match.ALL, (_read_requirement(fields.problems, path, value, vocabulary),)
    choice = Fields(fields.problems, path, value, allowed=_MATCH_FIELDS)
    if choice.has("all") == choice.has("any"):
        message = "Expected a feature, or either {all: [...]} or {any: [...]}."
        fields.refuse("requires", ProblemCode.BAD_VALUE, message)
        return Match.ALL, ()
    match = Match.ALL if choice.has("all") else Match.ANY
    items = read_items(fields.problems, choice.at(match), choice.get(match), least=1, most=_MOST_REQUIREMENTS)
    return match, tuple(_read_requirement(fields.problems, where, item, vocabulary) for where, item in items)


def _read_requirement(problems: Problems, path: str, document: object, vocabulary: Vocabulary) -> Requirement:
    if isinstance(document, str):
        _find_feature(problems, path, document, vocabulary)
        return Requirement(feature=document)
    if not isinstance(document, Mapping):
        message = f"Expected a feature's key or an object with 'feature', not {shown(document)}."
        problems.add(path, ProblemCode.WRONG_TYPE, message)
        return Requirement(feature="")
    fields = Fields(problems, path, document, allowed=_REQUIREMENT_FIELDS)
    key = fields.text("feature")
    feature = _find_feature(problems, fields.at("feature"), key, vocabulary) if key else None
    return _read_measure(fields, key, feature)


def _read_measure(fields: Fields, key: str, feature: Feature | None) -> Requirement:
    # No units at all asks for the use of what exists, which takes nothing.
    units = fields.optional_whole_number("units")
    at_least = fields.get("at_least") if fields.has("at_least") else None
    if feature is None:
        return Requirement(feature=key)
    if units is not None and not feature.kind.is_counted:
        message = f"Units are asked only of what is counted; {key} is a {feature.kind}."
        fields.refuse("units", ProblemCode.NOT_ALLOWED, message)
    if not fields.has("at_least"):
        return Requirement(feature=key, units=1 if units is None else units)
    if feature.kind is not FeatureKind.SETTING:
        message = f"'at_least' is asked only of a setting; {key} is a {feature.kind}."
        fields.refuse("at_least", ProblemCode.NOT_ALLOWED, message)
        return Requirement(feature=key)
    value = read_setting_value(fields.problems, fields.at("at_least"), feature, at_least)
    return Requirement(feature=key, at_least=value)
