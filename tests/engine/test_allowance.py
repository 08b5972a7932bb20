"""What an allowance is made of, by example."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from liftgate.engine.allocation import Part, allocate, count, room
from liftgate.engine.allowance import Allowance, Window, allowance_of
from liftgate.engine.catalogue_model import Cap, Entitlement, Recurrence, Scope
from liftgate.engine.customer_state import CustomerState, Grant, GrantKind
from liftgate.engine.decision import Reason
from liftgate.engine.evaluate import Evaluator
from tests.engine.upsell import AT, SNAPSHOT, customer


def _of(feature: str, state: CustomerState, *, user: str | None = None) -> Allowance:
    found = allowance_of(SNAPSHOT, state, feature, at=AT, user=user)
    assert found is not None
    return found


def _grant(kind: GrantKind, *caps: Cap, identity: str = "g") -> Grant:
    entitlement = None if kind is GrantKind.REVOKE else Entitlement("exports", caps=caps)
    return Grant(identity, kind, AT, AT - timedelta(days=1), feature="exports", entitlement=entitlement)


@pytest.mark.parametrize(
    ("limit", "warn_at", "marks"),
    [
        (3, (50,), ((50, 2), (100, 3))),
        (3, (1, 34, 67), ((1, 1), (34, 2), (67, 3), (100, 3))),
        (10, (), ((100, 10),)),
        (0, (50,), ()),
        (None, (50,), ()),
        (2**53 - 1, (33,), ((33, 2972375754064528), (100, 2**53 - 1))),
    ],
)
def test_a_threshold_is_reached_with_the_unit_that_reaches_it(limit, warn_at, marks):
    assert Window("never", None, None, None, limit, limit, limit, warn_at).marks == marks


@pytest.mark.parametrize("feature", ["sso", "no.such.feature"])
def test_what_is_not_counted_has_no_allowance(feature):
    assert allowance_of(SNAPSHOT, customer(), feature, at=AT, user=None) is None


def test_what_is_not_included_has_a_window_of_nothing_to_count_in():
    allowance = _of("exports", replace(customer(), grants=(_grant(GrantKind.OVERRIDE, Cap(0, Recurrence.DAY)),)))

    assert allocate(allowance, {}, 1) is None
    assert allocate(allowance, {}, 1, forced=True) == (Part("base", 1),)
    assert room(allowance, {}).reason is Reason.NOT_INCLUDED


def test_a_revoke_leaves_the_windows_and_takes_their_limits():
    free = _of("exports", customer())
    revoked = _of("exports", replace(customer(), grants=(_grant(GrantKind.REVOKE),)))

    assert [window.counter for window in revoked.windows()] == [window.counter for window in free.windows()]
    assert allocate(revoked, {}, 1) is None


def test_a_limit_of_each_user_needs_the_user():
    state = replace(customer(), grants=(_grant(GrantKind.OVERRIDE, Cap(3, Recurrence.DAY, scope=Scope.USER)),))

    assert _of("exports", state).needs_user
    assert not _of("exports", state, user="u1").needs_user
    assert [window.user for window in _of("exports", state, user="u1").windows()] == ["u1"]


@pytest.mark.parametrize(("used_today", "taken"), [(0, 6), (19, 3), (20, 3)])
def test_the_base_admits_what_its_best_alternative_admits(used_today, taken):
    trial = _grant(GrantKind.TRIAL, Cap(20, Recurrence.DAY), identity="t")
    allowance = _of("exports", replace(customer(), grants=(trial,)))
    day, month = sorted(window.counter for window in allowance.windows())
    counters = {day: used_today, month: 2}

    assert allocate(allowance, counters, taken) == (Part("base", taken),)
    usage = {("exports", None, window): used for (window, _), used in counters.items()}
    asked = Evaluator(SNAPSHOT, replace(customer(usage=usage), grants=(trial,))).decide("exports", at=AT, units=0)
    assert (asked.remaining, asked.limit) == (room(allowance, counters, 0).remaining, room(allowance, counters).limit)
    assert allocate(allowance, {day: 20, month: 2}, 4) is None


def test_two_sources_that_count_in_one_window_keep_their_own_limits():
    trial = _grant(GrantKind.TRIAL, Cap(7, Recurrence.MONTH), identity="t")
    allowance = _of("exports", replace(customer(), grants=(trial,)))
    (window,) = allowance.windows()

    assert window.limit == 7
    assert count(allowance, {}, (Part("base", 2),)) == {window.counter: 2}
    assert [alternative[0].limit for alternative in allowance.buckets[0].alternatives] == [7, 5]
    document: Any = allowance.as_document()
    assert document["buckets"][0][3] == [[[0, 7, 7, 7]], [[0, 5, 5, 5]]]
