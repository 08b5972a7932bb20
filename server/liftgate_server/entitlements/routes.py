"""The calls that check, and what an SDK needs to check by itself: snapshot, customer state, changes."""

# size: every face of the checks in one place; each sibling is one import

from __future__ import annotations

from dataclasses import asdict

import orjson
from flask import Response, request

from liftgate.engine.explain import TraceStep
from liftgate.engine.wire import encode_decision, encode_instant
from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.guard import client, current_caller, marks_at_entry, runtime
from liftgate_server.entitlements import examples, schemas
from liftgate_server.entitlements.checking import checks
from liftgate_server.entitlements.requests import (
    read_after,
    read_batch,
    read_client_question,
    read_customer_id,
    read_language_asked,
    read_question,
)
from liftgate_server.entitlements.service import Question
from liftgate_server.entitlements.views import Answer, with_impression
from liftgate_server.plumbing.changes import changes_after
from liftgate_server.plumbing.errors import Forbidden
from liftgate_server.plumbing.http import Blueprint, is_known, json_response, not_modified, read_json

__all__ = ["blueprint", "blueprints"]

blueprint = Blueprint("entitlements", __name__, url_prefix="/v1", description="Checks, snapshots and customer states")
blueprints = (blueprint,)


@blueprint.route("/check", methods=["POST"])
@runtime(Role.VIEWER)
@blueprint.body(schemas.CheckSchema, example={"customer": "acme", "gate": "boards.create", "used": 3})
@blueprint.alt_response(200, schema=schemas.CheckAnswerSchema, success=True, example=examples.CHECK)
def check() -> Response:
    """Decide a gate; a refusal comes with what to offer. A customer nobody has told us of holds the default plan."""
    question = read_question(read_json())
    _refuse_other_instant(question)
    answer = checks().check(current_caller().environment_id, marks_at_entry().number, question)
    return json_response(_with_offer(answer))


@blueprint.route("/check/batch", methods=["POST"])
@runtime(Role.VIEWER)
@blueprint.body(schemas.CheckBatchSchema, example={"customer": "acme", "gates": ["boards.create", "sso"]})
@blueprint.alt_response(200, schema=schemas.CheckBatchAnswerSchema, success=True, example=examples.BATCH)
def check_batch() -> Response:
    """Decide several gates of one customer, or all of them; without offers."""
    question = read_batch(read_json())
    decisions = checks().check_batch(current_caller().environment_id, marks_at_entry().number, question)
    content = b",".join(orjson.dumps(gate) + b":" + decision for gate, decision in decisions.items())
    return json_response(b'{"decisions":{' + content + b"}}")


@blueprint.route("/explain", methods=["POST"])
@runtime(Role.VIEWER)
@blueprint.body(schemas.CheckSchema, example={"customer": "acme", "gate": "boards.create"})
@blueprint.alt_response(200, schema=schemas.ExplanationSchema, success=True, example=examples.EXPLANATION)
def explain() -> Response:
    """Decide a gate and tell which rule decided, and which plans and add-ons were not offered and why."""
    question = read_question(read_json())
    _refuse_other_instant(question)
    explanation = checks().explain(current_caller().environment_id, question)
    return json_response(
        {
            "decision": encode_decision(explanation.decision),
            "trace": [_told(step) for step in explanation.trace],
            "skipped": [asdict(step) for step in explanation.skipped],
        }
    )


def _told(step: TraceStep) -> dict[str, object]:
    """Return the words of a step; the values behind them stay here."""
    return {"rule": step.rule, "detail": step.detail, "feature": step.feature, "decisive": step.decisive}


@blueprint.route("/client/check", methods=["POST"])
@client
@blueprint.body(schemas.ClientCheckSchema, example={"gate": "boards.create"})
@blueprint.alt_response(200, schema=schemas.CheckAnswerSchema, success=True, example=examples.CHECK)
def client_check() -> Response:
    """Decide a gate for the account in the token, whatever else the page says."""
    gate, used = read_client_question(read_json())
    caller = current_caller()
    reader = (caller.user, caller.buyer, caller.language)
    question = Question(customer=caller.customer or "", gate=gate, reader=reader, used=used)
    return json_response(_with_offer(checks().check(caller.environment_id, marks_at_entry().number, question)))


@blueprint.route("/snapshot")
@runtime
@blueprint.alt_response(200, schema=schemas.SnapshotSchema, success=True, example=examples.SNAPSHOT)
@blueprint.alt_response(304)
def get_snapshot() -> Response:
    """Return the published catalogue as an SDK needs it; version 0, without any gate, before the first publication."""
    version, encoded = checks().snapshot(current_caller().environment_id, marks_at_entry().number)
    return json_response(encoded, etag=f"c{version}")


@blueprint.route("/customers/<customer>/state")
@runtime
@blueprint.alt_response(200, schema=schemas.StateSchema, success=True, example=examples.STATE)
@blueprint.alt_response(304)
def get_state(customer: str) -> Response:
    """Return all an SDK needs to know of a customer; version 0 for one nobody has told us of."""
    environment_id, number = current_caller().environment_id, marks_at_entry().number
    known = checks().known_customer(environment_id, number, read_customer_id(customer))
    # What is pinned depends on the catalogue too, so both versions name the content. Use alone does not change it: who
    # decides by an older count is corrected by the ledger, and hears of every threshold as a new version.
    etag = f"s{known.state.version}.{known.snapshot.version}"
    if is_known(etag):
        return not_modified(etag)
    return json_response(checks().state(environment_id, known), etag=etag)


@blueprint.route("/customers/<customer>/notices")
@runtime(Role.VIEWER)
@blueprint.doc(parameters=[{"in": "query", "name": "language", "schema": {"type": "string"}}])
@blueprint.alt_response(200, schema=schemas.NoticesSchema, success=True, example=examples.NOTICES)
def list_notices(customer: str) -> Response:
    """List what a customer has to be told ahead of time: that the version of their plan ends."""
    language = read_language_asked(request.args)
    return _notices(read_customer_id(customer), language)


@blueprint.route("/client/notices")
@client
@blueprint.alt_response(200, schema=schemas.NoticesSchema, success=True, example=examples.NOTICES)
def list_client_notices() -> Response:
    """List what the account in the token has to be told ahead of time."""
    caller = current_caller()
    return _notices(caller.customer or "", caller.language)


@blueprint.route("/changes")
@runtime
@blueprint.doc(parameters=[{"in": "query", "name": "after", "schema": {"type": "integer", "minimum": 0}}])
@blueprint.alt_response(200, schema=schemas.ChangesSchema, success=True, example=examples.CHANGES)
def list_changes() -> Response:
    """List what changed after a number; without one, only the latest number."""
    after = read_after(request.args)
    latest = marks_at_entry().number
    if after is None or after == latest:
        return json_response({"latest": latest, "reset": False, "changes": []})
    page = changes_after(current_caller().environment_id, after)
    return json_response({"latest": page.latest, "reset": page.reset, "changes": [asdict(it) for it in page.changes]})


def _notices(customer: str, language: str | None) -> Response:
    told = checks().notices(current_caller().environment_id, marks_at_entry().number, customer, language)
    return json_response({"notices": [{**asdict(one), "at": encode_instant(one.at)} for one in told]})


def _refuse_other_instant(question: Question) -> None:
    if question.at is not None and current_caller().kind is not CallerKind.MANAGEMENT:
        raise Forbidden("wrong_credentials", "Only a management key may ask about another instant than now.")


def _with_offer(answer: Answer) -> bytes:
    return b"".join((b'{"decision":', answer.encoded, b',"offer":', with_impression(answer) or b"null", b"}"))
