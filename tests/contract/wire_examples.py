"""The values behind the golden files of the wire, written down a second time as what they mean."""

from __future__ import annotations

from datetime import UTC, datetime

from liftgate.engine.catalogue_model import (
    AddOn,
    Cap,
    Catalogue,
    Enforcement,
    Entitlement,
    Feature,
    FeatureKind,
    Gate,
    Incentive,
    Match,
    MeterFailPolicy,
    OnUpgrade,
    OverLimitPolicy,
    OverLimitRule,
    Plan,
    Price,
    PricePer,
    Recurrence,
    Requirement,
    Scope,
    Snapshot,
    Succession,
    TrialPolicy,
    UnitForms,
    ValueMetric,
)
from liftgate.engine.customer_state import (
    AddOnPhase,
    Crossed,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
)
from liftgate.engine.payload_model import (
    Action,
    ActionKind,
    ActionStyle,
    Content,
    Grandfathering,
    OfferReference,
    Payload,
    PurchaseOption,
    Trigger,
    UsageBar,
)

JANUARY_1 = datetime(2027, 1, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
NOVEMBER_22 = datetime(2026, 11, 22, 9, tzinfo=UTC)
JANUARY_31 = datetime(2026, 1, 31, 10, tzinfo=UTC)

_FREE = Plan(
    key="free",
    name={"en": "Free", "de": "Gratis"},
    rank=0,
    entitlements={
        "boards": Entitlement("boards", caps=(Cap(3),)),
        "exports": Entitlement(
            "exports", caps=(Cap(2, Recurrence.DAY, scope=Scope.USER), Cap(20, Recurrence.MONTH, warn_at=(80, 100)))
        ),
        "sso": Entitlement("sso", enabled=False),
        "resolution": Entitlement("resolution", value="720p"),
    },
)
_PRO = Plan(
    key="pro",
    name={"en": "Pro"},
    rank=10,
    entitlements={
        "boards": Entitlement("boards", caps=(Cap(None),)),
        "exports": Entitlement("exports", caps=(Cap(None),)),
        "sso": Entitlement("sso", enabled=True),
    },
    prices=(
        Price(Recurrence.MONTH, "EUR", 2900, PricePer.SEAT),
        Price(Recurrence.YEAR, "EUR", 29000, PricePer.SEAT),
    ),
    description={"en": "For teams"},
    trial=TrialPolicy(days=14),
)

SNAPSHOT = Snapshot(
    environment="demo",
    version=12,
    published_at=datetime(2026, 11, 22, 9, 0, 0, 250000, tzinfo=UTC),
    catalogue=Catalogue(
        languages=("en", "de"),
        time_zone="Europe/Berlin",
        default_plan="free",
        features={
            "boards": Feature(
                "boards",
                FeatureKind.CAPACITY,
                {"en": "Boards", "de": "Boards"},
                unit={"en": UnitForms("board", "boards"), "de": UnitForms("Board", "Boards")},
                over_limit=OverLimitRule(OverLimitPolicy.GRACE, 14),
            ),
            "exports": Feature(
                "exports",
                FeatureKind.METERED,
                {"en": "Exports", "de": "Exporte"},
                on_upgrade=OnUpgrade.RESET,
                over_limit=OverLimitRule(OverLimitPolicy.READ_ONLY),
                on_failure=MeterFailPolicy.ALLOW_AND_RECORD,
            ),
            "sso": Feature("sso", FeatureKind.SWITCH, {"en": "Single sign-on"}),
            "resolution": Feature(
                "resolution", FeatureKind.SETTING, {"en": "Resolution"}, values=("720p", "1080p", "4k")
            ),
        },
        plans={"free": _FREE, "pro": _PRO},
        addons={
            "extra_exports": AddOn(
                key="extra_exports",
                name={"en": "100 more exports"},
                entitlements={"exports": Entitlement("exports", caps=(Cap(100, Recurrence.MONTH),))},
                prices=(Price(Recurrence.MONTH, "EUR", 900),),
                max_quantity=10,
            ),
            "fax_pack": AddOn("fax_pack", {"en": "Fax"}, {}, archived=True),
        },
        gates={
            "reports.export": Gate("reports.export", (Requirement("exports"),), placement="reports.toolbar"),
            "boards.open": Gate("boards.open", (Requirement("boards", units=0),)),
            "video": Gate("video", (Requirement("sso"), Requirement("resolution", at_least="4k")), match=Match.ANY),
        },
        texts={"limit_reached": {"title": {"en": "Out of {thing}?", "de": "Keine {thing} mehr?"}}},
        value_metrics={
            "minutes_saved": ValueMetric(
                "minutes_saved", {"en": "Minutes saved"}, unit={"en": UnitForms("minute", "minutes")}
            )
        },
    ),
    plan_versions={"free": 1, "pro": 3},
    addon_versions={"extra_exports": 1, "fax_pack": 1},
    plan_successions={
        "pro@1": Succession(2, at=JANUARY_31),
        "pro@2": Succession(
            3,
            at=JANUARY_1,
            notice_at=DECEMBER,
            incentive=Incentive("exports", Entitlement("exports", caps=(Cap(100, Recurrence.MONTH),)), days=30),
        ),
    },
)

STATE = CustomerState(
    environment="demo",
    customer="acme",
    version=7,
    language="de",
    currency="EUR",
    attributes={"industry": "media", "employees": 40, "score": 0.5, "is_partner": False, "region": None},
    buyers=("u1",),
    billing_anchor=JANUARY_31,
    phases=(
        PlanPhase(
            "pro", 2, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 5, starts_at=JANUARY_31, ends_at=DECEMBER
        ),
        PlanPhase("free", 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, starts_at=DECEMBER),
    ),
    addons=(AddOnPhase("extra_exports", 1, 2, starts_at=JANUARY_31, interval=Recurrence.MONTH),),
    grants=(
        Grant(
            "grt_1",
            GrantKind.OVERRIDE,
            NOVEMBER_22,
            NOVEMBER_22,
            feature="exports",
            entitlement=Entitlement("exports", caps=(Cap(500, Recurrence.MONTH),)),
            reason="pilot",
        ),
        Grant("grt_2", GrantKind.REVOKE, NOVEMBER_22, NOVEMBER_22, feature="sso", reason="invoice unpaid"),
        Grant(
            "grt_3",
            GrantKind.PROMOTION,
            NOVEMBER_22,
            NOVEMBER_22,
            ends_at=DECEMBER,
            feature="boards",
            entitlement=Entitlement("boards", caps=(Cap(2),)),
        ),
        Grant(
            "grt_4",
            GrantKind.TRIAL,
            NOVEMBER_22,
            NOVEMBER_22,
            ends_at=DECEMBER,
            feature="resolution",
            entitlement=Entitlement("resolution", value="4k"),
            max_uses=10,
        ),
        Grant("grt_5", GrantKind.TRIAL, NOVEMBER_22, NOVEMBER_22, ends_at=DECEMBER, plan="pro", plan_version=3),
    ),
    pinned_plans={
        "pro@2": Plan(
            key="pro",
            name={"en": "Pro"},
            rank=10,
            entitlements={
                "boards": Entitlement("boards", caps=(Cap(50, enforcement=Enforcement.SOFT, overage=5),)),
                "fax": Entitlement("fax", enabled=True),
                "resolution": Entitlement("resolution", value="1080p"),
            },
            prices=(Price(Recurrence.MONTH, "EUR", 2500, PricePer.SEAT),),
        )
    },
    pinned_addons={
        "extra_exports@1": AddOn(
            key="extra_exports",
            name={"en": "50 more exports"},
            entitlements={"exports": Entitlement("exports", caps=(Cap(50, Recurrence.MONTH),))},
            max_quantity=5,
            plans=("pro",),
        )
    },
    usage={
        ("exports", None, "month:2026-11-01T00:00:00Z"): 42,
        ("exports", "u1", "day:2026-11-22T00:00:00Z"): 1,
        ("boards", None, "never"): 12,
    },
    crossings=(
        Crossed("exports", None, "month:2026-11-01T00:00:00Z", 80, NOVEMBER_22),
        Crossed("exports", "u1", "day:2026-11-22T00:00:00Z", 100, NOVEMBER_22),
    ),
)

PAYLOAD = Payload(
    offer=OfferReference("builtin.limit_reached", 1),
    trigger=Trigger.LIMIT_REACHED,
    gate="boards.create",
    language="en",
    content=Content(
        title="More boards with Pro",
        body="Your plan Free includes 3 boards and you have 3. Your existing boards stay as they are.",
        eyebrow="Limit reached",
        bullets=("Unlimited boards", "Unlimited exports", "Single sign-on"),
        usage=UsageBar("Boards", "3 / 3", used=3, limit=3, percent=100, note="Resets on 1 December 2026"),
        options=(
            PurchaseOption(
                "pro:month:EUR",
                plan="pro",
                addon=None,
                quantity=1,
                interval="month",
                currency="EUR",
                amount=2900,
                price="€29",
                price_note="per month",
                label="Monthly",
                selected=True,
            ),
            PurchaseOption(
                "pro:year:EUR",
                plan="pro",
                addon=None,
                quantity=1,
                interval="year",
                currency="EUR",
                amount=29000,
                price="€290",
                price_note="per year",
                label="Yearly",
                saving="Save 17 %",
            ),
        ),
        legal="Cancel any time.",
        grandfathering=Grandfathering("From January 1, 2027, the new version of Free applies to you.", JANUARY_1),
    ),
    labels={"close": "Close", "confirm": "Confirm order", "success_title": "You are on Pro"},
    actions=(
        Action(ActionKind.CHECKOUT, "Upgrade now", ActionStyle.PRIMARY),
        Action(ActionKind.CONTACT_SALES, "Talk to us", href="mailto:sales@example.com"),
        Action(ActionKind.DISMISS, "Not now"),
    ),
    feature="boards",
    placement="boards.toolbar",
    customer_version=7,
    catalogue_version=12,
    impression_id="imp_1",
    expires_at=DECEMBER,
)

BARE_PAYLOAD = Payload(
    offer=OfferReference("builtin.gate_denied", 1),
    trigger=Trigger.GATE_DENIED,
    gate="sso",
    language="ar",
    content=Content(title="Single sign-on is not included", body="Your plan does not include it."),
    labels={"close": "Close"},
    actions=(Action(ActionKind.DISMISS, "OK", ActionStyle.PRIMARY),),
    direction="rtl",
)
