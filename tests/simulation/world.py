"""Servers, a network that loses and repeats, clients' calls, and everything else that may happen meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from liftgate.engine.allowance import Allowance, allowance_of
from tests.simulation.chance import Chance
from tests.simulation.messages import BUSY, Answer, Journal, Request
from tests.simulation.scheduling import Scheduler, Steps, Wait
from tests.simulation.terms import BOUNDARY, CUSTOMERS, PROMOTION_ENDS, snapshot_of, state_of

_MOST_TRIES = 5
_JUMPS = (timedelta(microseconds=1), timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=61))


class StaleTerms(Exception):
    """What the server knew of catalogue or customer is no longer so."""


class Refused(Exception):
    """A problem with a code, such as a key that was used for something else."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server knows of catalogue and customer, with the versions it knew it at.

    An allowance that was made is remembered for as long as it says that it holds, as the server does.
    """

    customer: str
    catalogue: int
    publication: int
    version: int
    plan: str
    has_gift: bool
    remembered: dict[tuple[str, str | None], tuple[datetime, Allowance]] = field(default_factory=dict, compare=False)

    def allowance(self, feature: str, *, at: datetime, user: str | None) -> Allowance:
        """Ask the engine, or what it said before."""
        since, known = self.remembered.get((feature, user), (at, None))
        if known is not None and since <= at and (known.valid_until is None or at < known.valid_until):
            return known
        snapshot = snapshot_of(self.publication, self.catalogue)
        state = state_of(self.customer, self.version, self.plan, self.has_gift)
        found = allowance_of(snapshot, state, feature, at=at, user=user)
        assert found is not None
        self.remembered[feature, user] = (at, found)
        return found


class Connection(Protocol):
    """One connection to the store."""

    is_open: bool


class Storage(Protocol):
    """The database of the simulation: it carries out one step of one connection at a time."""

    commits: int

    def connect(self, name: str) -> Any:
        """Open a connection."""

    def is_blocked(self, session: Any, step: Any) -> bool:
        """Whether another connection has to end first."""

    def take(self, session: Any, step: Any) -> Any:
        """Carry out a step."""

    def abandon(self, session: Any) -> None:
        """Forget what was not committed."""


class Ledger(Protocol):
    """The logic under test: generators that yield steps for the store and are sent what the store answered."""

    def handle(self, request: Request, terms: Terms, *, now: datetime) -> Generator[Any, Any, Answer]:
        """Do what the request wants; raises StaleTerms and Refused."""

    def load(self, customer: str) -> Generator[Any, Any, Terms]:
        """Read what is known of catalogue and customer."""

    def change_customer(self, customer: str, *, plan: str | None, has_gift: bool | None) -> Generator[Any, Any, None]:
        """Change what a customer holds."""

    def publish(self, publication: int) -> Generator[Any, Any, None]:
        """Publish another catalogue."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How much goes wrong; drawn for each run, so that some know no crash and others little else."""

    lost: float = 0.0
    repeated: float = 0.0
    crashes: int = 0
    jumps: int = 0
    changes: int = 0


def draw_faults(chance: Chance) -> Faults:
    """Draw how much goes wrong in a run."""
    return Faults(
        lost=chance.one_of((0.0, 0.1, 0.3)),
        repeated=chance.one_of((0.0, 0.1, 0.4)),
        crashes=chance.one_of((0, 1, 4, 12)),
        jumps=chance.one_of((0, 2, 6)),
        changes=chance.one_of((0, 2, 5)),
    )


@dataclass
class Server:
    """A process: its connections and what it remembers are gone when it dies."""

    name: str
    skew: timedelta
    remembered: dict[str, Terms] = field(default_factory=dict)
    sessions: list[Any] = field(default_factory=list)


@dataclass
class Answers:
    """What came back to one call, also when nobody waits for it any more."""

    request: Request
    journal: Journal | None
    arrived: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.journal is not None:
            self.journal.sent(self.request)

    def arrive(self, answer: Answer) -> None:
        """Take an answer in."""
        if self.journal is not None:
            self.journal.arrived(self.request, answer)
        self.arrived.append(answer)


