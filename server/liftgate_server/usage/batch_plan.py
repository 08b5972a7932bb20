"""What a batch asks of the ledger, put in order: which entries, which counters, which proofs. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liftgate.engine.allowance_model import Allowance
from liftgate_server.usage.facts import BEGINNING, FOREVER, Posting, Proof, StaleTerms, is_kept_by_ledger

__all__ = ["BatchPlan", "BatchSpan", "BatchWindow", "StaleBatch", "can_be_added_up", "parts_of", "plan_batch"]

# A database holds locks for so many customers of one transaction without running out of room for others' locks.
_MOST_CUSTOMERS = 200


class StaleBatch(StaleTerms):
    """The terms of these ``customers`` have changed: make their postings anew and send those that were not taken again.

    ``outcomes`` are the answers in the order of the postings, ``None`` for what was not taken.
    """

    def __init__(self, customers: Iterable[str], outcomes: tuple[Any, ...] = ()) -> None:
        super().__init__()
        self.customers = frozenset(customers)
        self.outcomes = outcomes


@dataclass(frozen=True, slots=True)
class BatchWindow:
    """A counter that the batch needs; ``user`` is empty for the account's."""

    customer: str
    feature: str
    user: str
    window: str
    starts_at: datetime
    ends_at: datetime
    limit: int | None
    marks: tuple[tuple[int, int], ...]

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Counters are locked in this order, by everybody."""
        return self.customer, self.feature, self.user, self.window


@dataclass(frozen=True, slots=True)
class BatchSpan:
    """The entries of one feature that one user's counters, or the account's, may count."""

    customer: str
    feature: str
    user: str
    first_at: datetime
    last_at: datetime
    entries: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A part of a batch that is taken in one transaction: each key once, in the order of customers and keys."""

    postings: tuple[Posting, ...]
    windows: tuple[BatchWindow, ...]
    proofs: Mapping[str, Proof]

    def without(self, keys: frozenset[tuple[str, str]]) -> BatchPlan:
        """Give the same without those (customer, key)."""
        return plan_batch([it for it in self.postings if (it.customer, it.key) not in keys])

    def spans(self) -> Iterator[BatchSpan]:
        """Give the entries by whose counters they may count into, in the order in which counters are locked."""
        by_owner: dict[tuple[str, str, str], list[Posting]] = defaultdict(list)
        for it in self.postings:
            by_owner[it.customer, it.feature, ""].append(it)
            if it.user:
                by_owner[it.customer, it.feature, it.user].append(it)
        for (customer, feature, user), entries in sorted(by_owner.items()):
            instants = [it.at for it in entries]
            yield BatchSpan(customer, feature, user, min(instants), max(instants), tuple(entries))


def can_be_added_up(posting: Posting) -> bool:
    """Whether a posting counts into the base only, so that no order among several matters.

    Buckets of their own are taken from one after the other, and so are trials by uses.
    """
    allowance = posting.allowance
    return allowance is None or all(is_kept_by_ledger(window.key) for window in allowance.windows())


def parts_of(postings: Sequence[Posting]) -> Iterator[Sequence[Posting]]:
    """Cut a batch of very many customers, sorted by customer and key, into parts that are taken one by one.

    A key counts once whatever part it is in, so nobody can tell.
    """
    start, customers = 0, set[str]()
    for index, posting in enumerate(postings):
        customers.add(posting.customer)
        if len(customers) > _MOST_CUSTOMERS:
            yield postings[start:index]
            start, customers = index, {posting.customer}
    if postings:
        yield postings[start:]


def plan_batch(postings: Sequence[Posting]) -> BatchPlan:
    """Put postings in order; raises ``StaleBatch`` where two of one customer were made from different terms."""
    proofs: dict[str, Proof] = {}
    windows: dict[tuple[str, str, str, str], BatchWindow] = {}
    seen: set[tuple[str, int]] = set()
    for it in postings:
        if proofs.setdefault(it.customer, it.proof) != it.proof:
            raise StaleBatch([it.customer])
        if it.allowance is not None and (it.customer, id(it.allowance)) not in seen:
            seen.add((it.customer, id(it.allowance)))
            for window in _windows(it, it.allowance):
                windows.setdefault(window.place, window)
    return BatchPlan(tuple(postings), tuple(windows[place] for place in sorted(windows)), dict(sorted(proofs.items())))


def _windows(posting: Posting, allowance: Allowance) -> Iterator[BatchWindow]:
    for window in allowance.windows():
        yield BatchWindow(
            posting.customer,
            posting.feature,
            window.user or "",
            window.key,
            window.starts_at or BEGINNING,
            window.ends_at or FOREVER,
            window.limit,
            window.marks,
        )
