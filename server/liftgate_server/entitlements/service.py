"""The checks: from a request, through the caches or the tables, to the engine's answer."""

# size: where the engine, the caches, the rows and the tallies meet; each is one import

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from liftgate.engine import explain as explaining
from liftgate.engine.catalogue_model import OnUpgrade, OverLimitPolicy, Snapshot
from liftgate.engine.judging import Asked
from liftgate.engine.limits import Reported
from liftgate.engine.notices import Notice, notices
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.catalog.snapshots import snapshot_at
from liftgate_server.entitlements.caches import EnvironmentCache, KnownCustomer, LoadedCustomer
from liftgate_server.entitlements.counters import NOTHING_COUNTED, Reading, read_counters, read_counters_of_users
from liftgate_server.entitlements.mappers import customer_state, pinned_products, unknown_customer_state
from liftgate_server.entitlements.queries import read_crossings, read_customer, read_marks, read_products
from liftgate_server.entitlements.views import Answer, Reader, answer_of, encoded, evaluator_for
from liftgate_server.plumbing.changes import changes_after
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import db
from liftgate_server.plumbing.metrics import count_check, count_checks, count_look_up
from liftgate_server.usage.tallies import Tallies

__all__ = ["BatchQuestion", "Checks", "Question", "load_customer", "load_whole_customer", "reading_of"]

# What ended longer ago takes no part in any decision about now; the margin covers hosts whose clocks are slow.
_KEPT_AFTER_END = timedelta(days=35)
# Where a limit starts anew with a higher plan, or a grace runs since a lower one, what was held within the longest
# period decides too: a year, and as late as an event may come.
_KEPT_TO_LOOK_BACK = timedelta(days=366 + 35)


@dataclass(frozen=True, slots=True)
class Question:
    """One check as asked; ``at`` is ``None`` for now."""

    customer: str
    gate: str
    reader: Reader = (None, None, None)
    units: int | None = None
    used: Reported | None = None
    at: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it asks only for what the state says now, so that the answer can be remembered."""
        return self.units is None and self.used is None and self.at is None


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """Several checks of one customer at once; ``gates`` is ``None`` for all, ``used`` is by gate."""

    customer: str
    gates: tuple[str, ...] | None = None
    reader: Reader = (None, None, None)
    used: Mapping[str, Reported] = field(default_factory=dict)


class Checks:
    """The answers of one app; it holds the caches of its process."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._environments: dict[int, EnvironmentCache] = {}

    def known_customer(self, environment_id: int, number: int, customer: str) -> KnownCustomer:
        """Return a customer as of now; ``number`` is the environment's latest change number."""
        cache = self._fresh(environment_id, number)
        known = cache.customer(customer)
        count_look_up(is_hit=known is not None)
        return known or cache.keep(load_customer(environment_id, customer, at=now()))

    def check(self, environment_id: int, number: int, question: Question) -> Answer:
        """Decide one gate."""
        if question.at is not None:
            past = load_whole_customer(environment_id, question.customer, at=question.at, user=question.reader[0])
            evaluator = evaluator_for(past.snapshot, past.state, question.reader)
            return answer_of(evaluator.decide(question.gate, at=question.at, units=question.units, used=question.used))
        known, at = self.known_customer(environment_id, number, question.customer), now()
        view = known.view(question.reader)
        reading = reading_of(environment_id, known, (question.gate,), at=at, user=question.reader[0])
        if question.is_plain:
            answer = view.answer(question.gate, at, reading)
        else:
            answer = view.answer_to(question.gate, at, reading, units=question.units, used=question.used)
        count_check(answer.decision.reason)
        self._tallies.count(environment_id, question.customer, answer.decision)
        return answer

    def check_batch(self, environment_id: int, number: int, questions: BatchQuestion) -> dict[str, bytes]:
        """Decide several gates, or all there are; every decision comes as JSON."""
        known = self.known_customer(environment_id, number, questions.customer)
        view, at, used = known.view(questions.reader), now(), questions.used
        gates = known.gates if questions.gates is None else questions.gates
        reading = reading_of(environment_id, known, questions.gates, at=at, user=questions.reader[0])
        answers = {
            gate: encoded(view.evaluator(reading).decide(gate, at=at, used=used[gate]))
            if gate in used
            else view.encoded(gate, at, reading)
            for gate in gates
        }
        count_checks([decision.reason for decision, _ in answers.values()])
        return {gate: text for gate, (_, text) in answers.items()}

    def explain(self, environment_id: int, question: Question) -> explaining.Explanation:
        """Decide one gate and tell why."""
        at, user = question.at or now(), question.reader[0]
        past = load_whole_customer(environment_id, question.customer, at=at, user=user)
        asked = Asked(at=at, user=user, units=question.units, reported=question.used)
        return explaining.explain(past.snapshot, past.state, question.gate, asked)

    def notices(self, environment_id: int, number: int, customer: str, language: str | None) -> tuple[Notice, ...]:
        """Return what a customer has to be told ahead of time."""
        known = self.known_customer(environment_id, number, customer)
        return notices(known.snapshot, known.state, at=now(), language=language)

    def state(self, environment_id: int, known: KnownCustomer) -> bytes:
        """Return a customer's state as JSON, with the account's running counters and those of its users."""
        at, customer = now(), known.state.customer
        reading = reading_of(environment_id, known, None, at=at, user=None)
        if reading is NOTHING_COUNTED:
            return known.encoded({})
        of_account = {key: number for key, number in reading.usage.items() if number}
        return known.encoded(of_account | read_counters_of_users(environment_id, customer, at))

    def recalled_customer(self, environment_id: int, customer: str) -> KnownCustomer | None:
        """Return a customer as this process last knew it; whoever acts on it proves that nothing has changed since."""
        cache = self._environments.get(environment_id)
        return None if cache is None else cache.customer(customer)

    def snapshot(self, environment_id: int, number: int) -> tuple[int, bytes]:
        """Return the version of the current snapshot, and the snapshot as JSON."""
        snapshot = current_snapshot(environment_id)
        return snapshot.version, self._fresh(environment_id, number).snapshot_bytes(snapshot)

    def _fresh(self, environment_id: int, number: int) -> EnvironmentCache:
        cache = self._environments.setdefault(environment_id, EnvironmentCache(number))
        while cache.number != number:
            seen = cache.number
            page = changes_after(environment_id, seen)
            cache.catch_up(seen, page)
            if page.reset or not page.changes:
                # Emptied, or another thread has seen more than this request's number says.
                break
        return cache


