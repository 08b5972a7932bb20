"""Hypothesis strategies for everything the engine takes and gives: any VALID catalogue, snapshot, state, decision.

``catalogue_documents()`` and ``catalogues()``, ``snapshots()``, ``customer_states(snapshot)``, ``decisions()`` and
``payloads()`` are what tests draw from; ``json_values()`` and ``spoiled(document)`` make what must be refused.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from liftgate.engine.catalogue import read_catalogue, read_entitlement
from liftgate.engine.catalogue_model import Catalogue, Entitlement, Feature, Plan, Recurrence, Snapshot
from liftgate.engine.customer_state import (
    AddOnPhase,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
    UsageKey,
)
from liftgate.engine.decision import Decision, Reason, Source, SourceKind
from liftgate.engine.payload_model import (
    Action,
    ActionKind,
    ActionStyle,
    Content,
    OfferReference,
    Payload,
    Presentation,
    PurchaseOption,
    Trigger,
    UsageBar,
)

Document = dict[str, Any]

LARGEST = 2**53 - 1
LANGUAGES = ("en", "de", "fr", "pt-BR", "zh-Hant", "ar")
TIME_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
_KEYS = (
    "a",
    "b",
    "boards",
    "exports",
    "x.y",
    "x.y.z",
    "a-b",
    "k_9",
    "sso",
    "z" * 64,
    "seats",
    "b0",
    "y..",
    "c-",
    "pro",
)
_CONSPICUOUS_TEXTS = (
    "x",
    "Boards",
    "Größe",
    "한국어",
    "👩‍👩‍👧",
    "{name}",
    "<b>",
    " a ",
    "'\"\\",
    "unlimited",
    "#",
    "0",
    "true",
)
COUNTED = ("metered", "capacity")


@cache
def keys() -> st.SearchStrategy[str]:
    """Keys of features, plans, add-ons, gates and placements."""
    return st.sampled_from(_KEYS)


@cache
def texts() -> st.SearchStrategy[str]:
    """Texts a product manager may write."""
    safe = st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"),
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
    # Conspicuous ones mostly: making up texts letter by letter takes most of the time.
    return st.sampled_from(_CONSPICUOUS_TEXTS) | st.text(safe, min_size=1, max_size=6).filter(str.strip)


@cache
def whole_numbers(least: int = 0) -> st.SearchStrategy[int]:
    """Whole numbers, mostly small ones, where limits are crossed."""
    return st.integers(least, least + 12) | st.integers(least, LARGEST)


@cache
def instants() -> st.SearchStrategy[datetime]:
    """Aware UTC instants of our years, often on a boundary."""
    microseconds = st.integers(0, timedelta(days=5 * 365) // timedelta(microseconds=1))
    anywhere = microseconds.map(lambda number: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=number))
    return anywhere | st.sampled_from(
        [
            datetime(2024, 2, 29, tzinfo=UTC),
            datetime(2026, 1, 31, 10, tzinfo=UTC),
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            datetime(2026, 11, 1, tzinfo=UTC),
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ]
    )


# ---- catalogue documents ----


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
    return document


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
    document["entitlements"] = draw(entitlements_documents(features))
    return document


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
    return document


@st.composite
def requirement_documents(draw: st.DrawFn, key: str, feature: Document) -> Any:
    if feature["kind"] in COUNTED and draw(st.booleans()):
        return {"feature": key, "units": draw(whole_numbers(1))}
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
    if draw(st.booleans()) and plan_keys:
        document["default_plan"] = draw(st.sampled_from(plan_keys))
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
    )


# ---- customer states ----


@st.composite
def entitlements(draw: st.DrawFn, feature: Feature) -> Entitlement:
    """What may be granted of a feature."""
    document: Document = {"kind": feature.kind.value}
    if feature.values:
        document["values"] = list(feature.values)
    return read_entitlement(feature, draw(entitlement_documents(document)))


@st.composite
def pinned_plans(draw: st.DrawFn, snapshot: Snapshot) -> dict[str, Plan]:
    """Former versions of plans, which may name features that are gone."""
    pinned: dict[str, Plan] = {}
    for key, plan in snapshot.catalogue.plans.items():
        if snapshot.plan_versions[key] > 1 and draw(st.booleans()):
            gone = Entitlement("gone.since", enabled=True)
            entitlements_then = {**plan.entitlements, gone.feature: gone}
            pinned[f"{key}@1"] = Plan(key, plan.name, plan.rank, entitlements_then, plan.prices, plan.description)
    return pinned


@st.composite
def plan_phases(draw: st.DrawFn, snapshot: Snapshot, pinned: dict[str, Plan]) -> tuple[PlanPhase, ...]:
    """A subscription over time, of which at any instant at most one phase applies."""
    held = [(key, version) for key, version in snapshot.plan_versions.items()]
    held += [(plan.key, 1) for plan in pinned.values()]
    if not held:
        return ()
    bounds = sorted(draw(st.sets(instants(), max_size=4)))
    phases = []
    for index, starts_at in enumerate(bounds):
        plan, version = draw(st.sampled_from(held))
        is_last = index == len(bounds) - 1
        phases.append(
            PlanPhase(
                plan=plan,
                plan_version=version,
                status=draw(st.sampled_from(SubscriptionStatus)),
                interval=draw(st.sampled_from([Recurrence.MONTH, Recurrence.YEAR])),
                currency="EUR",
                quantity=draw(st.integers(1, 20)),
                starts_at=starts_at,
                ends_at=draw(ends_after(starts_at)) if is_last else bounds[index + 1],
            )
        )
    return tuple(phases)


def ends_after(starts_at: datetime) -> st.SearchStrategy[datetime | None]:
    """An end after a start, or none."""
    return st.none() | st.timedeltas(timedelta(microseconds=1), timedelta(days=800)).map(
        lambda length: starts_at + length
    )


@st.composite
def addon_phases(draw: st.DrawFn, snapshot: Snapshot) -> AddOnPhase:
    key = draw(st.sampled_from(sorted(snapshot.addon_versions)))
    starts_at = draw(instants())
    return AddOnPhase(
        addon=key,
        addon_version=snapshot.addon_versions[key],
        quantity=draw(st.integers(1, 5)),
        starts_at=starts_at,
        ends_at=draw(ends_after(starts_at)),
    )


@st.composite
def feature_grants(draw: st.DrawFn, snapshot: Snapshot, identity: str) -> Grant:
    """An override, revoke, promotion or trial of one feature."""
    feature = draw(st.sampled_from(list(snapshot.catalogue.features.values())))
    kind = draw(st.sampled_from(GrantKind))
    starts_at = draw(instants())
    return Grant(
        id=identity,
        kind=kind,
        created_at=draw(instants()),
        starts_at=starts_at,
        ends_at=draw(ends_after(starts_at)),
        feature=feature.key,
        entitlement=None if kind is GrantKind.REVOKE else draw(entitlements(feature)),
        max_uses=draw(st.none() | whole_numbers(1)) if kind is GrantKind.TRIAL else None,
        reason=draw(st.none() | texts()),
    )


@st.composite
def plan_trials(draw: st.DrawFn, snapshot: Snapshot, identity: str) -> Grant:
    key = draw(st.sampled_from(sorted(snapshot.plan_versions)))
    starts_at = draw(instants())
    return Grant(
        id=identity,
        kind=GrantKind.TRIAL,
        created_at=starts_at,
        starts_at=starts_at,
        ends_at=draw(ends_after(starts_at)),
        plan=key,
        plan_version=snapshot.plan_versions[key],
    )


@st.composite
def grants(draw: st.DrawFn, snapshot: Snapshot) -> tuple[Grant, ...]:
    """Some grants with different ids."""
    makers = [feature_grants] if snapshot.catalogue.features else []
    makers += [plan_trials] if snapshot.plan_versions else []
    if not makers:
        return ()
    count = draw(st.integers(0, 3))
    return tuple(draw(draw(st.sampled_from(makers))(snapshot, f"grt_{number}")) for number in range(count))


@st.composite
def usage(draw: st.DrawFn, snapshot: Snapshot) -> dict[UsageKey, int]:
    """Counters of the counted features in windows that may or may not be the current ones."""
    counted = [key for key, feature in snapshot.catalogue.features.items() if feature.kind.is_counted]
    if not counted:
        return {}
    windows = st.sampled_from(
        ["never", "day:2026-11-22T00:00:00Z", "month:2026-11-01T00:00:00Z", "year:2026-01-01T00:00:00Z", "bucket:grt_0"]
    )
    usage_keys = st.tuples(st.sampled_from(counted), st.none() | st.just("u1"), windows)
    return draw(st.dictionaries(usage_keys, whole_numbers(), max_size=4))


@cache
def attributes() -> st.SearchStrategy[dict[str, Any]]:
    """What a host reports about an account."""
    values = (
        st.none()
        | st.booleans()
        | texts()
        | st.integers(-LARGEST, LARGEST)
        | st.floats(allow_nan=False, allow_infinity=False)
    )
    return st.dictionaries(texts(), values, max_size=3)


@st.composite
def customer_states(draw: st.DrawFn, snapshot: Snapshot) -> CustomerState:
    """Any state a customer of that snapshot's environment can be in."""
    pinned = draw(pinned_plans(snapshot))
    addons = st.lists(addon_phases(snapshot), max_size=2) if snapshot.addon_versions else st.just([])
    return CustomerState(
        environment=snapshot.environment,
        customer=draw(st.sampled_from(["acme", "globex@example.com"])),
        version=draw(whole_numbers()),
        language=draw(st.none() | st.sampled_from(LANGUAGES)),
        currency=draw(st.none() | st.sampled_from(["EUR", "USD"])),
        attributes=draw(attributes()),
        buyers=tuple(draw(st.lists(st.sampled_from(["u1", "u2"]), unique=True))),
        billing_anchor=draw(st.none() | instants()),
        phases=draw(plan_phases(snapshot, pinned)),
        addons=tuple(draw(addons)),
        grants=draw(grants(snapshot)),
        pinned_plans=pinned,
        usage=draw(usage(snapshot)),
    )


