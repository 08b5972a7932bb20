"""How what a customer holds of one feature comes together."""

from __future__ import annotations

from liftgate.engine.catalogue_model import Cap, Entitlement, Recurrence
from liftgate.engine.customer_state import Grant, GrantKind
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.limits import CapSet, raise_caps
from tests.engine.upsell import AT, SNAPSHOT, customer


def test_an_addition_with_a_period_that_the_base_lacks_stays_beside_it() -> None:
    base = CapSet(Source(SourceKind.PLAN, "pro@1"), (Cap(5, Recurrence.MONTH),))

    assert raise_caps(base, (Cap(7, Recurrence.MONTH), Cap(1, Recurrence.DAY)), 1) is None


def test_overrides_of_the_same_instant_are_taken_in_the_same_order_however_they_come() -> None:
    overrides = tuple(
        Grant(key, GrantKind.OVERRIDE, AT, AT, feature="boards", entitlement=Entitlement("boards", caps=(Cap(limit),)))
        for key, limit in (("grt_1", 7), ("grt_2", 9))
    )

    for grants in (overrides, overrides[::-1]):
        assert Evaluator(SNAPSHOT, customer(grants=grants)).decide("boards", at=AT).limit == 9