class World:
    """Everything of one run but the clients' plans."""

    def __init__(self, chance: Chance, scheduler: Scheduler, storage: Storage, ledger: Ledger) -> None:
        self.chance = chance
        self.scheduler = scheduler
        self.storage = storage
        self.ledger = ledger
        self.journal = Journal()
        self.faults = draw_faults(chance)
        skews = (timedelta(0), timedelta(seconds=chance.one_of((0, 0, -3, 3))))
        self.servers = [Server(f"server-{number}", skew) for number, skew in enumerate(skews)]

    def begin_chaos(self) -> None:
        """Let happen what nobody asked for."""
        acts = (
            (self._crash, self.faults.crashes),
            (self._jump, self.faults.jumps),
            (self._change, self.faults.changes),
        )
        for act, times in acts:
            if times:
                self.scheduler.start(act.__name__, self._repeat(act, times), pace=times / 60, is_background=True)

    def calm_down(self) -> None:
        """Let nothing go wrong any more."""
        self.faults = Faults()

    def call(self, request: Request, *, is_kept: bool = True) -> Generator[Wait, None, Answer | None]:
        """Make a call and wait for its answer, for a while; what is not kept is not in the journal."""
        answers = Answers(request, self.journal if is_kept else None)
        for _ in range(2 if self.chance.happens(self.faults.repeated) else 1):
            if not self.chance.happens(self.faults.lost):
                self.scheduler.start(f"call {request.key}", self._deliver(request, answers))
        patience = self.scheduler.count + self.chance.whole(20, 400)
        yield Wait(
            f"waits for {request.kind} {request.key}",
            ready=lambda: bool(answers.arrived) or self.scheduler.count > patience,
            until=self.scheduler.now + timedelta(seconds=2),
        )
        return answers.arrived[0] if answers.arrived else None

    def _deliver(self, request: Request, answers: Answers) -> Steps:
        yield Wait("travels")
        server = self.chance.one_of(self.servers)
        serving = self._serve(server, request, answers)
        self.scheduler.start(f"{server.name} {request.kind} {request.key}", serving, owner=server.name)

    def _serve(self, server: Server, request: Request, answers: Answers) -> Steps:
        session = self.storage.connect(server.name)
        server.sessions.append(session)
        answer = yield from self._answer(server, session, request)
        server.sessions.remove(session)
        self.scheduler.tell(f"{server.name} answers {request.key}: {answer}")
        if not self.chance.happens(self.faults.lost):
            self.scheduler.start(f"answer to {request.key}", self._arrive(answer, answers))

    def _arrive(self, answer: Answer, answers: Answers) -> Steps:
        yield Wait("travels back")
        answers.arrive(answer)

    def _answer(self, server: Server, session: Any, request: Request) -> Generator[Wait, None, Answer]:
        for _ in range(_MOST_TRIES):
            terms = server.remembered.get(request.customer)
            if terms is None:
                terms = yield from self.carry_out(session, self.ledger.load(request.customer))
                server.remembered[request.customer] = terms
            now = self.scheduler.now + server.skew
            try:
                answer: Answer = yield from self.carry_out(session, self.ledger.handle(request, terms, now=now))
            except StaleTerms:
                server.remembered.pop(request.customer, None)
                continue
            except Refused as refused:
                return Answer(granted=False, code=refused.code)
            return answer
        return BUSY

    def carry_out(self, session: Any, steps: Generator[Any, Any, Any]) -> Generator[Wait, None, Any]:
        """Take steps of the ledger one by one; before each, anything else may happen, a crash as well."""
        answer: Any = None
        go_on = steps.send
        while True:
            try:
                step = go_on(answer)
            except StopIteration as end:
                return end.value
            except (StaleTerms, Refused):
                self.storage.abandon(session)
                raise
            yield Wait(step)
            while self.storage.is_blocked(session, step):
                yield Wait(("waits for another to", step), ready=partial(self._is_free, session, step))
            go_on, answer = steps.send, None
            try:
                answer = self.storage.take(session, step)
            except sqlite3.Error as failure:
                go_on, answer = steps.throw, failure

    def _is_free(self, session: Any, step: Any) -> bool:
        return not self.storage.is_blocked(session, step)

    def _repeat(self, act: Any, times: int) -> Steps:
        for _ in range(times):
            yield Wait("comes")
            if self.faults.crashes or self.faults.jumps or self.faults.changes:
                yield from act()

    def _crash(self) -> Steps:
        server = self.chance.one_of(self.servers)
        self.scheduler.kill(server.name)
        for session in server.sessions:
            self.storage.abandon(session)
        server.sessions.clear()
        server.remembered.clear()
        yield Wait("has happened")

    def _jump(self) -> Steps:
        targets = [at for at in (BOUNDARY, PROMOTION_ENDS) if at > self.scheduler.now]
        if targets and self.chance.happens(0.4):
            # Exactly at the boundary, and one tick before and after it.
            goal = targets[0] + timedelta(microseconds=self.chance.one_of((-1, 0, 0, 1)))
            self.scheduler.now = max(self.scheduler.now, goal)
        else:
            self.scheduler.pass_time(self.chance.one_of(_JUMPS))
        yield Wait("time has passed")

    def _change(self) -> Steps:
        session = self.storage.connect("manager")
        customer = self.chance.one_of(CUSTOMERS)
        if self.chance.happens(0.3):
            yield from self.carry_out(session, self.ledger.publish(self.chance.whole(0, 1)))
            return
        plan = self.chance.one_of(("free", "pro", None))
        gift = self.chance.one_of((True, False)) if plan is None else None
        yield from self.carry_out(session, self.ledger.change_customer(customer, plan=plan, has_gift=gift))
