"""Grants over HTTP: what each kind needs, when it runs, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.access.queries import Environment
from liftgate_server.customers import queries
from liftgate_server.plumbing.clock import FixedClock

pytestmark = pytest.mark.usefixtures("acme")

GRANTS = "/v1/customers/acme/grants"
OVERRIDE = {"kind": "override", "feature": "exports", "entitlement": {"limit": 500, "per": "month"}}


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (OVERRIDE, {"limit": 500, "per": "month"}),
        ({"kind": "override", "feature": "boards", "entitlement": 7}, {"limit": 7, "per": "never"}),
        ({"kind": "override", "feature": "sso", "entitlement": False}, False),
        ({"kind": "override", "feature": "resolution", "entitlement": "4k"}, {"value": "4k"}),
        ({"kind": "promotion", "feature": "sso", "entitlement": True}, True),
        ({"kind": "promotion", "feature": "boards", "entitlement": 2}, {"limit": 2, "per": "never"}),
        ({"kind": "revoke", "feature": "sso", "reason": "abuse"}, None),
        ({"kind": "trial", "feature": "sso", "entitlement": True, "max_uses": 3}, True),
        ({"kind": "trial", "plan": "pro", "ends_at": "2026-12-01T00:00:00Z"}, None),
    ],
)
def test_a_grant_keeps_what_it_gives(manager: Any, body: dict[str, Any], kept: object) -> None:
    answer = manager.post(GRANTS, json=body)
    assert (answer.status_code, answer.json["entitlement"], answer.json["state"]) == (201, kept, "running")
    assert answer.json["plan_version"] == (1 if "plan" in body else None)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"kind": "gift", "feature": "sso"}, "kind"),
        ({"kind": "override", "entitlement": True}, "feature"),
        ({"kind": "override", "feature": "sso"}, "entitlement"),
        ({"kind": "override", "feature": "nothing", "entitlement": 1}, "feature"),
        ({"kind": "override", "feature": "sso", "entitlement": 5}, "entitlement"),
        (
            {"kind": "override", "feature": "exports", "entitlement": {"limit": 2.6e-42, "per": "day"}},
            "entitlement.limit",
        ),
        ({"kind": "override", "feature": "exports", "entitlement": {"limit": -1, "per": "day"}}, "entitlement.limit"),
        ({"kind": "override", "feature": "resolution", "entitlement": "8k"}, "entitlement"),
        (OVERRIDE | {"plan": "pro"}, "plan"),
        (OVERRIDE | {"max_uses": 3}, "max_uses"),
        (OVERRIDE | {"ends_at": "2026-11-22T09:00:00Z"}, "ends_at"),
        (OVERRIDE | {"starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"}, "ends_at"),
        (OVERRIDE | {"ends_at": "2026-12-01T00:00:00"}, "ends_at"),
        (OVERRIDE | {"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        (OVERRIDE | {"limit": 5}, "limit"),
        ({"kind": "promotion", "feature": "resolution", "entitlement": "4k"}, "feature"),
        ({"kind": "promotion", "feature": "sso", "entitlement": False}, "entitlement"),
        ({"kind": "revoke", "feature": "sso"}, "reason"),
        ({"kind": "revoke", "feature": "sso", "reason": "x", "entitlement": True}, "entitlement"),
        ({"kind": "trial", "feature": "sso", "entitlement": True}, "ends_at"),
        ({"kind": "trial", "plan": "pro", "max_uses": 3}, "max_uses"),
        ({"kind": "trial", "plan": "nothing", "ends_at": "2026-12-01T00:00:00Z"}, "plan"),
    ],
)
def test_a_grant_that_does_not_fit_is_refused_by_field(manager: Any, body: dict[str, Any], path: str) -> None:
    answer = manager.post(GRANTS, json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert path in [error["path"] for error in answer.json["errors"]]


def test_a_grant_raises_the_version_and_names_its_maker(manager: Any, environment: Environment) -> None:
    before = queries.customer_version(environment.id, "acme") or 0
    grant = manager.post(GRANTS, json=OVERRIDE).json
    assert grant["created_by"]
    assert manager.get("/v1/customers/acme").json["version"] == before + 1


def test_grants_are_scheduled_then_run_then_end(manager: Any, clock: FixedClock) -> None:
    manager.post(GRANTS, json=OVERRIDE | {"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z"})
    states = []
    for _ in range(3):
        (grant,) = manager.get(GRANTS).json["items"]
        assert manager.get(f"{GRANTS}?state={grant['state']}").json["items"] == [grant]
        states.append(grant["state"])
        clock.set(clock.now().replace(month=12, day=1 if clock.now().month == 11 else 2, hour=0))
    assert states == ["scheduled", "running", "ended"]


@pytest.mark.parametrize("starts_at", [None, "2026-12-01T00:00:00Z"], ids=["running", "scheduled"])
def test_a_grant_is_ended_now_once(
    manager: Any, clock: FixedClock, environment: Environment, starts_at: str | None
) -> None:
    body = OVERRIDE | ({"starts_at": starts_at} if starts_at else {})
    grant = manager.post(GRANTS, json=body).json
    ended = manager.post(f"{GRANTS}/{grant['id']}/end").json
    assert (ended["state"], ended["ends_at"]) == ("ended", "2026-11-22T09:00:00Z")
    clock.advance(timedelta(days=1))
    assert manager.post(f"{GRANTS}/{grant['id']}/end").json == ended
    assert manager.get("/v1/customers/acme").json["version"] == 3


def test_a_grant_of_another_customer_is_unknown(manager: Any) -> None:
    grant = manager.post(GRANTS, json=OVERRIDE).json
    manager.put("/v1/customers/other", json={})
    answer = manager.post(f"/v1/customers/other/grants/{grant['id']}/end")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_grant")


def test_grants_are_listed_newest_first_page_by_page(manager: Any, clock: FixedClock) -> None:
    made = []
    for _ in range(3):
        made.append(manager.post(GRANTS, json=OVERRIDE).json["id"])
        clock.advance(timedelta(seconds=1))
    first = manager.get(f"{GRANTS}?limit=2").json
    rest = manager.get(f"{GRANTS}?limit=2&cursor={first['next_cursor']}").json
    assert [grant["id"] for grant in first["items"] + rest["items"]] == made[::-1]


def test_a_viewer_may_not_grant(make_key: Callable[..., str], call_with: Callable[..., Any]) -> None:
    viewer = call_with(make_key(Role.VIEWER))
    assert viewer.post(GRANTS, json=OVERRIDE).json["code"] == "insufficient_role"