# ---- decisions and payloads ----


def _optional_numbers() -> st.SearchStrategy[int | None]:
    return st.none() | whole_numbers()


@cache
def decisions() -> st.SearchStrategy[Decision]:
    """Any decision that can be written down, whether or not one engine run would make it."""
    reasons = st.sampled_from(Reason)
    ends = st.none() | instants()
    return st.builds(
        Decision,
        granted=st.booleans(),
        reason=reasons,
        gate=keys(),
        feature=st.none() | keys(),
        used=_optional_numbers(),
        limit=_optional_numbers(),
        remaining=_optional_numbers(),
        resets_at=ends,
        value=st.none() | texts() | whole_numbers(),
        sources=st.lists(st.builds(Source, st.sampled_from(SourceKind), keys(), ends), max_size=3).map(tuple),
        decided_by=st.none() | keys(),
        observed=st.none() | reasons,
        message=st.none() | texts(),
        valid_until=ends,
        catalogue_version=_optional_numbers(),
        customer_version=_optional_numbers(),
        stale=st.booleans(),
        fallback=st.booleans(),
        _build_offer=st.none(),
        _offer=st.none(),
    )


def _purchase_options() -> st.SearchStrategy[PurchaseOption]:
    return st.builds(
        PurchaseOption,
        id=texts(),
        plan=st.none() | keys(),
        addon=st.none() | keys(),
        quantity=whole_numbers(),
        interval=st.sampled_from(["month", "year"]),
        currency=st.sampled_from(["EUR", "JPY"]),
        amount=whole_numbers(),
        price=texts(),
        price_note=texts(),
        label=texts(),
        selected=st.booleans(),
        saving=st.none() | texts(),
    )


