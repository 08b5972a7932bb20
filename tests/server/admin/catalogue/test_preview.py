"""The preview runs the engine on the draft for an invented account."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.admin.catalogue.preview import (
    Scenario,
    decide,
    find_scenario,
    gate_scenario,
    offer_of,
    snapshot_of,
    with_texts,
)
from liftgate_server.catalog.document import read_source

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def shown(snapshot, scenario) -> Any:
    return decide(snapshot, scenario, AT).offer


@pytest.fixture(scope="module")
def catalogue():
    text = files("liftgate_server").joinpath("demo/catalogue.yaml").read_bytes()
    return read_catalogue(read_source(text, is_json=False).value)


@pytest.fixture
def snapshot(catalogue):
    return snapshot_of("demo", catalogue, AT)


@pytest.mark.parametrize("offer", ["limit_reached", "not_enough_left", "not_included", "revoked", "gate_closed"])
def test_a_case_is_found_in_which_the_offer_is_shown(snapshot, offer):
    scenario = find_scenario(snapshot, offer, AT)
    assert scenario is not None
    assert offer_of(decide(snapshot, scenario, AT)) == offer
    assert shown(snapshot, scenario).content.title


def test_no_case_is_found_for_an_offer_that_cannot_happen(snapshot):
    assert find_scenario(snapshot, "value_too_low", AT) is None


def test_own_words_that_are_not_saved_are_shown(snapshot, catalogue):
    changed = with_texts(catalogue, "limit_reached", {"title": {"en": "Time for {product}"}})
    scenario = Scenario("boards.create", "free", used=3, language="en", offer="limit_reached")
    assert shown(snapshot_of("demo", changed, AT), scenario).content.title == "Time for Pro"
    assert shown(snapshot, scenario).content.title == "More boards with Pro"


def test_a_reader_who_may_not_buy_can_request(snapshot):
    scenario = Scenario("boards.create", "free", used=3, may_buy=False)
    assert shown(snapshot, scenario).actions[0].kind == "request_upgrade"


def test_a_gate_that_is_observed_is_previewed_as_if_it_were_enforced(snapshot, catalogue):
    document = {"schema": 1, "languages": ["en"], "features": {"sso": {"kind": "switch", "name": {"en": "SSO"}}},
                "plans": {"free": {"name": {"en": "Free"}, "rank": 0}},
                "gates": {"sso.page": {"requires": "sso", "mode": "observe"}}}  # fmt: skip
    observed = snapshot_of("demo", read_catalogue(document), AT)
    assert gate_scenario(observed, "sso.page", AT) == Scenario("sso.page", "free", offer="not_included")


def test_a_gate_that_counts_is_previewed_with_its_limit_used_up(snapshot):
    assert gate_scenario(snapshot, "boards.create", AT) == Scenario("boards.create", "free", 3, offer="limit_reached")
