"""What will be held when versions end is kept with the customer, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from liftgate.engine.catalogue_model import Succession
from liftgate.pins import VersionArchive, is_complete
from tests.engine.upsell import AT, SNAPSHOT, customer

CHAIN = {"pro@1": Succession(2, AT), "pro@2": Succession(3, AT + timedelta(days=1))}
PRO = SNAPSHOT.catalogue.plans["pro"]


def test_a_state_is_complete_with_every_version_that_will_be_held() -> None:
    snapshot = replace(SNAPSHOT, plan_successions=CHAIN)
    state = replace(
        customer(), phases=(replace(customer("pro").phases[0], plan_version=1),), pinned_plans={"pro@1": PRO}
    )

    assert is_complete(state, SNAPSHOT)
    assert not is_complete(state, snapshot)
    assert is_complete(replace(state, pinned_plans={"pro@1": PRO, "pro@2": PRO}), snapshot)


def test_the_archive_of_earlier_snapshots_completes_the_chain() -> None:
    archive, earlier = VersionArchive(), replace(SNAPSHOT, plan_versions={**SNAPSHOT.plan_versions, "pro": 2})
    archive.remember(earlier)
    state = replace(
        customer(), phases=(replace(customer("pro").phases[0], plan_version=1),), pinned_plans={"pro@1": PRO}
    )

    completed = archive.complete(state, replace(SNAPSHOT, plan_successions=CHAIN))

    assert completed.pinned_plans.keys() == {"pro@1", "pro@2"}
