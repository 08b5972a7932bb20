"""Evaluation of gates: the one door that server, SDK and tests go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from liftgate.engine.catalogue_model import GateMode, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.holdings import Holdings, hold
from liftgate.engine.judging import Asked, Verdict, judge_gate
from liftgate.engine.limits import Reported
from liftgate.engine.payload import build_payload
from liftgate.engine.payload_model import Payload

__all__ = ["Evaluator"]


class Evaluator:
    """Decides gates for one customer, one user and one language, and remembers the answers while they hold.

    ``buyer`` says whether the user may buy; ``None`` asks the state. ``language`` is the reader's, a BCP 47 tag;
    ``None`` takes the customer's.

    >>> # Evaluator(snapshot, state, user="u1").decide("reports.export", at=now).granted
    """

    __slots__ = ("_buyer", "_decisions", "_held", "_language", "_snapshot", "_state", "_user")

    def __init__(
        self,
        snapshot: Snapshot,
        state: CustomerState,
        *,
        user: str | None = None,
        buyer: bool | None = None,
        language: str | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._state = state
        self._user = user
        self._buyer = buyer
        self._language = language
        self._decisions: dict[str, tuple[datetime, Decision]] = {}
        self._held: tuple[datetime, Holdings] | None = None

    def decide(self, gate: str, *, at: datetime, units: int | None = None, used: Reported | None = None) -> Decision:
        """Return the decision on a gate at an aware instant; never raises for data.

        ``units`` overrides how many units the gate asks for, ``used`` what the counters say.
        """
        if units is not None or used is not None:
            return self._evaluate(gate, Asked(at=at, user=self._user, units=units, reported=used))
        remembered = self._decisions.get(gate)
        if remembered is not None:
            since, decision = remembered
            if since <= at and (decision.valid_until is None or at < decision.valid_until):
                return decision
        decision = self._evaluate(gate, Asked(at=at, user=self._user))
        if decision.reason is not Reason.UNKNOWN_GATE:
            # Unknown keys come from outside and have no end; remembering them would let a caller fill the memory.
            self._decisions[gate] = (at, decision)
        return decision

    def _evaluate(self, key: str, asked: Asked) -> Decision:
        gate = self._snapshot.gate(key)
        if gate is None:
            return self._answer(Verdict(granted=False, reason=Reason.UNKNOWN_GATE), key, asked)
        if gate.mode is GateMode.OPEN:
            return self._answer(Verdict(granted=True, reason=Reason.GATE_OPEN), key, asked)
        if gate.mode is GateMode.CLOSED:
            return self._answer(Verdict(granted=False, reason=Reason.GATE_CLOSED), key, asked)
        verdict = judge_gate(gate, self._snapshot, self._state, self._holdings(asked.at), asked)
        if gate.mode is GateMode.OBSERVE and not verdict.granted:
            observed = replace(verdict, granted=True, reason=Reason.OBSERVED)
            return self._answer(observed, key, asked, observed=verdict.reason)
        return self._answer(verdict, key, asked)

    def _holdings(self, at: datetime) -> Holdings:
        """Return what is held at the instant; thirty gates of one request ask for the same one."""
        held = self._held
        if held is None or held[0] != at:
            held = self._held = (at, hold(self._snapshot, self._state, at))
        return held[1]

    def _answer(self, verdict: Verdict, gate: str, asked: Asked, *, observed: Reason | None = None) -> Decision:
        offers = not verdict.granted and not verdict.reason.is_unknown
        return Decision(
            granted=verdict.granted,
            reason=verdict.reason,
            gate=gate,
            feature=verdict.feature,
            used=verdict.used,
            limit=verdict.limit,
            remaining=verdict.remaining,
            resets_at=verdict.resets_at,
            value=verdict.value,
            sources=verdict.sources,
            decided_by=None if verdict.decided_by is None else verdict.decided_by.name,
            observed=observed,
            message=verdict.message,
            valid_until=verdict.valid_until,
            catalogue_version=self._snapshot.version,
            customer_version=self._state.version,
            fallback=verdict.reason.is_unknown,
            over_limit=verdict.over_limit,
            _build_offer=self._offer_builder(asked) if offers else None,
        )

    def _offer_builder(self, asked: Asked) -> Callable[[Decision], Payload | None]:
        def build(refused: Decision) -> Payload | None:
            return build_payload(
                self._snapshot,
                self._state,
                refused,
                at=asked.at,
                user=self._user,
                buyer=self._buyer,
                language=self._language,
                units=asked.units,
                used=asked.reported,
            )

        return build
