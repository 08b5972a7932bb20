"""Strategies for any valid catalogue document, catalogue and snapshot."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from liftgate.engine.catalogue import read_catalogue, read_entitlement
from liftgate.engine.catalogue_model import Catalogue, Incentive, Recurrence, Snapshot, Succession, version_name
from liftgate.engine.offer_slots import offer_slots
from tests.engine.value_strategies import COUNTED, LANGUAGES, TIME_ZONES, Document, instants, keys, texts, whole_numbers


@cache
@st.composite
def localised(draw: st.DrawFn, languages: tuple[str, ...], values: Any) -> Document:
    others = draw(st.sets(st.sampled_from(languages)))
    return {tag: draw(values) for tag in languages if tag == languages[0] or tag in others}


@cache
def _unit_documents() -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries({"one": texts(), "other": texts()})


@cache
@st.composite
def feature_documents(draw: st.DrawFn, languages: tuple[str, ...]) -> Document:
    kind = draw(st.sampled_from(["switch", "metered", "capacity", "setting"]))
    document: Document = {"kind": kind, "name": draw(localised(languages, texts()))}
    if draw(st.booleans()):
        document["description"] = draw(localised(languages, texts()))
    if kind in COUNTED and draw(st.booleans()):
        document["unit"] = draw(localised(languages, _unit_documents()))
    if kind == "setting" and draw(st.booleans()):
        document["values"] = draw(st.lists(texts(), min_size=1, max_size=4, unique=True))
    return document | draw(_policies(kind)) | draw(archived())


@cache
def _policies(kind: str) -> st.SearchStrategy[Document]:
    """What a counted feature may say about upgrades, its limit and outages."""
    over_limit = st.sampled_from(["block_new", "read_only"]) | st.builds(
        lambda days: {"grace": days}, st.integers(1, 730)
    )
    possible = {
        "on_upgrade": (st.sampled_from(["keep", "reset"]), kind == "metered"),
        "on_failure": (st.sampled_from(["deny", "allow_and_record"]), kind == "metered"),
        "over_limit": (over_limit, kind in COUNTED),
    }
    return st.fixed_dictionaries({}, optional={name: values for name, (values, fits) in possible.items() if fits})


@st.composite
def value_metric_documents(draw: st.DrawFn, languages: tuple[str, ...]) -> Document:
    document: Document = {"name": draw(localised(languages, texts()))}
    if draw(st.booleans()):
        document["unit"] = draw(localised(languages, _unit_documents()))
    return document


@cache
def archived() -> st.SearchStrategy[Document]:
    """Whether something is no longer offered."""
    return st.sampled_from([{}, {}, {"archived": False}, {"archived": True}])


@cache
@st.composite
def cap_documents(draw: st.DrawFn, kind: str) -> Document:
    enforcement = draw(st.sampled_from([None, "hard", "soft"]))
    optional = {
        "anchor": st.sampled_from(["calendar", "billing"]),
        "time_zone": st.sampled_from(TIME_ZONES),
        "scope": st.sampled_from(["customer", "user"]),
        "warn_at": st.lists(st.integers(1, 100), unique=True, max_size=3).map(sorted),
        "display_limit": whole_numbers(),
    }
    if enforcement == "soft":
        optional["overage"] = whole_numbers()
    document: Document = draw(
        st.fixed_dictionaries({"limit": st.just("unlimited") | whole_numbers()}, optional=optional)
    )
    if kind == "metered":
        document["per"] = draw(st.sampled_from([recurrence.value for recurrence in Recurrence]))
    if enforcement is not None:
        document["enforcement"] = enforcement
    return document


def _period_and_scope(cap: Document) -> tuple[str, str]:
    return cap["per"], cap.get("scope", "customer")


def entitlement_documents(feature: Document) -> st.SearchStrategy[Any]:
    """What a plan may write for a feature of that document."""
    kind = feature["kind"]
    if kind == "switch":
        return st.booleans()
    if kind == "setting":
        return st.sampled_from(feature["values"]) if "values" in feature else whole_numbers()
    if kind == "capacity":
        return st.one_of(st.just("unlimited"), whole_numbers(), cap_documents(kind))
    several = st.lists(cap_documents(kind), min_size=1, max_size=3, unique_by=_period_and_scope)
    return st.one_of(st.just("unlimited"), cap_documents(kind), several)


@st.composite
def entitlements_documents(draw: st.DrawFn, features: dict[str, Document]) -> Document:
    chosen: set[str] = draw(st.sets(st.sampled_from(sorted(features)))) if features else set()
    return {key: draw(entitlement_documents(features[key])) for key in sorted(chosen)}


@cache
def price_documents() -> st.SearchStrategy[list[Document]]:
    """Prices, at most one per interval and currency."""
    price = st.fixed_dictionaries(
        {
            "interval": st.sampled_from(["month", "year"]),
            "currency": st.sampled_from(["EUR", "USD", "JPY"]),
            "amount": whole_numbers(),
        },
        optional={"per": st.sampled_from(["account", "seat"])},
    )
    return st.lists(price, max_size=3, unique_by=lambda price: (price["interval"], price["currency"]))


@st.composite
def plan_documents(draw: st.DrawFn, languages: tuple[str, ...], features: dict[str, Document], rank: int) -> Document:
    document: Document = {"name": draw(localised(languages, texts())), "rank": rank}
    if draw(st.booleans()):
        document["description"] = draw(localised(languages, texts()))
        document["prices"] = draw(price_documents())
        document["trial"] = {"days": draw(st.integers(1, 730))}
    document["entitlements"] = draw(entitlements_documents(features))
    return document | draw(archived())


@st.composite
def addon_documents(
    draw: st.DrawFn, languages: tuple[str, ...], features: dict[str, Document], plans: list[str]
) -> Document:
    document: Document = {
        "name": draw(localised(languages, texts())),
        "prices": draw(price_documents()),
        "entitlements": draw(entitlements_documents(features)),
    }
    if draw(st.booleans()):
        document["max_quantity"] = draw(whole_numbers(1))
    if draw(st.booleans()) and plans:
        document["plans"] = draw(st.lists(st.sampled_from(plans), min_size=1, unique=True))
    return document | draw(archived())


@st.composite
def requirement_documents(draw: st.DrawFn, key: str, feature: Document) -> Any:
    if feature["kind"] in COUNTED and draw(st.booleans()):
        return {"feature": key, "units": draw(whole_numbers())}
    if feature["kind"] == "setting" and draw(st.booleans()):
        return {"feature": key, "at_least": draw(entitlement_documents(feature))}
    return draw(st.sampled_from([key, {"feature": key}]))


@st.composite
def gate_documents(draw: st.DrawFn, key: str, features: dict[str, Document], languages: tuple[str, ...]) -> Document:
    document: Document = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "name": localised(languages, texts()),
                "mode": st.sampled_from(["enforce", "observe", "open", "closed"]),
                "on_failure": st.sampled_from(["open", "closed"]),
                "placement": keys(),
            },
        )
    )
    chosen = [key] if key in features else draw(st.lists(st.sampled_from(sorted(features)), min_size=1, unique=True))
    match = draw(st.sampled_from(["all", "any"]))
    if match == "all":
        counted = [name for name in chosen if features[name]["kind"] in COUNTED]
        chosen = [name for name in chosen if name not in counted[1:]]
    items = [draw(requirement_documents(name, features[name])) for name in chosen]
    document["requires"] = items[0] if match == "all" and len(items) == 1 and draw(st.booleans()) else {match: items}
    return document | draw(archived())


@st.composite
def own_texts(draw: st.DrawFn, languages: tuple[str, ...]) -> Document:
    """Own words for some places of built-in offers, with the variables that these places have."""
    document: Document = {}
    for slot in draw(st.lists(st.sampled_from(offer_slots()), max_size=3)):
        variables = [f"{{{name}}}" for name in slot.variables]
        words = st.lists(st.sampled_from(["a", "%s", "}", "ß", *variables]), min_size=1, max_size=4).map(" ".join)
        document.setdefault(slot.offer, {})[slot.slot] = draw(localised(languages, words))
    return document


@st.composite
def catalogue_documents(draw: st.DrawFn) -> Document:
    """Any valid catalogue document, shorthands and defaults written out or not."""
    languages = tuple(draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True)))
    feature_keys = draw(st.lists(keys(), max_size=5, unique=True))
    features: dict[str, Document] = {key: draw(feature_documents(languages)) for key in feature_keys}
    ranks = draw(st.lists(whole_numbers(), max_size=3, unique=True))
    plan_keys = draw(st.lists(keys(), min_size=len(ranks), max_size=len(ranks), unique=True))
    gate_keys = draw(st.lists(keys() | st.sampled_from(feature_keys), max_size=3, unique=True)) if features else []
    document: Document = {"schema": 1, "languages": list(languages), "features": features}
    if draw(st.booleans()):
        document["time_zone"] = draw(st.sampled_from(TIME_ZONES))
    document["plans"] = {
        key: draw(plan_documents(languages, features, rank)) for key, rank in zip(plan_keys, ranks, strict=True)
    }
    if draw(st.booleans()):
        metric_keys = draw(st.lists(keys().filter(lambda key: key not in features), max_size=2, unique=True))
        document["value_metrics"] = {key: draw(value_metric_documents(languages)) for key in metric_keys}
    if draw(st.booleans()):
        document["texts"] = draw(own_texts(languages))
    if draw(st.booleans()) and plan_keys:
        document["default_plan"] = draw(st.sampled_from(plan_keys))
        document["plans"][document["default_plan"]].pop("archived", None)
    document["addons"] = {
        key: draw(addon_documents(languages, features, plan_keys))
        for key in draw(st.lists(keys(), max_size=2, unique=True))
    }
    document["gates"] = {key: draw(gate_documents(key, features, languages)) for key in gate_keys}
    return document


@cache
def catalogues() -> st.SearchStrategy[Catalogue]:
    """Any valid catalogue."""
    return catalogue_documents().map(read_catalogue)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any published catalogue."""
    catalogue = draw(catalogues())
    versions = st.integers(1, 9)
    return Snapshot(
        environment=draw(st.sampled_from(["demo", "production"])),
        version=draw(whole_numbers(1)),
        published_at=draw(instants()),
        catalogue=catalogue,
        plan_versions={key: draw(versions) for key in catalogue.plans},
        addon_versions={key: draw(versions) for key in catalogue.addons},
        plan_successions=draw(successions(catalogue, list(catalogue.plans))),
        addon_successions=draw(successions(catalogue, list(catalogue.addons))),
    )


@st.composite
def successions(draw: st.DrawFn, catalogue: Catalogue, products: list[str]) -> dict[str, Succession]:
    """What follows which version: chains and circles, in any order of their instants."""
    if not products:
        return {}
    names = st.builds(version_name, st.sampled_from(products), st.integers(1, 9))
    return draw(st.dictionaries(names, _succession(catalogue), max_size=4))


@st.composite
def _succession(draw: st.DrawFn, catalogue: Catalogue) -> Succession:
    return Succession(
        to_version=draw(st.integers(1, 9)),
        at=draw(instants()),
        notice_at=draw(st.none() | instants()),
        incentive=draw(st.none() | _incentives(catalogue)) if catalogue.features else None,
    )


@st.composite
def _incentives(draw: st.DrawFn, catalogue: Catalogue) -> Incentive:
    feature = draw(st.sampled_from(list(catalogue.features.values())))
    document: Document = {"kind": feature.kind.value}
    if feature.values:
        document["values"] = list(feature.values)
    entitlement = read_entitlement(feature, draw(entitlement_documents(document)))
    return Incentive(feature.key, entitlement, draw(st.integers(1, 400)))