def _contents() -> st.SearchStrategy[Content]:
    bars = st.builds(
        UsageBar,
        label=texts(),
        text=texts(),
        used=whole_numbers(),
        limit=whole_numbers(),
        percent=st.integers(0, 100),
        note=st.none() | texts(),
    )
    return st.builds(
        Content,
        title=texts(),
        body=texts(),
        eyebrow=st.none() | texts(),
        bullets=st.lists(texts(), max_size=2).map(tuple),
        usage=st.none() | bars,
        options=st.lists(_purchase_options(), max_size=2).map(tuple),
        legal=st.none() | texts(),
    )


def _actions() -> st.SearchStrategy[Action]:
    opening = {ActionKind.CONTACT_SALES, ActionKind.URL}
    styles = st.sampled_from(ActionStyle)
    hrefs = st.sampled_from(["https://example.com/", "mailto:sales@example.com", "/pricing"])
    return st.builds(Action, st.sampled_from(sorted(opening)), texts(), styles, hrefs) | st.builds(
        Action, st.sampled_from(sorted(set(ActionKind) - opening)), texts(), styles
    )


@cache
def payloads() -> st.SearchStrategy[Payload]:
    """Any payload."""
    return st.builds(
        Payload,
        offer=st.builds(OfferReference, keys(), whole_numbers()),
        trigger=st.sampled_from(Trigger),
        gate=keys(),
        language=st.sampled_from(LANGUAGES),
        content=_contents(),
        labels=st.dictionaries(keys(), texts(), max_size=2),
        actions=st.lists(_actions(), max_size=2).map(tuple),
        feature=st.none() | keys(),
        placement=st.none() | keys(),
        direction=st.sampled_from(["ltr", "rtl"]),
        customer_version=_optional_numbers(),
        catalogue_version=_optional_numbers(),
        impression_id=st.none() | keys(),
        expires_at=st.none() | instants(),
        presentation=st.builds(Presentation, st.just("modal"), st.booleans(), st.booleans()),
    )


# ---- what must be refused ----


@cache
def json_values() -> st.SearchStrategy[Any]:
    """Any value a JSON or YAML reader can return, texts no encoder takes included."""
    words = st.text(max_size=8) | st.sampled_from(
        ["schema", "wire", "name", "limit", "unlimited", "\ud800", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00"]
    )
    leaves = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | words
    names = words | st.integers() | st.none()
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
    )


@st.composite
def spoiled(draw: st.DrawFn, document: Any) -> Any:
    """A document in which something, anywhere, has been replaced by something else."""
    wrecked = copy.deepcopy(document)
    holder = wrecked
    while True:
        places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not places:
            return wrecked
        place = draw(st.sampled_from(places))
        inner = holder[place]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            holder[place] = draw(json_values())
            return wrecked
        holder = inner