def reading_of(
    environment_id: int, known: KnownCustomer, gates: tuple[str, ...] | None, *, at: datetime, user: str | None
) -> Reading:
    """Read the counters behind some gates, or behind all; nothing is read where nothing is counted."""
    counted = known.counted(environment_id, gates, at=at, user=user)
    return NOTHING_COUNTED if counted is None else read_counters(counted, at)


def load_customer(environment_id: int, customer: str, *, at: datetime | None) -> LoadedCustomer:
    """Read the current snapshot and the customer's state as it bears on an instant, or on any; without use."""
    # A connection of its own: the request's session may look at the database as it was some statements ago.
    with db.engine.connect() as connection:
        # Read first, so what follows is at least as new as the number it is remembered under.
        number, catalogue_mark = read_marks(connection, environment_id)
        snapshot = snapshot_at(connection, environment_id, catalogue_mark)
        ended_after = None if at is None else at - _kept_after_end(snapshot)
        rows = read_customer(connection, environment_id, customer, ended_after=ended_after)
        crossings = read_crossings(connection, environment_id, customer, at=now())
        if rows is None:
            state = unknown_customer_state(snapshot, customer)
        else:
            products = read_products(connection, environment_id, pinned_products(rows, snapshot))
            state = customer_state(rows, products, snapshot)
    return LoadedCustomer(number, snapshot, replace(state, crossings=crossings), catalogue_mark)


def load_whole_customer(environment_id: int, customer: str, *, at: datetime, user: str | None) -> LoadedCustomer:
    """Read all there ever was of a customer, with the use as the counters say it now of the windows of an instant."""
    loaded = load_customer(environment_id, customer, at=None)
    known = KnownCustomer(loaded.snapshot, loaded.state)
    reading = reading_of(environment_id, known, None, at=at, user=user)
    return replace(loaded, state=replace(loaded.state, usage=reading.usage))


def _kept_after_end(snapshot: Snapshot) -> timedelta:
    looks_back = any(
        feature.on_upgrade is OnUpgrade.RESET or feature.over_limit.policy is OverLimitPolicy.GRACE
        for feature in snapshot.catalogue.features.values()
    )
    return _KEPT_TO_LOOK_BACK if looks_back else _KEPT_AFTER_END
