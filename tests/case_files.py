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


@dataclass(frozen=True)
class OperationsCase(Case):
    """A customer who uses something up: operations in their order, and what is counted and was crossed in the end.

    Each operation has an instant ``at``, one of ``OPERATIONS`` with its subject, and what it must answer; where that is
    an ``error``, nothing may have been counted.
    """

    operations: tuple[dict[str, Any], ...]
    counters: tuple[dict[str, Any], ...]
    crossings: tuple[dict[str, Any], ...] | None

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.operations[-1]["at"])


OPERATIONS = (
    "consume",
    "record",
    "reserve",
    "commit",
    "release",
    "refund",
    "set_level",
    "add_level",
    "check",
)


def read_cases() -> list[Case]:
    return [_read_case(path) for path in sorted(FOLDER.glob("*.json"))]


def read_operations_cases() -> list[OperationsCase]:
    return [_read_operations_case(path) for path in sorted((FOLDER / "operations").glob("*.json"))]


def named(operation: dict[str, Any]) -> tuple[str, str]:
    """Return what an operation does, and to what."""
    (name,) = set(OPERATIONS) & set(operation)
    return name, operation[name]


def assert_counted(case: OperationsCase, state: dict[str, Any]) -> None:
    """Assert that the counters and thresholds of a state on the wire are those that the case ends with."""
    usage = {(it["feature"], it["user"], it["window"]): it["used"] for it in state["usage"]}
    for it in case.counters:
        name = (it["feature"], it["user"], it["window"])
        assert usage.get(name, 0) == it["used"], f"{name}: expected {it['used']}, found {usage.get(name)} in {usage}"
    if case.crossings is not None:
        found = [(it["feature"], it["user"], it["window"], it["percent"]) for it in state["crossings"]]
        expected = [(it["feature"], it["user"], it["window"], it["percent"]) for it in case.crossings]
        assert sorted(found, key=str) == sorted(expected, key=str)


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


def _read_operations_case(path: Path) -> OperationsCase:
    document = json.loads(path.read_text())
    crossings = document.get("crossings")
    return OperationsCase(
        name=path.stem,
        catalogues=_read_catalogues(document),
        state=document["state"],
        check={},
        expected={},
        plan_successions=document.get("plan_successions", {}),
        operations=tuple(document["operations"]),
        counters=tuple(document["counters"]),
        crossings=None if crossings is None else tuple(crossings),
    )


def _read_catalogues(document: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    names = [*document.get("published_before", []), document["catalogue"]]
    return tuple(json.loads((FOLDER / "catalogues" / f"{name}.json").read_text()) for name in names)


def _read_case(path: Path) -> Case:
    document = json.loads(path.read_text())
    return Case(
        name=path.stem,
        catalogues=_read_catalogues(document),
        state=document["state"],
        check=document["check"],
        expected=document["expect"],
        plan_successions=document.get("plan_successions", {}),
    )
