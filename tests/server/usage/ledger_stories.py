"""Random stories of one customer: calls, batches and changes of what is held, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from liftgate_server.customers.timeline import When
from liftgate_server.usage.batches import StaleBatch, record_batch
from liftgate_server.usage.facts import Posted
from tests.server.usage.ledger_calls import Account, Call, Kind
from tests.server.usage.ledger_setting import Holder, rows_of

_JUMPS = (0, 0, 0, 0, 1, 119, 3600, 86_400, 31 * 86_400)


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens next: time passes, and then calls are made, alone or as one batch, or the holdings change."""

    seconds: int
    calls: tuple[Call, ...] = ()
    is_batch: bool = False
    holding: str = ""


@dataclass
class Storyteller:
    """Draws turns; what it knows is which keys it has used."""

    chance: random.Random
    now: datetime
    keys: int = 0
    made: list[Call] = field(default_factory=list)
    is_pro: bool = False

    def turn(self) -> Turn:
        """Draw what happens next."""
        seconds = self.chance.choice(_JUMPS)
        self.now += timedelta(seconds=seconds)
        drawn = self.chance.random()
        if drawn < 0.06:
            self.is_pro = not self.is_pro
            return Turn(seconds, holding="pro" if self.is_pro else "free")
        if drawn < 0.09:
            return Turn(seconds, holding="gift")
        if drawn < 0.2:
            records = tuple(self._call(Kind.RECORD) for _ in range(self.chance.randint(1, 5)))
            return Turn(seconds, (*records, self.chance.choice(records)), is_batch=True)
        if drawn < 0.3 and self.made:
            return Turn(seconds, (self.chance.choice(self.made),))
        kinds = [Kind.CONSUME] * 4 + [Kind.RESERVE] * 3 + [Kind.COMMIT, Kind.RELEASE] * 2
        return Turn(seconds, (self._call(self.chance.choice([*kinds, *Kind])),))

    def _call(self, kind: Kind) -> Call:
        chance = self.chance
        units = chance.choice([1, 1, 2, 3])
        reservations = [call.key for call in self.made if call.kind is Kind.RESERVE]
        if kind in {Kind.COMMIT, Kind.RELEASE}:
            key = chance.choice([*reservations[-3:], "unknown"])
            return self._keep(Call(kind, key, units=chance.randint(0, 3) if kind is Kind.COMMIT else None))
        self.keys += 1
        key = f"key-{self.keys}"
        if kind is Kind.REFUND:
            of = chance.choice([call.key for call in self.made][-8:] or ["unknown"])
            return self._keep(Call(kind, key, "", chance.choice([None, 1, 2]), of=of))
        if kind in {Kind.LEVEL, Kind.INCREMENT}:
            return self._keep(Call(kind, key, "seats", chance.randint(0, 4) if kind is Kind.LEVEL else units - 2))
        at = self.now - timedelta(days=chance.choice([0, 1, 20])) if kind is Kind.RECORD else None
        feature, user = chance.choice(["exports", "exports", "calls", "seats"]), chance.choice(["ann", "ben", None])
        return self._keep(Call(kind, key, feature, units, user, at=at, seconds=120))

    def _keep(self, call: Call) -> Call:
        self.made.append(call)
        return call


def tell(environment_id: int, customer: str, turns: list[Turn], clock: Any) -> tuple[list[Any], dict[str, list[Any]]]:
    """Carry a story out in the running app; return every answer, and all rows that the ledger then has."""
    holder, account = Holder(environment_id, customer), Account(environment_id, customer)
    gifts: list[str] = []
    answers: list[Any] = []
    for turn in turns:
        clock.advance(timedelta(seconds=turn.seconds))
        if turn.holding == "gift":
            gifts.append(holder.give(clock.now(), 30).bucket)
        elif turn.holding == "pro":
            holder.go_pro()
        elif turn.holding == "free":
            holder.cancel(When.NOW)
        elif turn.is_batch:
            answers.extend(_plain(posted) for posted in _batch(account, turn.calls, clock.now()))
        else:
            answers.extend(_answer(account, call, clock.now()) for call in turn.calls)
    rows = orjson.dumps(rows_of(customer), default=str, option=orjson.OPT_SORT_KEYS)
    told = orjson.dumps(answers, default=str)
    for place, gift in enumerate(gifts):
        # Grants have random names.
        name = f"bucket:gift-{place}".encode()
        rows, told = rows.replace(gift.encode(), name), told.replace(gift.encode(), name)
        short = gift.removeprefix("bucket:").encode()
        rows, told = rows.replace(short, name), told.replace(short, name)
    return orjson.loads(told), orjson.loads(rows)


def _batch(account: Account, calls: tuple[Call, ...], now: datetime) -> tuple[Any, ...]:
    for _ in range(3):
        try:
            return record_batch(account.environment_id, [account.posting(call, now) for call in calls])
        except StaleBatch:
            pass  # a threshold was crossed on the way, of which the customer's readers were told
    raise AssertionError("a batch that is stale again and again")


def _answer(account: Account, call: Call, now: datetime) -> Any:
    told, posted = account.make(call, now)
    return [call.kind, told.code, _plain(posted)]


def _plain(posted: Any) -> Any:
    if not isinstance(posted, Posted):
        return str(posted)
    receipt = posted.receipt
    return [
        posted.granted,
        posted.replayed,
        [[part.bucket, part.units] for part in receipt.parts],
        sorted([str(window), units] for window, units in receipt.counters.items()),
        receipt.at,
        receipt.expires_at,
        sorted(map(str, posted.crossed)),
        posted.to_announce,
    ]
