"""What clients do: a few calls each, asked again until an answer comes, and later once more."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta

from tests.simulation.messages import Answer, Kind, Request, Violation, with_other_payload
from tests.simulation.scheduling import Steps, Wait
from tests.simulation.terms import BOUNDARY, CUSTOMERS, USERS
from tests.simulation.world import World

_MOST_TRIES = 6
_KINDS = (Kind.CONSUME, Kind.RECORD, Kind.RESERVE, Kind.REFUND, Kind.LEVEL, Kind.INCREMENT)
_WEIGHTS = (6.0, 2.0, 4.0, 3.0, 0.7, 1.3)


class Client:
    """One SDK: it makes calls one after the other, each under a key of its own."""

    def __init__(self, world: World, name: str, *, calls: int) -> None:
        self.world = world
        self.chance = world.chance
        self.name = name
        self.calls = calls
        self.granted: list[Request] = []
        self.keys = 0

    def live(self) -> Steps:
        """Make all calls."""
        for _ in range(self.calls):
            yield Wait("thinks")
            kind = self.chance.weighted(_KINDS, _WEIGHTS)
            if kind is Kind.RESERVE:
                yield from self._reserve()
            elif kind is Kind.REFUND:
                yield from self._refund()
            else:
                yield from self._count(kind)

    def persist(self, request: Request) -> Generator[Wait, None, Answer | None]:
        """Ask until an answer comes, as an SDK does; it may give up, and then does not know."""
        for _ in range(_MOST_TRIES):
            answer = yield from self.world.call(request)
            if answer is not None:
                return answer
        return None

    def _count(self, kind: Kind) -> Steps:
        request = self._request(kind)
        answer = yield from self.persist(request)
        if answer is not None and answer.granted and kind in {Kind.CONSUME, Kind.RECORD}:
            self.granted.append(request)
        if answer is not None and answer.is_final and self.chance.happens(0.1):
            yield from self._use_the_key_again(request)

    def _reserve(self) -> Steps:
        reservation = self._request(Kind.RESERVE)
        answer = yield from self.persist(reservation)
        if answer is None or not answer.granted or self.chance.happens(0.2):
            return
        kind = Kind.COMMIT if self.chance.happens(0.7) else Kind.RELEASE
        units = self.chance.whole(0, reservation.units) if kind is Kind.COMMIT else 0
        ending = Request(reservation.customer, reservation.key, kind, reservation.feature, units)
        answer = yield from self.persist(ending)
        if answer is not None and answer.granted and kind is Kind.COMMIT and units:
            self.granted.append(reservation)

    def _refund(self) -> Steps:
        if not self.granted:
            return
        refunded = self.chance.one_of(self.granted)
        units = self.chance.whole(1, refunded.units)
        request = Request(refunded.customer, self._key(), Kind.REFUND, refunded.feature, units, of=refunded.key)
        yield from self.persist(request)

    def _use_the_key_again(self, request: Request) -> Steps:
        other = with_other_payload(request)
        answer = yield from self.world.call(other, is_kept=False)
        if answer is not None and answer.code not in {"idempotency_conflict", "busy"}:
            raise Violation(f"I2: {other} reused a key and was answered {answer}")

    def _request(self, kind: Kind) -> Request:
        customer = CUSTOMERS[0] if self.chance.happens(0.8) else CUSTOMERS[1]
        is_level = kind in {Kind.LEVEL, Kind.INCREMENT}
        feature = "seats" if is_level else self.chance.one_of(("exports", "exports", "exports", "calls"))
        units = self.chance.whole(0, 3) if kind is Kind.LEVEL else self.chance.one_of((1, 1, 2, 3))
        if kind is Kind.INCREMENT and self.chance.happens(0.4):
            units = -1
        user = None if is_level else self.chance.one_of(USERS)
        at = self._late() if kind is Kind.RECORD else None
        seconds = self.chance.one_of((1, 4, 60))
        return Request(customer, self._key(), kind, feature, units, user, at=at, seconds=seconds)

    def _late(self) -> datetime:
        """Say when it happened: just now, some days ago, or exactly at the boundary if that has come."""
        now = self.world.scheduler.now
        options = [now, now, now - timedelta(days=self.chance.whole(1, 32))]
        options += [BOUNDARY, BOUNDARY, BOUNDARY - timedelta(microseconds=1)] if now >= BOUNDARY else []
        return self.chance.one_of(options)

    def _key(self) -> str:
        self.keys += 1
        return f"{self.name}.{self.keys}"
