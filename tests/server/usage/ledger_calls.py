"""Calls of the ledger as data, carried out as the rooms above do it: terms are read, an allowance made, and posted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from liftgate.engine.allowance import allowance_of
from liftgate.engine.evaluate import Evaluator
from liftgate_server.entitlements.service import load_customer, load_whole_customer
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.errors import Problem
from liftgate_server.usage import ledger
from liftgate_server.usage.facts import Operation, Posted, Posting, Proof


class Kind(StrEnum):
    CONSUME = "consume"
    RECORD = "record"
    RESERVE = "reserve"
    COMMIT = "commit"
    RELEASE = "release"
    REFUND = "refund"
    LEVEL = "level"
    INCREMENT = "increment"


_OPERATIONS = {
    Kind.CONSUME: Operation.CONSUME,
    Kind.RECORD: Operation.RECORD,
    Kind.RESERVE: Operation.CONSUME,
    Kind.LEVEL: Operation.LEVEL,
    Kind.INCREMENT: Operation.INCREMENT,
}

_WRITES = {Kind.LEVEL: ledger.set_level, Kind.INCREMENT: ledger.add_level}


@dataclass(frozen=True, slots=True)
class Call:
    """One call; made again, it is the same object again. ``at`` is ``None`` for now."""

    kind: Kind
    key: str
    feature: str = "exports"
    units: int | None = 1
    user: str | None = None
    at: datetime | None = None
    of: str = ""
    seconds: int = 300

    @property
    def sent(self) -> dict[str, Any]:
        """The fields that a host sends."""
        told = {"feature": self.feature, "quantity": self.units, "user": self.user, "kind": self.kind.value}
        return told | ({} if self.at is None else {"at": self.at.isoformat()})

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(repr(sorted(self.sent.items(), key=str)).encode()).digest()


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger answered: granted or not with its parts, or a problem's code."""

    granted: bool
    parts: tuple[tuple[str, int], ...] = ()
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One customer of the running app."""

    environment_id: int
    customer: str

    def make(self, call: Call, now: datetime) -> tuple[Told, Posted | None]:
        """Make a call; problems come back as their codes."""
        try:
            posted = self._post(call, now)
        except Problem as problem:
            return Told(granted=False, code=problem.code), None
        parts = tuple((part.bucket, part.units) for part in posted.receipt.parts)
        return Told(posted.granted, parts), posted

    def _post(self, call: Call, now: datetime) -> Posted:
        name = (self.environment_id, self.customer, call.key)
        if call.kind is Kind.COMMIT:
            return ledger.commit(*name, quantity=call.units or 0, at=now)
        if call.kind is Kind.RELEASE:
            return ledger.release(*name, at=now)
        if call.kind is Kind.REFUND:
            return ledger.refund(*name, of=call.of, quantity=call.units, at=now)
        posting = self.posting(call, now)
        if call.kind is Kind.RESERVE:
            return ledger.reserve(self.environment_id, posting, expires_at=now + timedelta(seconds=call.seconds))
        return _WRITES.get(call.kind, ledger.consume)(self.environment_id, posting)

    def posting(self, call: Call, now: datetime) -> Posting:
        """Make the posting of a call from the terms that hold now."""
        at = call.at or now
        loaded = load_customer(self.environment_id, self.customer, at=None)
        allowance = allowance_of(loaded.snapshot, loaded.state, call.feature, at=at, user=call.user)
        return Posting(
            customer=self.customer,
            key=call.key,
            operation=_OPERATIONS[call.kind],
            feature=call.feature,
            quantity=call.units or 0,
            at=at,
            received_at=now,
            digest=call.digest,
            allowance=allowance,
            proof=Proof(latest_marks(self.environment_id).catalogue, None, loaded.state.version),
            user=call.user,
            forced=call.kind is Kind.RECORD,
            sent=call.sent,
        )

    def check(self, call: Call, now: datetime) -> bool:
        """Say whether a check of that many units passes now."""
        known = load_whole_customer(self.environment_id, self.customer, at=now, user=call.user)
        evaluator = Evaluator(known.snapshot, known.state, user=call.user)
        return evaluator.decide(call.feature, at=now, units=call.units).granted
