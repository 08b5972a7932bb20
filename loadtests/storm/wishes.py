"""What the threads of a host ask for: drawn from the seed, most of it where a limit is about to be reached."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from loadtests.storm import scene
from loadtests.storm.journal import Act, Attempt, Outcome

AGAIN_SHARE = 0.10
"""So many calls send a key again."""
OTHERWISE_SHARE = 0.2
"""And so many of those with another payload."""
_REFUND_SHARE = 0.08
_RECORDS_AT_ONCE = 20
_REMEMBERED = 60
_RACED_SHARE = 0.5
_MOST_UNITS = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """One call that a host means to make."""

    act: Act
    customer: str
    key: str
    feature: str = ""
    user: str | None = None
    units: int = 1
    of: str = ""
    times: int = 1
    """How many records are made at once, under keys of their own."""
    counted: int | None = None
    """How many of the reserved units turn out to be used; `None`: all are let go."""

    @classmethod
    def of_attempt(cls, attempt: Attempt) -> Wish:
        return cls(attempt.act, attempt.customer, attempt.key, attempt.feature, attempt.user, attempt.units, attempt.of)


class Wishes:
    """The wishes of one thread, one after the other."""

    def __init__(
        self, dice: random.Random, *, name: str, began_at: float, seconds: float, earlier: Sequence[Wish]
    ) -> None:
        self._dice, self._name = dice, name
        self._began_at, self._tight = began_at, scene.tight_count(seconds)
        self._count = 0
        self._asked: deque[Wish] = deque(earlier, maxlen=_REMEMBERED)
        self._granted: dict[str, Wish] = {}
        self._given_back: set[str] = set()

    def next(self) -> Wish:
        """Draw the next wish."""
        drawn = self._dice.random()
        if drawn < AGAIN_SHARE and self._asked:
            return self._again()
        if drawn < AGAIN_SHARE + _REFUND_SHARE and self._granted:
            return self._refund()
        return self._new()

    def note(self, wish: Wish, outcome: Outcome) -> None:
        """Remember what may be asked again, and what may be given back."""
        if wish.act is not Act.CONSUME:
            return
        self._asked.append(wish)
        # Only once, so that nothing that is told later is more than is left.
        if outcome is Outcome.DONE and wish.key not in self._given_back:
            self._granted[wish.key] = wish

    def _again(self) -> Wish:
        wish = self._dice.choice(self._asked)
        if self._dice.random() < OTHERWISE_SHARE:
            return replace(wish, units=wish.units + 1)
        return wish

    def _refund(self) -> Wish:
        taken = self._granted.pop(self._dice.choice(list(self._granted)))
        self._given_back.add(taken.key)
        units = self._dice.randint(1, taken.units)
        return replace(taken, act=Act.REFUND, units=units, key=f"{taken.key}/{self._number()}", of=taken.key)

    def _new(self) -> Wish:
        act = self._dice.choices((Act.CONSUME, Act.RESERVE, Act.RECORD, Act.LEVEL), weights=(62, 15, 18, 5), k=1)[0]
        wish = Wish(act, self._customer(), f"{self._name}-{self._number()}", units=self._dice.randint(1, _MOST_UNITS))
        user = self._dice.choice(scene.USERS)
        if act is Act.RECORD:
            feature = self._dice.choice((scene.CALLS, scene.CALLS, scene.SAVED))
            return replace(wish, feature=feature, user=user, times=self._dice.randint(1, _RECORDS_AT_ONCE))
        if act is Act.LEVEL:
            return replace(wish, feature=scene.SEATS, user=None)
        counted = self._dice.choice((None, *range(1, wish.units + 1)))
        # Half of it where the limit is that of the account and of nothing else, so that all hosts race for its end.
        feature = scene.TOKENS if self._dice.random() < _RACED_SHARE else self._dice.choice(scene.METERED)
        return replace(wish, feature=feature, user=user, counted=counted)

    def _customer(self) -> str:
        drawn = self._dice.random()
        if drawn < 0.10:  # noqa: PLR2004 - shares of the accounts, said once
            return scene.STEADY
        if drawn < 0.25:  # noqa: PLR2004 - as above
            return scene.moving_customer(self._dice.randrange(scene.MOVERS))
        return scene.tight_customer(self._in_focus())

    def _in_focus(self) -> int:
        """Choose among the accounts that all hosts use at this moment; a fresh one takes over now and then."""
        passed = max(int((time.time() - self._began_at) / scene.FOCUS_SECONDS), 0)
        return min(passed + self._dice.randrange(scene.FOCUS), self._tight - 1)

    def _number(self) -> int:
        self._count += 1
        return self._count
