"""A Liftgate server in a few lines: the documents it has, the changes it tells, the requests it was sent."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from liftgate.errors import ServerUnreachable
from liftgate.messages import Request, Response
from tests.sdk.fake_ledger import FakeLedger, answer, problem

__all__ = ["CATALOGUE", "EXPLANATION", "FORGIVING", "FakeServer", "answer", "pro_phase", "problem", "state_document"]

CATALOGUE: dict[str, Any] = {
    "schema": 1,
    "languages": ["en", "de"],
    "default_plan": "free",
    "features": {
        "exports": {"kind": "metered", "name": {"en": "Exports", "de": "Exporte"}},
        "boards": {"kind": "capacity", "name": {"en": "Boards", "de": "Boards"}},
        "sso": {"kind": "switch", "name": {"en": "Single sign-on", "de": "Single Sign-on"}},
    },
    "plans": {
        "free": {
            "name": {"en": "Free", "de": "Free"},
            "rank": 0,
            "entitlements": {"exports": {"limit": 5, "per": "month"}, "boards": 3},
        },
        "pro": {
            "name": {"en": "Pro", "de": "Pro"},
            "rank": 10,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 2900}],
            "entitlements": {"exports": "unlimited", "boards": "unlimited", "sso": True},
        },
    },
    "gates": {
        "reports.export": {"requires": "exports"},
        "boards.create": {"requires": "boards"},
        "sso.login": {"requires": "sso", "on_failure": "open"},
        "beta": {"requires": "sso", "mode": "open"},
        "maintenance": {"requires": "sso", "mode": "closed"},
        "trial_run": {"requires": "sso", "mode": "observe"},
    },
}

FORGIVING: dict[str, Any] = {
    **CATALOGUE,
    "features": {
        **CATALOGUE["features"],
        "exports": {**CATALOGUE["features"]["exports"], "on_failure": "allow_and_record"},
    },
}


def pro_phase(
    *, starts_at: str = "2026-01-01T00:00:00Z", ends_at: str | None = None, version: int = 1
) -> dict[str, Any]:
    return {
        "plan": "pro",
        "plan_version": version,
        "status": "active",
        "interval": "month",
        "currency": "EUR",
        "quantity": 1,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


@dataclass
class FakeServer:
    """A transport that answers by itself. ``failure`` and ``before`` let it misbehave."""

    snapshot_version: int = 1
    catalogue: dict[str, Any] = field(default_factory=lambda: CATALOGUE)
    plan_versions: dict[str, int] = field(default_factory=lambda: {"free": 1, "pro": 1})
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    failure: Response | None = None
    is_down: bool = False
    is_reset: bool = False
    before: Callable[[Request], None] = lambda _request: None
    is_closed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    batches: list[dict[str, Any]] = field(default_factory=list)
    ledger: FakeLedger = field(
        default_factory=lambda: FakeLedger(limits={"exports": 5}, features={"reports.export": "exports"})
    )

    # What a test does on the server's side.

    def put(self, customer: str, *, version: int | None = None, **fields: Any) -> None:
        """Give a customer a new state and tell the change."""
        with self.lock:
            have = self.states.get(customer, {})
            number = version if version is not None else have.get("version", 0) + 1
            self.states[customer] = {**state_document(customer), **have, **fields, "version": number}
            self._tell("customer", customer, number)

    def upgrade(self, customer: str) -> None:
        self.put(customer, phases=[pro_phase(version=self.plan_versions["pro"])])

    def publish(self, catalogue: dict[str, Any], **plan_versions: int) -> None:
        with self.lock:
            self.snapshot_version += 1
            self.catalogue = catalogue
            self.plan_versions = {**self.plan_versions, **plan_versions}
            self._tell("catalogue", "", self.snapshot_version)

    def paths(self) -> list[str]:
        with self.lock:
            return [f"{request.method} {request.path}" for request in self.requests]

    def count(self, pattern: str) -> int:
        return sum(re.search(pattern, path) is not None for path in self.paths())

    def reported(self, gate: str) -> dict[str, int]:
        """Add up what was reported of a gate: ``granted:entitled`` and the like, each batch once."""
        with self.lock:
            batches = {batch["batch"]: batch for batch in self.batches}.values()
        found: Counter[str] = Counter()
        for row in (row for batch in batches for row in batch["gates"] if row["gate"] == gate):
            found[f"{row['outcome']}:{row['reason']}"] += row["count"]
        return dict(found)

    # What the SDK sees.

    def send(self, request: Request, *, timeout_seconds: float) -> Response:
        with self.lock:
            self.requests.append(request)
        self.before(request)
        if self.is_closed or self.is_down:
            raise ServerUnreachable("down")
        if self.failure is not None:
            return self.failure
        with self.lock:
            return self._answer(request)

    def close(self) -> None:
        self.is_closed = True

    def after_fork(self) -> None:
        self.lock = threading.Lock()

    def _tell(self, kind: str, key: str, version: int) -> None:
        number = len(self.changes) + 1
        self.changes.append({"number": number, "kind": kind, "key": key, "version": version})

    def _answer(self, request: Request) -> Response:  # noqa: C901, PLR0911 - one line per call
        path, _, query = request.path.partition("?")
        match path.strip("/").split("/"):
            case ["v1", "snapshot"]:
                return self._tagged(request, f'"c{self.snapshot_version}"', self._snapshot())
            case ["v1", "customers", customer, "state"] if customer in self.states:
                state = self.states[customer]
                return self._tagged(request, f'"s{state["version"]}"', state)
            case ["v1", "customers", _, "state"]:
                return problem(404, "unknown_customer")
            case ["v1", "changes"]:
                return answer(self._changes(query))
            case ["v1", "customers", customer] if request.method == "PUT":
                return self._upsert(customer, json.loads(request.body or b"{}"))
            case ["v1", "customers", customer, "users", _user]:
                return self._upsert(customer, {})
            case ["v1", "orders"]:
                return self._order(json.loads(request.body or b"{}"))
            case ["v1", "reports"]:
                self.batches.append(json.loads(request.body or b"{}"))
                return answer({"batch": self.batches[-1]["batch"], "replayed": False})
            case ["v1", "usage", *_]:
                return self.ledger.answer(request)
            case ["v1", "explain"]:
                return answer(EXPLANATION)
        return problem(404, "not_found")

    def _snapshot(self) -> dict[str, Any]:
        return {
            "wire": 1,
            "environment": "test",
            "version": self.snapshot_version,
            "published_at": "2026-01-01T00:00:00Z",
            "plan_versions": self.plan_versions,
            "addon_versions": {},
            "catalogue": self.catalogue,
        }

    def _changes(self, query: str) -> dict[str, Any]:
        latest = len(self.changes)
        if not query:
            return {"latest": latest, "reset": False, "changes": []}
        after = int(query.removeprefix("after="))
        if self.is_reset:
            return {"latest": latest, "reset": True, "changes": []}
        return {"latest": latest, "reset": False, "changes": self.changes[after:]}

    def _upsert(self, customer: str, fields: dict[str, Any]) -> Response:
        have = self.states.get(customer, {**state_document(customer), "version": 0})
        fields.pop("name", None)
        self.states[customer] = {**have, **fields, "version": have["version"] + 1}
        self._tell("customer", customer, have["version"] + 1)
        return answer({"customer": customer})

    def _order(self, body: dict[str, Any]) -> Response:
        customer = body["customer"]
        state = {**self.states[customer], "phases": [pro_phase()]}
        state["version"] += 1
        self.states[customer] = state
        order = {**body, "id": "ord_1", "status": "completed", "currency": "EUR", "quantity": 1, "amount": 2900}
        summary = {"lines": [{"label": "Pro", "text": "€29"}], "total": "€29", "note": None}
        return answer(
            {**order, "next": {"kind": "none"}, "summary": summary, "customer_version": state["version"]}, 201
        )

    @staticmethod
    def _tagged(request: Request, etag: str, document: dict[str, Any]) -> Response:
        if request.headers.get("If-None-Match") == etag:
            return Response(304, {"etag": etag}, b"")
        return Response(200, {"etag": etag}, json.dumps(document).encode())


EXPLANATION = {
    "decision": {"granted": False, "reason": "not_included", "gate": "sso.login", "feature": "sso"},
    "trace": [{"rule": "plan", "detail": "free@1 does not include sso", "decisive": True, "new": 1}],
    "skipped": [{"step": "pro", "reason": "insufficient"}],
}


def state_document(customer: str) -> dict[str, Any]:
    return {
        "wire": 1,
        "environment": "test",
        "customer": customer,
        "version": 1,
        "language": None,
        "currency": None,
        "attributes": {},
        "buyers": [],
        "billing_anchor": None,
        "phases": [],
        "addons": [],
        "grants": [],
        "pinned_plans": {},
        "pinned_addons": {},
        "usage": [],
    }
