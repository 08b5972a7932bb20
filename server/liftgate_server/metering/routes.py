"""The calls that use something up."""

# size: what every call says of itself and the two guards; each is one import

from __future__ import annotations

from typing import Any, cast

import orjson
from flask import Response, current_app

from liftgate.engine.wire import encode_instant
from liftgate_server.access.guard import access_to_prove, current_caller, look_again, runtime, runtime_proven
from liftgate_server.entitlements.checking import checks
from liftgate_server.metering import examples, schemas
from liftgate_server.metering.reading_routes import blueprint as reading_blueprint
from liftgate_server.metering.requests import (
    read_consume,
    read_events,
    read_level,
    read_refund,
    read_release,
    read_reserve,
    read_settlement,
)
from liftgate_server.metering.service import Admission, Metering
from liftgate_server.metering.telling import Answered
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.http import (
    USAGE_BODY_LIMIT_BYTES,
    Blueprint,
    body_limit,
    given_key,
    json_response,
    keyed,
    read_json,
)
from liftgate_server.plumbing.ids import new_id

__all__ = ["blueprint", "blueprints"]

blueprint = Blueprint("metering", __name__, url_prefix="/v1/usage", description="What is used up, held and given back.")
blueprints = (blueprint, reading_blueprint)

_EXTENSION = "liftgate.metering"


@blueprint.route("/record", methods=["POST"])
@body_limit(USAGE_BODY_LIMIT_BYTES)
@runtime_proven
@blueprint.body(schemas.RecordSchema, example=examples.RECORD)
@blueprint.alt_response(200, schema=schemas.RecordedSchema, success=True, example=examples.RECORDED)
def record() -> Response:
    """Count what has been used, whatever the limits say; each event once, by its key. The body may be packed (gzip)."""
    recorded = _metering().record(_admission(), read_events(read_json(), at=now()))
    return json_response(
        {
            "counted": recorded.counted,
            "replayed": recorded.replayed,
            "refused": [
                {
                    "index": event.index,
                    "key": event.key,
                    "code": event.code,
                    "message": event.message,
                    "errors": [{"path": it.path, "code": it.code, "message": it.message} for it in event.errors],
                }
                for event in recorded.refused
            ],
        }
    )


@blueprint.route("/consume", methods=["POST"])
@runtime_proven
@keyed
@blueprint.body(schemas.ConsumeSchema, example=examples.CONSUME)
@blueprint.alt_response(200, schema=schemas.AnswerSchema, success=True, example=examples.ANSWER)
def consume() -> Response:
    """Check and count in one step. A refusal says why, and what to offer; it is remembered under the key, too."""
    wanted = read_consume(read_json())
    return _answer(_metering().consume(_admission(), wanted, _key()))


@blueprint.route("/reserve", methods=["POST"])
@runtime_proven
@keyed
@blueprint.body(schemas.ReserveSchema, example=examples.RESERVE)
@blueprint.alt_response(200, schema=schemas.AnswerSchema, success=True, example=examples.RESERVATION)
def reserve() -> Response:
    """Hold units until it is known how many were used, or until they expire; the key names the reservation."""
    wanted = read_reserve(read_json())
    answered = _metering().reserve(_admission(), wanted, _key())
    return _answer(answered, reservation=answered.key, expires_at=encode_instant(answered.expires_at))


@blueprint.route("/reservations/commit", methods=["POST"])
@runtime
@blueprint.body(schemas.CommitSchema, example=examples.COMMIT)
@blueprint.alt_response(200, schema=schemas.AnswerSchema, success=True, example=examples.ANSWER)
def commit() -> Response:
    """Count what was really used of a reservation and free the rest. The same again is answered as before."""
    return _answer(_metering().commit(current_caller().environment_id, read_settlement(read_json())))


@blueprint.route("/reservations/release", methods=["POST"])
@runtime
@blueprint.body(schemas.ReleaseSchema, example=examples.RELEASE)
@blueprint.alt_response(200, schema=schemas.AnswerSchema, success=True, example=examples.ANSWER)
def release() -> Response:
    """Give a reservation back: nothing was used. The same again is answered as before."""
    return _answer(_metering().release(current_caller().environment_id, read_release(read_json())))


@blueprint.route("/refund", methods=["POST"])
@runtime
@keyed
@blueprint.body(schemas.RefundSchema, example=examples.REFUND)
@blueprint.alt_response(200, schema=schemas.AnswerSchema, success=True, example=examples.ANSWER)
def refund() -> Response:
    """Give units of a use back to the buckets they came from, the last taken first; without a number, all of them."""
    wanted = read_refund(read_json())
    return _answer(_metering().refund(current_caller().environment_id, wanted, _key()))


@blueprint.route("/level", methods=["POST"])
@runtime_proven
@keyed
@blueprint.body(schemas.LevelSchema, example=examples.LEVEL)
@blueprint.alt_response(200, schema=schemas.AnswerSchema, success=True, example=examples.ANSWER)
def set_level() -> Response:
    """Say how much of a capacity there is, or how much more or less; more than the limit allows is refused by `by`."""
    change = read_level(read_json(), at=now())
    return _answer(_metering().set_level(_admission(), change, _key()))


def _metering() -> Metering:
    return cast(
        "Metering",
        current_app.extensions.get(_EXTENSION) or current_app.extensions.setdefault(_EXTENSION, Metering(checks())),
    )


def _admission() -> Admission:
    return Admission(current_caller().environment_id, access_to_prove, look_again)


def _key() -> str:
    """Give the key that the request names, or one that nobody else will have."""
    return given_key() or new_id("use")


def _answer(answered: Answered, **more: Any) -> Response:
    response = json_response(
        orjson.dumps(
            {
                "granted": answered.granted,
                "replayed": answered.replayed,
                "key": answered.key,
                "decision": answered.decision,
                "offer": None if answered.offer is None else orjson.Fragment(answered.offer),
                "receipt": [{"bucket": part.bucket, "units": part.units} for part in answered.receipt],
                "counters": [
                    {"feature": feature, "user": user, "window": window, "used": used}
                    for (feature, user, window), used in answered.counters
                ],
                **more,
            }
        )
    )
    if answered.replayed:
        response.headers["Idempotent-Replay"] = "true"
    return response
