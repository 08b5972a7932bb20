"""The language-neutral case files of tests/cases, read once for the three doors that each of them passes through."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"
ENVIRONMENT = "cases"
CUSTOMER = "acme"


@dataclass(frozen=True)
class Case:
    """One case: catalogues in the order of their publication, a customer's state, a check and what must come out."""

    name: str
    catalogues: tuple[dict[str, Any], ...]
    state: dict[str, Any]
    check: dict[str, Any]
    expected: dict[str, Any]
    plan_successions: dict[str, Any]

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.check["at"])


def read_cases() -> list[Case]:
    return [_read_case(path) for path in sorted(FOLDER.glob("*.json"))]


def product_versions(catalogues: tuple[dict[str, Any], ...], kind: str) -> dict[str, list[dict[str, Any]]]:
    """Return each product's documents by version (the first is version 1): a new one only where the content changed."""
    versions: dict[str, list[dict[str, Any]]] = {}
    for catalogue in catalogues:
        for key, document in catalogue[kind].items():
            known = versions.setdefault(key, [])
            if not known or known[-1] != document:
                known.append(document)
    return versions


def snapshot_document(case: Case) -> dict[str, Any]:
    """Return the snapshot on the wire, as the server would publish it."""
    return {
        "wire": 1,
        "environment": ENVIRONMENT,
        "version": len(case.catalogues),
        "published_at": "2026-01-01T00:00:00Z",
        "catalogue": case.catalogues[-1],
        "plan_versions": {key: len(known) for key, known in product_versions(case.catalogues, "plans").items()},
        "addon_versions": {key: len(known) for key, known in product_versions(case.catalogues, "addons").items()},
        "plan_successions": case.plan_successions,
    }


def state_document(case: Case) -> dict[str, Any]:
    """Return the customer state on the wire, with the plan versions that the snapshot no longer has."""
    plans = product_versions(case.catalogues, "plans")
    pinned = {
        f"{key}@{number}": document
        for key, known in plans.items()
        for number, document in enumerate(known[:-1], start=1)
    }
    nothing: dict[str, Any] = {
        "language": None,
        "currency": None,
        "attributes": {},
        "buyers": [],
        "billing_anchor": None,
        "phases": [],
        "addons": [],
        "grants": [],
        "pinned_addons": {},
        "usage": [],
    }
    identity = {"wire": 1, "environment": ENVIRONMENT, "customer": CUSTOMER, "version": 1}
    return {**nothing, **identity, **case.state, "pinned_plans": pinned}


def assert_holds(expected: Any, actual: Any, path: str = "") -> None:
    """Assert that everything expected is there: objects may have more members, lists may not be longer."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{path}: expected an object, found {actual!r}"
        for key, value in expected.items():
            # The wire leaves out what there is nothing of; `null` in a case says just that.
            assert_holds(value, actual.get(key), f"{path}.{key}")
    elif isinstance(expected, list):
        found = len(actual or [])
        assert found == len(expected), f"{path}: expected {len(expected)} items, found {found}: {actual!r}"
        for index, value in enumerate(expected):
            assert_holds(value, actual[index], f"{path}[{index}]")
    else:
        # `1 == True` in Python; in JSON they are different answers.
        same = (type(actual), actual) == (type(expected), expected)
        assert same, f"{path}: expected {expected!r}, found {actual!r}"


def _read_case(path: Path) -> Case:
    document = json.loads(path.read_text())
    names = [*document.get("published_before", []), document["catalogue"]]
    catalogues = tuple(json.loads((FOLDER / "catalogues" / f"{name}.json").read_text()) for name in names)
    return Case(
        name=path.stem,
        catalogues=catalogues,
        state=document["state"],
        check=document["check"],
        expected=document["expect"],
        plan_successions=document.get("plan_successions", {}),
    )
