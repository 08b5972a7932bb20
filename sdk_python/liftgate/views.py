"""Decisions ready to hand out: one view per customer, user and language, and what it answers without data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from liftgate.configuration import Settings
from liftgate.counting import Level, Tally, Used
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.gate_modes import FailPolicy, GateMode
from liftgate.errors import UnknownGate

if TYPE_CHECKING:
    from liftgate.engine.catalogue_model import Gate, Snapshot
    from liftgate.engine.customer_state import CustomerState
    from liftgate.engine.evaluate import Evaluator
    from liftgate.engine.limits import Reported

_LARGEST_COUNT = 2**53 - 1

__all__ = ["Material", "Owner", "Reader", "View", "fallback_decision"]


class Reader(NamedTuple):
    """For whom decisions are made within an account: the user, what the host says about them, their language."""

    user: str | None = None
    is_buyer: bool | None = None
    language: str | None = None


class Owner(Protocol):
    """The customer that a view belongs to."""

    customer: str


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """All that a view decides on. It is replaced as a whole, so an answer never mixes old and new data.

    ``missing`` is the reason of every answer while ``state`` is ``None``.
    """

    snapshot: Snapshot | None = None
    state: CustomerState | None = None
    is_stale: bool = False
    missing: Reason = Reason.UNAVAILABLE


class View(dict[str, Decision]):
    """The answers for one reader of one customer.

    It is a dict because a repeated check then costs one look-up in C. It holds only answers that time alone cannot
    change; the others are kept beside it with their instant, and looked up in ``__missing__`` against the clock.
    ``passed`` has, for gates that were passed, what counts the next call that passes.
    """

    __slots__ = (
        "__weakref__",
        "_evaluator",
        "_lock",
        "_material",
        "_now",
        "_owner",
        "_reader",
        "_settings",
        "_tally",
        "_until",
        "passed",
    )

    # A view is the one of its customer and reader, whatever answers it has at the moment.
    __hash__ = object.__hash__  # type: ignore[assignment]  # a dict says None
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __init__(
        self,
        material: Material,
        *,
        reader: Reader,
        settings: Settings,
        owner: Owner | None = None,
        tally: Tally | None = None,
    ) -> None:
        super().__init__()
        self.passed: dict[str, Callable[[], int]] = {}
        self._tally = tally
        # Whoever is bound to a view keeps its customer in the cache, too, and so within reach of refreshes.
        self._owner = owner
        self._settings = settings
        self._now = settings.clock
        self._reader = reader
        self._lock = threading.Lock()
        self._material = material
        self._evaluator: Evaluator | None = None
        self._until: dict[str, tuple[float, Decision]] = {}

    def __missing__(self, gate: str) -> Decision:
        now = self._now()
        kept = self._until.get(gate)
        if kept is not None and now < kept[0]:
            return kept[1]
        with self._lock:
            decision = self._evaluate(gate, now)
            self.passed.pop(gate, None)
            # An unknown gate's key may come from outside, so remembering it would let a visitor fill the memory.
            if not decision.unknown:
                self._keep(gate, decision)
        return decision

    def decide(self, gate: str, *, units: int | None = None, used: Reported | None = None) -> Decision:
        """Decide with the caller's own numbers; such an answer is never kept.

        Numbers that count nothing (negative, fractional, ``True``) decide nothing: the fail policy answers.
        """
        if not (_is_count(units) and _are_counts(used)):
            if self._settings.strict:
                raise ValueError(f"`units` and `used` are whole numbers from 0 on; got {units!r} and {used!r}.")
            return self._without_data(gate)
        now = self._now()
        with self._lock:
            decision = self._evaluate(gate, now, units=units, used=used)
        if used is not None:
            self._note_level(decision, used, now)
        return decision

    def count_pass(self, decision: Decision) -> None:
        """Count a call that passes, and from now on those that pass with the same decision."""
        if self._tally is None or self._owner is None:
            self.passed[decision.gate] = int  # counts nothing, and costs as little
            return
        # Unknown answers are not kept, so a counter for the next one would find no use.
        uses = self._uses_of(decision)
        advance = None if decision.unknown else self._tally.counter_for(self, self._owner.customer, decision, uses)
        if advance is None:
            self._tally.add(self._owner.customer, decision, uses)
        else:
            self.passed[decision.gate] = advance
            advance()

    def count(self, decision: Decision, *, is_metered: bool = False) -> None:
        """Count a call whose decision is not the one that is kept: a refusal, or one with the host's own numbers.

        ``is_metered`` says that the units of the gate's meter are counted by the ledger.
        """
        if self._tally is not None and self._owner is not None:
            self._tally.add(self._owner.customer, decision, self._uses_of(decision, is_metered=is_metered))

    def count_use(self, feature: str, times: int, *, user: str | None) -> None:
        """Count uses of a feature that no gate saw."""
        if self._tally is not None and self._owner is not None:
            self._tally.add_use(Used(self._owner.customer, user, feature), times)

    def replace_material(self, material: Material) -> None:
        """Decide anew from now on. An answer under way in another thread cannot slip into the new ones."""
        with self._lock:
            self._material = material
            self._evaluator = None
            self._until = {}
            self.clear()

    def replace_counters(self, material: Material, features: Collection[str]) -> None:
        """Decide anew what counters of these features have a part in; the other answers stand."""
        snapshot = material.snapshot
        with self._lock:
            self._material = material
            self._evaluator = None
            for kept in (self, self._until):
                for key in [key for key in kept if _requires(snapshot, key, features)]:
                    kept.pop(key, None)

    def after_fork(self) -> None:
        """Replace the lock: a thread of the parent may have held it at the moment of the fork."""
        self._lock = threading.Lock()

    @property
    def material(self) -> Material:
        """What the view decides on at the moment."""
        return self._material

    @property
    def settings(self) -> Settings:
        """How the client behaves."""
        return self._settings

    @property
    def reader(self) -> Reader:
        """For whom it decides."""
        return self._reader

    def _uses_of(self, decision: Decision, *, is_metered: bool = False) -> tuple[Used, ...]:
        """Return what is used by a call that passes: all that the gate requires, or the one of several that granted."""
        snapshot, owner = self._material.snapshot, self._owner
        gate = snapshot.gate(decision.gate) if snapshot is not None and decision.granted else None
        if gate is None or snapshot is None or owner is None:
            return ()
        features = [requirement.feature for requirement in gate.requirements]
        if gate.match == "any":
            features = [decision.feature] if decision.feature in features else features[:1]
        if is_metered:
            known = snapshot.catalogue.features
            features = [feature for feature in features if feature not in known or known[feature].kind != "metered"]
        return tuple(Used(owner.customer, self._reader.user, feature) for feature in features)

    def _note_level(self, decision: Decision, used: Reported, now: float) -> None:
        # Only where the number was taken for the count of this very feature.
        if self._tally is None or self._owner is None or decision.feature is None or decision.used != used:
            return
        self._tally.set_level(self._owner.customer, decision.feature, Level(decision.used, now))

    def _keep(self, gate: str, decision: Decision) -> None:
        if decision.valid_until is None:
            self[gate] = decision
        else:
            self._until[gate] = (decision.valid_until.timestamp(), decision)

    def _evaluate(self, gate: str, now: float, *, units: int | None = None, used: Reported | None = None) -> Decision:
        snapshot, state = self._material.snapshot, self._material.state
        if snapshot is None or state is None:
            return self._without_data(gate)
        try:
            decision = self._evaluator_of(snapshot, state).decide(
                gate, at=datetime.fromtimestamp(now, UTC), units=units, used=used
            )
        except Exception:
            # The engine answers for all data it can describe. Should it ever fail, the host app must not go down
            # with it: outside of tests a broken answer is a missing one.
            if self._settings.strict:
                raise
            return self._without_data(gate)
        if decision.unknown:
            return self._unknown(snapshot, decision)
        return replace(decision, stale=True) if self._material.is_stale else decision

    def _evaluator_of(self, snapshot: Snapshot, state: CustomerState) -> Evaluator:
        if self._evaluator is None:
            # Imported late, see `liftgate.api`; by now it is there, so this costs a look-up.
            from liftgate.engine.evaluate import Evaluator  # noqa: PLC0415

            reader = self._reader
            self._evaluator = Evaluator(
                snapshot, state, user=reader.user, buyer=reader.is_buyer, language=reader.language
            )
        return self._evaluator

    def _without_data(self, gate: str) -> Decision:
        snapshot = self._material.snapshot
        declared = snapshot.gate(gate) if snapshot is not None else None
        reason = Reason.UNKNOWN_GATE if snapshot is not None and declared is None else self._material.missing
        if reason is Reason.UNKNOWN_GATE and self._settings.strict:
            raise UnknownGate(gate)
        decision = fallback_decision(gate, reason=reason, declared=declared, otherwise=self._settings.on_failure)
        return replace(decision, stale=self._material.is_stale)

    def _unknown(self, snapshot: Snapshot, decision: Decision) -> Decision:
        """Apply the fail policy to an answer that the engine had no data for."""
        if decision.reason is Reason.UNKNOWN_GATE and self._settings.strict:
            raise UnknownGate(decision.gate)
        declared = snapshot.gate(decision.gate)
        policy = declared.on_failure if declared is not None else self._settings.on_failure
        return replace(decision, granted=policy is FailPolicy.OPEN, fallback=True, stale=self._material.is_stale)


def _requires(snapshot: Snapshot | None, key: str, features: Collection[str]) -> bool:
    gate = snapshot.gate(key) if snapshot is not None else None
    return gate is None or any(requirement.feature in features for requirement in gate.requirements)


def fallback_decision(gate: str, *, reason: Reason, declared: Gate | None, otherwise: FailPolicy) -> Decision:
    """Answer without a customer's data: by the gate's mode where that is enough, else by the fail policy."""
    mode = declared.mode if declared is not None else GateMode.ENFORCE
    if mode is GateMode.OPEN:
        return Decision(granted=True, reason=Reason.GATE_OPEN, gate=gate)
    if mode is GateMode.CLOSED:
        return Decision(granted=False, reason=Reason.GATE_CLOSED, gate=gate)
    if mode is GateMode.OBSERVE:
        return Decision(granted=True, reason=Reason.OBSERVED, observed=reason, gate=gate, fallback=True)
    policy = declared.on_failure if declared is not None else otherwise
    return Decision(granted=policy is FailPolicy.OPEN, reason=reason, gate=gate, fallback=True)


def _is_count(number: object) -> bool:
    return number is None or (type(number) is int and 0 <= number <= _LARGEST_COUNT)


def _are_counts(used: object) -> bool:
    if isinstance(used, Mapping):
        return all(number is not None and _is_count(number) for number in used.values())
    return _is_count(used)
