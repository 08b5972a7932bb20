"""A ledger in a few lines: it counts by key, once, and answers the same key with the same answer."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

from liftgate.messages import Request, Response

WINDOW = "month:2026-11-01T00:00:00Z"
EXPIRES_AT = "2026-11-22T09:05:00Z"


@dataclass
class FakeLedger:
    """Counts per customer and feature. ``limits`` by feature; without one everything fits."""

    limits: dict[str, int] = field(default_factory=dict)
    features: dict[str, str] = field(default_factory=dict)
    used: dict[tuple[str, str], int] = field(default_factory=dict)
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)
    reservations: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    events: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    expired: bool = False
    poison: str | None = None
    """The feature of events that make a whole batch be refused."""

    def count_of(self, feature: str, customer: str = "acme") -> int:
        return self.used.get((customer, feature), 0)

    def answer(self, request: Request) -> Response:  # noqa: PLR0911 - one line per call
        body = request.body or b"{}"
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        document = json.loads(body)
        key = request.headers.get("Idempotency-Key", "")
        match request.path.removeprefix("/v1/usage/").split("/"):
            case ["consume"]:
                return self._once(document, key, lambda: self._consume(document, key, hold=False))
            case ["reserve"]:
                return self._once(document, key, lambda: self._consume(document, key, hold=True))
            case ["reservations", "commit"]:
                return self._settle(document, document["quantity"])
            case ["reservations", "release"]:
                return self._settle(document, 0)
            case ["refund"]:
                return self._once(document, key, lambda: self._refund(document))
            case ["level"]:
                return self._once(document, key, lambda: self._level(document))
            case ["record"]:
                return self._record(document["events"])
        return problem(404, "unknown_path")

    def _once(self, document: Any, key: str, act: Any) -> Response:
        known = self.answers.get((document["customer"], key))
        if known is not None and known[0] != document:
            return problem(409, "idempotency_conflict")
        if known is not None:
            return answer({**known[1], "replayed": True})
        if (document["customer"], key) in self.events:
            return problem(409, "idempotency_conflict")
        found = act()
        if isinstance(found, Response):
            return found
        self.answers[document["customer"], key] = document, found
        return answer(found)

    def _consume(self, document: Any, key: str, *, hold: bool) -> Any:
        feature = self.features.get(document["gate"], document["gate"])
        if feature == "sso":
            return problem(422, "wrong_kind")
        place = (document["customer"], feature)
        now, units = self.used.get(place, 0) + self.held.get(place, 0), document["quantity"]
        limit = self.limits.get(feature)
        fits = limit is None or now + units <= limit
        if fits:
            counters = self.held if hold else self.used
            counters[place] = counters.get(place, 0) + units
            now += units
            if hold:
                self.reservations[document["customer"], key] = {"feature": feature, "units": units, "state": "open"}
        return {
            "granted": fits,
            "replayed": False,
            "key": key,
            "reservation": key,
            "expires_at": EXPIRES_AT if hold else None,
            "decision": decision(document["gate"], feature, granted=fits, used=now, limit=limit),
            "receipt": [{"bucket": "base", "units": units}] if fits else [],
            "counters": [{"feature": feature, "user": None, "window": WINDOW, "used": now}],
        }

    def _settle(self, document: Any, units: int) -> Response:
        found = self.reservations.get((document["customer"], document["reservation"]))
        if found is None:
            return problem(404, "unknown_reservation")
        wanted = "committed" if units else "released"
        if found["state"] == "open" and self.expired:
            return problem(409, "reservation_expired")
        place = (document["customer"], found["feature"])
        if found["state"] == "open":
            self.held[place] -= found["units"]
            self.used[place] = self.used.get(place, 0) + units
            found.update(state=wanted, settled=units)
        elif (found["state"], found["settled"]) != (wanted, units):
            return problem(409, f"reservation_{found['state']}")
        return answer({"replayed": False, "receipt": [], "counters": [self._counter(*place)]})

    def _refund(self, document: Any) -> Any:
        known = self.answers.get((document["customer"], document["key"]))
        event = self.events.get((document["customer"], document["key"]))
        if event is None and (known is None or not known[1].get("receipt")):
            return problem(404, "unknown_usage")
        feature = event["feature"] if event else known[1]["decision"]["feature"]  # type: ignore[index]
        taken = event.get("quantity", 1) if event else known[0]["quantity"]  # type: ignore[index]
        self.used[document["customer"], feature] -= document.get("quantity", taken)
        return {"replayed": False, "receipt": [], "counters": [self._counter(document["customer"], feature)]}

    def _level(self, document: Any) -> Any:
        place = (document["customer"], document["feature"])
        level = document.get("level", self.used.get(place, 0) + document.get("by", 0))
        limit = self.limits.get(place[1])
        fits = "level" in document or limit is None or level <= limit
        if fits:
            self.used[place] = level
        used = self.used.get(place, 0)
        told = {"feature": place[1], "user": None, "window": "never", "used": used}
        judged = decision(place[1], place[1], granted=fits, used=used, limit=limit)
        return {"granted": fits, "replayed": False, "decision": judged, "receipt": [], "counters": [told]}

    def _record(self, events: list[dict[str, Any]]) -> Response:
        self.batches.append(events)
        if any(event["feature"] == self.poison for event in events):
            return problem(422, "invalid_request")
        counted, replayed, refused = 0, 0, []
        for index, event in enumerate(events):
            place = (event["customer"], event["key"])
            if event["feature"] == "unknown":
                refused.append(refusal(index, event, "unknown_feature"))
            elif place in self.answers or self.events.get(place, event) != event:
                have = self.events.get(place, {})
                refused.append(
                    refusal(index, event, "idempotency_conflict", [x for x in event if have.get(x) != event[x]])
                )
            elif place in self.events:
                replayed += 1
            else:
                self.events[place] = event
                counter = (event["customer"], event["feature"])
                self.used[counter] = self.used.get(counter, 0) + event.get("quantity", 1)
                counted += 1
        return answer({"counted": counted, "replayed": replayed, "refused": refused})

    def _counter(self, customer: str, feature: str) -> dict[str, Any]:
        used = self.used.get((customer, feature), 0) + self.held.get((customer, feature), 0)
        return {"feature": feature, "user": None, "window": WINDOW, "used": used}


def decision(gate: str, feature: str, *, granted: bool, used: int, limit: int | None) -> dict[str, Any]:
    return {
        "granted": granted,
        "reason": "entitled" if granted else "limit_reached",
        "gate": gate,
        "feature": feature,
        "used": used,
        "limit": limit,
        "remaining": None if limit is None else max(0, limit - used),
        "catalogue_version": 1,
        "customer_version": 1,
    }


def refusal(index: int, event: dict[str, Any], code: str, paths: list[str] | None = None) -> dict[str, Any]:
    errors = [{"path": path, "code": code, "message": "was something else"} for path in paths or []]
    return {"index": index, "key": event["key"], "code": code, "message": "no", "errors": errors}


def answer(document: Any, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(document).encode())


def problem(status: int, code: str) -> Response:
    document = {"type": f"urn:liftgate:problem:{code}", "title": code, "status": status, "code": code, "detail": "no"}
    return Response(status, {"content-type": "application/problem+json"}, json.dumps(document).encode())
