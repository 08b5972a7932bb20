"""The wire against its golden files, both ways, and against whatever else may arrive."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine import wire
from liftgate.engine.catalogue_model import Entitlement, Plan, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.payload_model import Payload
from tests.contract.decision_examples import DECISIONS
from tests.contract.wire_examples import BARE_PAYLOAD, PAYLOAD, SNAPSHOT, STATE
from tests.engine.strategies import customer_states, decisions, json_values, payloads, snapshots, spoiled

GOLDEN = Path(__file__).parent / "golden"

Encode = Callable[[Any], dict[str, object]]
Decode = Callable[[object], Any]
Kind = tuple[Encode, Decode]

SNAPSHOTS: Kind = (wire.encode_snapshot, wire.decode_snapshot)
STATES: Kind = (wire.encode_state, wire.decode_state)
ANSWERS: Kind = (wire.encode_decision, wire.decode_decision)
MODALS: Kind = (wire.encode_payload, wire.decode_payload)


def _golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def _everything() -> list[Any]:
    answers = _golden("decisions")
    return [
        pytest.param(SNAPSHOTS, SNAPSHOT, _golden("snapshot"), id="snapshot"),
        pytest.param(STATES, STATE, _golden("state"), id="state"),
        pytest.param(MODALS, PAYLOAD, _golden("payload"), id="payload"),
        pytest.param(MODALS, BARE_PAYLOAD, _golden("payload_bare"), id="payload_bare"),
        *[pytest.param(ANSWERS, decision, answers[reason], id=reason) for reason, decision in DECISIONS.items()],
    ]


def _through_json(document: object) -> Any:
    return json.loads(json.dumps(document))


def _with_unknown_fields(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_unknown_fields(item) for item in value]
    if isinstance(value, dict) and value.keys() & {"wire", "gate", "name", "kind", "plan", "used", "id", "title"}:
        return {"from_the_future": {"x": [1]}, **{key: _with_unknown_fields(item) for key, item in value.items()}}
    if isinstance(value, dict):
        return {key: _with_unknown_fields(item) for key, item in value.items()}
    return value


# ---- golden files ----


@pytest.mark.parametrize(("kind", "value", "document"), _everything())
def test_the_value_is_encoded_as_the_golden_file_says(kind: Kind, value: object, document: object) -> None:
    encode, _ = kind

    assert json.dumps(encode(value)) == json.dumps(document)


@pytest.mark.parametrize(("kind", "value", "document"), _everything())
def test_the_golden_file_is_decoded_to_the_value(kind: Kind, value: object, document: object) -> None:
    _, decode = kind

    assert decode(document) == value


@pytest.mark.parametrize(("kind", "value", "document"), _everything())
def test_fields_of_a_newer_server_are_passed_over(kind: Kind, value: object, document: object) -> None:
    _, decode = kind

    assert decode(_with_unknown_fields(document)) == value


def test_there_is_a_golden_decision_for_every_reason() -> None:
    assert set(_golden("decisions")) == set(Reason) == set(DECISIONS)


# ---- round trips ----


@given(snapshots())
def test_every_snapshot_survives_the_wire(snapshot: Snapshot) -> None:
    assert wire.decode_snapshot(_through_json(wire.encode_snapshot(snapshot))) == snapshot


@given(st.data())
def test_every_customer_state_survives_the_wire(data: st.DataObject) -> None:
    state: CustomerState = data.draw(snapshots().flatmap(customer_states))

    assert wire.decode_state(_through_json(wire.encode_state(state))) == state


@given(decisions())
def test_every_decision_survives_the_wire(decision: Decision) -> None:
    assert wire.decode_decision(_through_json(wire.encode_decision(decision))) == decision


@given(payloads())
def test_every_payload_survives_the_wire(payload: Payload) -> None:
    assert wire.decode_payload(_through_json(wire.encode_payload(payload))) == payload


def test_a_decision_carries_the_offer_that_came_beside_it() -> None:
    decision = wire.decode_decision(_golden("decisions")["limit_reached"], offer=PAYLOAD)

    assert decision.offer is PAYLOAD


def test_a_pinned_plan_keeps_features_the_catalogue_no_longer_has() -> None:
    state = wire.decode_state(_golden("state"))

    assert state.pinned_plans["pro@2"].entitlements["fax"] == Entitlement("fax", enabled=True)
    assert isinstance(state.pinned_plans["pro@2"], Plan)


# ---- what is refused ----


def _place(document: dict[str, Any], place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    holder: Any = changed
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return changed


@pytest.mark.parametrize("version", [2, 0, "1", True, 1.0, None])
@pytest.mark.parametrize(("decode", "name"), [(wire.decode_snapshot, "snapshot"), (wire.decode_state, "state")])
def test_another_wire_version_is_refused(decode: Decode, name: str, version: object) -> None:
    with pytest.raises(wire.WireError) as refusal:
        decode({**_golden(name), "wire": version})

    assert refusal.value.path == "wire"


def test_another_payload_schema_is_refused() -> None:
    with pytest.raises(wire.WireError, match="schema: Expected version 1, not 2"):
        wire.decode_payload({**_golden("payload"), "schema": 2})


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        (("published_at",), "yesterday", "published_at"),
        (("published_at",), "2026-02-30T00:00:00Z", "published_at"),
        (("version",), 1.0, "version"),
        (("environment",), None, "environment"),
        (("plan_versions",), {"free": 1}, "plan_versions.pro"),
        (("plan_versions", "pro"), 0, "plan_versions.pro"),
        (("addon_versions",), {}, "addon_versions.extra_exports"),
        (("catalogue",), None, "catalogue"),
        (("catalogue", "schema"), 2, "catalogue.schema"),
        (("catalogue", "default_plan"), "nope", "catalogue.default_plan"),
        (("catalogue", "plans", "pro", "rank"), "x", "catalogue.plans.pro.rank"),
        (("catalogue", "plans", "pro", "rank"), 0, "catalogue.plans.pro.rank"),
    ],
)
def test_a_broken_snapshot_is_refused_where_it_is_broken(
    place: tuple[str | int, ...], value: object, path: str
) -> None:
    with pytest.raises(wire.WireError) as refusal:
        wire.decode_snapshot(_place(_golden("snapshot"), place, value))

    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        (("customer",), 3, "customer"),
        (("attributes", "industry"), ["media"], "attributes.industry"),
        (("attributes", "employees"), float("nan"), "attributes.employees"),
        (("attributes", "employees"), 2**60, "attributes.employees"),
        (("buyers",), "u1", "buyers"),
        (("buyers", 0), None, "buyers[0]"),
        (("billing_anchor",), 0, "billing_anchor"),
        (("phases", 0, "status"), "sleeping", "phases[0].status"),
        (("phases", 1, "starts_at"), None, "phases[1].starts_at"),
        (("grants", 0, "entitlement"), 3.5, "grants[0].entitlement"),
        (("grants", 0, "feature"), None, "grants[0].entitlement"),
        (("grants", 0, "kind"), "gift", "grants[0].kind"),
        (("pinned_plans", "pro"), {}, "pinned_plans.pro"),
        (
            ("pinned_plans", "pro@2", "entitlements", "boards", "limit"),
            True,
            "pinned_plans.pro@2.entitlements.boards.limit",
        ),
        (("usage", 0, "used"), -1, "usage[0].used"),
        (("usage", 1), {"feature": "exports", "window": "month:2026-11-01T00:00:00Z", "used": 1}, "usage[1].window"),
    ],
)
def test_a_broken_state_is_refused_where_it_is_broken(place: tuple[str | int, ...], value: object, path: str) -> None:
    with pytest.raises(wire.WireError) as refusal:
        wire.decode_state(_place(_golden("state"), place, value))

    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        (("granted",), 1, "granted"),
        (("reason",), "because", "reason"),
        (("reason",), None, "reason"),
        (("used",), 2.6e-42, "used"),
        (("value",), 1.5, "value"),
        (("sources",), {}, "sources"),
        (("sources", 0, "kind"), "luck", "sources[0].kind"),
        (("observed",), "because", "observed"),
        (("stale",), "no", "stale"),
    ],
)
def test_a_broken_decision_is_refused_where_it_is_broken(
    place: tuple[str | int, ...], value: object, path: str
) -> None:
    with pytest.raises(wire.WireError) as refusal:
        wire.decode_decision(_place(_golden("decisions")["limit_reached"], place, value))

    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        (("trigger",), "whim", "trigger"),
        (("offer",), None, "offer"),
        (("content", "title"), None, "content.title"),
        (("content", "options", 0, "amount"), "29", "content.options[0].amount"),
        (("content", "usage", "percent"), 99.5, "content.usage.percent"),
        (("labels", "close"), 1, "labels.close"),
        (("actions",), None, "actions"),
        (("actions", 0, "kind"), "jump", "actions[0].kind"),
    ],
)
def test_a_broken_payload_is_refused_where_it_is_broken(place: tuple[str | int, ...], value: object, path: str) -> None:
    with pytest.raises(wire.WireError) as refusal:
        wire.decode_payload(_place(_golden("payload"), place, value))

    assert refusal.value.path == path


DECODERS = [wire.decode_snapshot, wire.decode_state, wire.decode_decision, wire.decode_payload, wire.decode_instant]


@pytest.mark.parametrize("decode", DECODERS)
@given(value=json_values())
def test_any_value_is_decoded_or_refused(decode: Decode, value: object) -> None:
    with contextlib.suppress(wire.WireError):
        decode(value)


@pytest.mark.parametrize(
    ("decode", "document"),
    [
        (wire.decode_snapshot, _golden("snapshot")),
        (wire.decode_state, _golden("state")),
        (wire.decode_decision, _golden("decisions")["within_overage"]),
        (wire.decode_payload, _golden("payload")),
    ],
    ids=["snapshot", "state", "decision", "payload"],
)
@given(data=st.data())
def test_a_spoiled_document_is_decoded_or_refused(decode: Decode, document: object, data: st.DataObject) -> None:
    with contextlib.suppress(wire.WireError):
        decode(data.draw(spoiled(document)))


# ---- instants ----


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-22T09:00:00Z", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22T09:00:00.25Z", datetime(2026, 11, 22, 9, 0, 0, 250000, tzinfo=UTC)),
        ("2026-11-22T10:00:00+01:00", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_utc(text: str, at: datetime) -> None:
    decoded = wire.decode_instant(text)

    assert decoded == at
    assert decoded.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-11-22",
        "2026-11-22T09:00:00",
        "2026-11-22 09:00:00Z",
        "20261122T090000Z",
        "2025-02-29T00:00:00Z",
        "٢٠٢٦-11-22T09:00:00Z",
        "2026-11-22T24:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-11-22T09:00:00z",
        1763802000,
        True,
    ],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(wire.WireError):
        wire.decode_instant(value)


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-5))])
def test_an_instant_is_written_in_utc_whatever_its_zone(zone: Any) -> None:
    at = datetime(2026, 11, 22, 9, tzinfo=UTC).astimezone(zone)

    assert wire.encode_instant(at) == "2026-11-22T09:00:00Z"


def test_no_instant_is_nothing_both_ways() -> None:
    assert wire.encode_instant(None) is None
    assert wire.decode_instant(None) is None


def test_an_instant_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        wire.encode_instant(datetime(2026, 11, 22, 9))
