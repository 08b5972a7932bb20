"""Every hard limit in every window: nothing was given beyond the limit in force, however the plan moved meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadtests.storm import scene
from loadtests.storm.evidence import CounterFact, Evidence
from loadtests.storm.journal import Act, Attempt, Outcome
from loadtests.storm.verdict_on_sums import by_account, lies_within
from loadtests.storm.violations import Violation, Wrong


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A plan that was asked for, and when the server confirmed that it is in force."""

    customer: str
    plan: str
    asked_at: float
    confirmed_at: float | None


class Plans:
    """Which plans may have been in force at any moment between two."""

    def __init__(self, changes: Sequence[PlanChange]) -> None:
        self._changes: defaultdict[str, list[PlanChange]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: change.asked_at):
            self._changes[change.customer].append(change)

    def ever(self, customer: str) -> set[str]:
        return self.between(customer, float("-inf"), float("inf"))

    def between(self, customer: str, begin: float, end: float) -> set[str]:
        """Give the plans that may have been in force: each from when it was asked for until the next is confirmed."""
        changes = self._changes[customer]
        first = PlanChange(customer, scene.plan_at_first(customer), float("-inf"), float("-inf"))
        possible = set()
        for number, change in enumerate([first, *changes]):
            confirmed = [later.confirmed_at for later in changes[number:] if later.confirmed_at is not None]
            if change.asked_at <= end and begin <= min(confirmed, default=float("inf")):
                possible.add(change.plan)
        return possible


def judge_limits(attempts: Sequence[Attempt], evidence: Evidence, changes: Sequence[PlanChange]) -> Iterator[Violation]:
    """Find every window with too much in it, and every grant that no plan of its moment allowed."""
    plans = Plans(changes)
    yield from _judge_windows(evidence, plans)
    yield from _judge_grants(attempts, plans)


def _judge_windows(evidence: Evidence, plans: Plans) -> Iterator[Violation]:
    """Add up what every window holds, from the ledger and not from its counter, which may be what is wrong."""
    events, reservations = by_account(evidence.events), by_account(evidence.reservations)
    for counter in evidence.counters:
        limit = _most(plans.ever(counter.customer), counter)
        if limit is None:
            continue
        account = counter.customer, counter.feature
        total = sum(event.quantity for event in events[account] if lies_within(event, event.at, counter))
        total += sum(
            found.units
            for found in reservations[account]
            if found.state == "open" and lies_within(found, found.created_at, counter)
        )
        if total > limit:
            yield Violation(Wrong.OVERSOLD, counter.name, f"{total} of {limit}")


def _most(plans: set[str], counter: CounterFact) -> int | None:
    """Give the highest of the plans' limits on a window; `None` when one of them has none."""
    limits = [scene.limit_of(plan, counter.feature, counter.window) for plan in plans]
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None


def _judge_grants(attempts: Sequence[Attempt], plans: Plans) -> Iterator[Violation]:
    """Hold what each grant said of the account against the plans of its moment: of a window that has room left."""
    for attempt in attempts:
        is_new = attempt.outcome is Outcome.DONE and not attempt.answer.get("replayed")
        if not is_new or attempt.act is not Act.CONSUME or attempt.answered_at is None:
            continue
        possible = plans.between(attempt.customer, attempt.asked_at, attempt.answered_at)
        most = max(scene.highest_limit(plan, attempt.feature) for plan in possible)
        used = attempt.answer.get("used")
        if used is not None and used > most:
            about = f"{attempt.customer} {attempt.key} {attempt.feature}"
            yield Violation(Wrong.OVERSOLD, about, f"{used} of {most} when it was granted")
