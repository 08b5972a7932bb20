"""One run of the simulation from its seed, with everything that is checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tests.simulation.chance import Chance
from tests.simulation.clients import Client
from tests.simulation.facts import Facts
from tests.simulation.messages import Request
from tests.simulation.oracle import Watcher, check_journal
from tests.simulation.scheduling import Scheduler, Stuck, Wait
from tests.simulation.terms import BOUNDARY, PROMOTION_ENDS, START
from tests.simulation.world import Ledger, Storage, World

_MOST_STEPS = 20_000
# Just before a month ends, mostly; else when it has just ended, or when the promotion has.
_BEGINNINGS = (START, START, BOUNDARY, PROMOTION_ENDS)


class Subject(Protocol):
    """What is put to the test: a ledger's logic, the store it runs on, and how to read what is committed there."""

    @property
    def storage(self) -> Storage:
        """The store."""

    @property
    def ledger(self) -> Ledger:
        """The logic."""

    def facts(self) -> Facts:
        """Tell what is committed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A seed that breaks an invariant, with what happened before."""

    seed: int
    problem: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        told = "\n".join(self.trace)
        return f"seed {self.seed}: {self.problem}\n{told}"


def simulate(seed: int, make: Callable[[], Subject], trace: list[str] | None = None) -> int:
    """Run one seed and return the number of steps; raises AssertionError where an invariant does not hold."""
    chance = Chance(seed)
    subject = make()
    scheduler = Scheduler(chance, chance.one_of(_BEGINNINGS), trace=trace)
    world = World(chance, scheduler, subject.storage, subject.ledger)
    watcher = Watcher(subject.facts, subject.storage, world.journal)
    scheduler.after_each = watcher.look
    for number in range(chance.whole(2, 4)):
        client = Client(world, f"client-{number}", calls=chance.whole(2, 5))
        scheduler.start(client.name, client.live(), pace=1.0)
    world.begin_chaos()
    scheduler.run(most_steps=_MOST_STEPS)
    world.calm_down()
    scheduler.start("audit", _ask_all_again(world), pace=1.0)
    scheduler.run(most_steps=2 * _MOST_STEPS)
    watcher.look_at_all()
    check_journal(subject.facts(), world.journal)
    return scheduler.count


def find_failure(seeds: range, make: Callable[[], Subject]) -> Failure | None:
    """Run seed after seed and tell of the first that fails, in full."""
    for seed in seeds:
        try:
            simulate(seed, make)
        except AssertionError as failure:
            return replay(seed, make) or Failure(seed, f"only once: {failure}", ())
    return None


def replay(seed: int, make: Callable[[], Subject]) -> Failure | None:
    """Run a seed once more and write down every step."""
    trace: list[str] = []
    try:
        simulate(seed, make, trace)
    except AssertionError as failure:
        return Failure(seed, f"{type(failure).__name__}: {failure}", tuple(trace))
    return None


def _ask_all_again(world: World) -> Generator[Wait, None, None]:
    """Ask everything once more, when nothing goes wrong any more: the answers have to be those of before."""
    requests = list(world.journal.requests.values())
    while requests:
        request = requests.pop(world.chance.whole(0, len(requests) - 1))
        answer = yield from _until_answered(world, request)
        if answer and world.chance.happens(0.05):
            world.scheduler.pass_time(timedelta(hours=world.chance.whole(1, 900)))


def _until_answered(world: World, request: Request) -> Generator[Wait, None, bool]:
    for _ in range(20):
        answer = yield from world.call(request)
        if answer is not None:
            return True
    raise Stuck(f"nobody answers {request}")
