"""p20: the product manager is warned when plans do not make sense beside each other, before anything is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from liftgate_server.cli import main
from tests.scenarios.conftest import Stack


@pytest.fixture
def catalog(stack: Stack) -> Any:
    """Run `liftgate catalog …` as the product manager's job does."""
    settings = {"LIFTGATE_URL": stack.url, "LIFTGATE_MANAGEMENT_KEY": stack.keys.management, "no_proxy": "127.0.0.1"}

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["catalog", *arguments], env=settings)

    return run


def plans_by_rank(stack: Stack) -> list[str]:
    plans = stack.manage("GET", "/v1/catalogue")["document"]["plans"]
    return sorted(plans, key=lambda key: int(plans[key]["rank"]))


def edit(stack: Stack, *path: str, value: Any) -> Any:
    base = stack.manage("GET", "/v1/catalogue/draft").get("revision", 0)
    edits = [{"path": list(path), "value": value}]
    return stack.manage("PATCH", "/v1/catalogue/draft", {"base_revision": base, "edits": edits})


def warned(stack: Stack) -> set[tuple[str, str, str]]:
    found = stack.manage("GET", "/v1/catalogue/warnings")["items"]
    return {(warning["code"], warning["plan"], warning["other"]) for warning in found}


def test_a_plan_that_offers_nothing_new_is_warned_of_while_it_is_edited(stack: Stack) -> None:
    *_, lower, higher = plans_by_rank(stack)
    known = warned(stack)
    plan = stack.manage("GET", "/v1/catalogue")["document"]["plans"][lower]

    edit(stack, "plans", higher, "entitlements", value=plan["entitlements"])

    assert warned(stack) - known == {("nothing_new", higher, lower)}


def test_a_higher_plan_that_lacks_what_a_lower_one_has_is_in_the_review(stack: Stack) -> None:
    lower, higher = plans_by_rank(stack)[:2]
    plan = stack.manage("GET", "/v1/catalogue")["document"]["plans"][lower]
    feature = next(iter(plan["entitlements"]))

    edit(stack, "plans", higher, "entitlements", feature, value=None)

    reviewed = stack.manage("GET", "/v1/catalogue/review?language=de")
    assert ("lacks_feature", feature) in {
        (warning["code"], warning["values"].get("feature")) for warning in reviewed["warnings"]
    }
    assert any("nicht enthalten" in change for change in reviewed["changes"])


def test_a_job_can_stop_at_a_warning_before_anything_is_published(catalog: Any, stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    assert catalog("pull", str(file)).exit_code == 0
    higher, dearest = plans_by_rank(stack)[-2:]
    prices = stack.manage("GET", "/v1/catalogue")["document"]["plans"][higher]["prices"]
    edit(stack, "plans", dearest, "prices", value=prices)

    result = catalog("review", "--fail-on-warnings")

    assert result.exit_code == 1
    assert f"Plan {dearest} is not dearer than {higher}" in result.stdout
    assert stack.manage("GET", "/v1/catalogue")["version"] == 1
    assert catalog("diff", str(file)).exit_code == 0
