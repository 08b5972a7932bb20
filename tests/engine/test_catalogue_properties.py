"""What holds for every catalogue document, valid or not."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue import (
    InvalidCatalogue,
    read_addon,
    read_catalogue,
    read_entitlement,
    read_plan,
    write_addon,
    write_catalogue,
    write_entitlement,
    write_plan,
)
from liftgate.engine.catalogue_model import Catalogue
from tests.engine.strategies import catalogue_documents, catalogues, json_values, spoiled


@given(catalogues())
def test_what_is_written_is_read_back_the_same(catalogue: Catalogue) -> None:
    assert read_catalogue(write_catalogue(catalogue)) == catalogue


@given(catalogues())
def test_the_normal_form_survives_json(catalogue: Catalogue) -> None:
    document = write_catalogue(catalogue)

    assert json.loads(json.dumps(document)) == document


@given(catalogue_documents())
def test_writing_twice_changes_nothing(document: dict[str, Any]) -> None:
    normal = write_catalogue(read_catalogue(document))

    assert json.dumps(write_catalogue(read_catalogue(normal))) == json.dumps(normal)


@given(catalogues())
def test_the_order_of_features_plans_and_gates_is_kept(catalogue: Catalogue) -> None:
    again = read_catalogue(write_catalogue(catalogue))

    assert [*again.features, *again.plans, *again.gates] == [*catalogue.features, *catalogue.plans, *catalogue.gates]


@given(catalogues())
def test_plans_and_addons_stand_alone(catalogue: Catalogue) -> None:
    for plan in catalogue.plans.values():
        assert read_plan(plan.key, write_plan(plan)) == plan
    for addon in catalogue.addons.values():
        assert read_addon(addon.key, write_addon(addon)) == addon


@given(catalogues())
def test_an_entitlement_is_read_back_by_its_feature(catalogue: Catalogue) -> None:
    for plan in catalogue.plans.values():
        for key, entitlement in plan.entitlements.items():
            feature = catalogue.features[key]
            assert read_entitlement(feature, write_entitlement(feature, entitlement)) == entitlement


@given(json_values())
def test_any_value_is_read_or_refused_with_problems(value: Any) -> None:
    with contextlib.suppress(InvalidCatalogue):
        read_catalogue(value)


@pytest.mark.parametrize("keys", [("\ud800", "\x1f"), ("\x1f", "\ud800")])
def test_a_key_that_cannot_be_encoded_is_named_in_what_can(keys: tuple[str, str]) -> None:
    document = {"schema": 1, "languages": ["en"], "plans": dict.fromkeys(keys)}

    with pytest.raises(InvalidCatalogue) as refusal:
        read_catalogue(document)

    assert [problem.path for problem in refusal.value.problems if not problem.path.isprintable()] == []


@given(st.data())
def test_a_spoiled_document_is_read_or_refused_with_printable_problems(data: st.DataObject) -> None:
    document = data.draw(catalogue_documents().flatmap(spoiled))

    try:
        catalogue = read_catalogue(document)
    except InvalidCatalogue as refusal:
        for problem in refusal.problems:
            assert f"{problem.path} {problem.message}".encode()
    else:
        assert read_catalogue(write_catalogue(catalogue)) == catalogue
