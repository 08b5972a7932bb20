"""The smallest sufficient step is truly sufficient, and truly the smallest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Cap, Entitlement, Recurrence, Snapshot
from liftgate.engine.customer_state import AddOnPhase, CustomerState, PlanPhase, SubscriptionStatus
from liftgate.engine.judging import Asked
from liftgate.engine.steps import candidate_steps, smallest_step

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _snapshot(**changes: object) -> Snapshot:
    price = [{"interval": "month", "currency": "EUR", "amount": 1000}]
    document = {
        "schema": 1,
        "languages": ["en"],
        "default_plan": "free",
        "features": {
            "boards": {"kind": "capacity", "name": {"en": "Boards"}},
            "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
        },
        "plans": {
            "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 3}},
            "partner": {"name": {"en": "Partner"}, "rank": 5, "entitlements": {"boards": 9}},
            "pro": {"name": {"en": "Pro"}, "rank": 10, "prices": price, "entitlements": {"boards": 10}},
            "max": {"name": {"en": "Max"}, "rank": 20, "prices": price, "entitlements": {"boards": 99, "sso": True}},
        },
        "addons": {
            "more": {
                "name": {"en": "More"},
                "prices": price,
                "max_quantity": 40,
                "plans": ["pro"],
                "entitlements": {"boards": 5},
            }
        },
        **changes,
    }
    catalogue = read_catalogue(document)
    plans = dict.fromkeys(catalogue.plans, 1)
    return Snapshot("test", 1, AT, catalogue, plans, dict.fromkeys(catalogue.addons, 1))


def _on(plan: str) -> CustomerState:
    phase = PlanPhase(plan, 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, AT)
    return CustomerState("test", "acme", 1, phases=(phase,))


def _step_name(snapshot: Snapshot, state: CustomerState, feature: str, used: int | None = None) -> str | None:
    gate = snapshot.gate(feature)
    assert gate is not None
    step = smallest_step(snapshot, state, gate, Asked(at=AT, reported=used))
    if step is None:
        return None
    return step.plan.key if step.plan else f"{step.quantity} {step.addon.key if step.addon else ''}"


def test_the_lowest_plan_that_suffices_and_can_be_bought_is_taken() -> None:
    assert _step_name(_snapshot(), CustomerState("test", "acme", 1), "boards", used=3) == "pro"


def test_a_plan_that_would_still_refuse_is_passed_over() -> None:
    assert _step_name(_snapshot(), CustomerState("test", "acme", 1), "sso") == "max"


def test_an_add_on_comes_before_a_plan_in_the_quantity_needed() -> None:
    assert _step_name(_snapshot(), _on("pro"), "boards", used=10) == "1 more"
    assert _step_name(_snapshot(), _on("pro"), "boards", used=15) == "2 more"


def test_an_add_on_that_does_not_fit_the_plan_is_not_offered() -> None:
    assert _step_name(_snapshot(), CustomerState("test", "acme", 1), "boards", used=10) == "max"


def test_a_need_beyond_a_few_add_ons_leads_to_the_plan() -> None:
    assert _step_name(_snapshot(), _on("pro"), "boards", used=60) == "max"


def test_nothing_is_offered_when_nothing_suffices() -> None:
    assert _step_name(_snapshot(), _on("max"), "boards", used=99) is None


def test_what_cannot_be_bought_in_the_customer_s_currency_comes_last() -> None:
    state = CustomerState("test", "acme", 1, currency="USD")

    assert _step_name(_snapshot(), state, "boards", used=3) == "partner"


def test_more_of_an_add_on_that_is_held_is_what_is_held() -> None:
    snapshot = replace(_snapshot(), addon_versions={"more": 2})
    small = replace(snapshot.catalogue.addons["more"], entitlements={"boards": Entitlement("boards", caps=(Cap(1),))})
    held = replace(_on("pro"), addons=(AddOnPhase("more", 1, 1, AT),), pinned_addons={"more@1": small})

    assert _step_name(snapshot, held, "boards", used=11) == "1 more"
    assert _step_name(snapshot, held, "boards", used=13) == "3 more"
    assert _step_name(snapshot, held, "boards", used=30) == "max"


def test_no_more_of_an_add_on_is_offered_than_can_be_held() -> None:
    held = replace(_on("pro"), addons=(AddOnPhase("more", 1, 39, AT),))

    assert _step_name(_snapshot(), held, "boards", used=10 + 39 * 5) == "1 more"
    assert _step_name(_snapshot(), held, "boards", used=10 + 40 * 5) is None


def test_an_add_on_that_does_not_fit_the_larger_plan_does_not_count_there() -> None:
    held = replace(_on("pro"), addons=(AddOnPhase("more", 1, 1, AT),))

    assert _step_name(_snapshot(), held, "boards", used=98) == "max"
    assert _step_name(_snapshot(), held, "boards", used=99) is None


def test_a_newer_version_of_the_plan_that_is_held_is_not_offered() -> None:
    snapshot = replace(_snapshot(addons={}), plan_versions={"free": 1, "partner": 1, "pro": 2, "max": 1})
    earlier = replace(snapshot.catalogue.plans["pro"], rank=8, entitlements={})

    assert _step_name(snapshot, replace(_on("pro"), pinned_plans={"pro@1": earlier}), "boards", used=6) == "max"


def test_nothing_is_sold_while_the_subscription_is_paused() -> None:
    (phase,) = _on("pro").phases
    paused = replace(_on("pro"), phases=(replace(phase, status=SubscriptionStatus.PAUSED),))

    assert _step_name(_snapshot(), paused, "boards", used=3) is None


@given(st.integers(0, 120), st.sampled_from(["free", "partner", "pro", "max"]))
def test_every_offered_step_would_open_the_gate_and_no_smaller_one_would(used: int, plan: str) -> None:
    snapshot, state = _snapshot(), _on(plan)
    gate = snapshot.gate("boards")
    assert gate is not None

    step = smallest_step(snapshot, state, gate, Asked(at=AT, reported=used))

    candidates = list(candidate_steps(snapshot, state, gate, Asked(at=AT, reported=used)))
    granting = [candidate for candidate in candidates if candidate.verdict.granted and candidate.prices]
    assert (
        (step.plan, step.addon, step.quantity) == (granting[0].plan, granting[0].addon, granting[0].quantity)
        if (step and granting)
        else not granting
    )
