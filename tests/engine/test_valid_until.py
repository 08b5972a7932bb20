"""How long an answer holds where several features, plans and trials bear on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from liftgate.engine.catalogue_model import Cap, Entitlement, Gate, Match, Recurrence, Requirement
from liftgate.engine.customer_state import Grant, GrantKind
from liftgate.engine.evaluate import Evaluator
from tests.engine.upsell import AT, SNAPSHOT, customer

SOON = AT + timedelta(hours=3)


def _trial(feature: str, entitlement: Entitlement, **fields: object) -> Grant:
    fields = {"ends_at": SOON, **fields}
    return Grant("grt_1", GrantKind.TRIAL, AT, AT, feature=feature, entitlement=entitlement, **fields)  # type: ignore[arg-type]  # any of its fields


@pytest.mark.parametrize("match", Match)
@pytest.mark.parametrize("keys", [("sso", "exports"), ("exports", "sso")])
def test_a_gate_of_several_features_holds_until_the_first_of_them_may_change(
    match: Match, keys: tuple[str, str]
) -> None:
    gate = Gate("both", tuple(Requirement(key) for key in keys), match=match)
    snapshot = replace(SNAPSHOT, catalogue=replace(SNAPSHOT.catalogue, gates={"both": gate}))
    state = customer(grants=(_trial("sso", Entitlement("sso", enabled=True)),))

    decision = Evaluator(snapshot, state).decide("both", at=AT)

    assert decision.granted
    assert decision.valid_until == SOON


@pytest.mark.parametrize(("uses", "granted"), [(1, True), (2, False), (3, False)])
def test_a_trial_by_uses_ends_with_the_last_of_them(uses: int, granted: bool) -> None:
    trial = _trial("sso", Entitlement("sso", enabled=True), max_uses=2)
    state = customer(grants=(trial,), usage={("sso", None, "trial:grt_1"): uses})

    assert Evaluator(SNAPSHOT, state).decide("sso", at=AT).granted is granted


def test_an_unlimited_plan_does_not_wait_for_the_window_of_a_trial() -> None:
    trial = _trial("exports", Entitlement("exports", caps=(Cap(5, Recurrence.MINUTE),)), ends_at=None)

    assert Evaluator(SNAPSHOT, customer("business", grants=(trial,))).decide("exports", at=AT).valid_until is None
