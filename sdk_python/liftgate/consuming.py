"""What counting use gives back: an answer that can be taken back, and units held until their use is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from liftgate.errors import GateUnavailable, LiftgateError, UpgradeRequired
from liftgate.uses import Use, check_units

if TYPE_CHECKING:
    from liftgate.engine.decision import Decision
    from liftgate.engine.payload_model import Payload

__all__ = ["Consumption", "Hold", "Meter", "Reservation", "Taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from one bucket: ``base`` (plan, trial, override) or the key of a promotion or an add-on."""

    bucket: str
    units: int


@dataclass(frozen=True, slots=True)
class Hold:
    """What asking for a reservation gave. Refused, it holds nothing; ``without_server``, nobody knows of it."""

    decision: Decision
    expires_at: datetime | None = None
    replayed: bool = False
    receipt: tuple[Taken, ...] = ()
    without_server: bool = False


class Meter(Protocol):
    """Who counts: the server, asked by ``Client``, or the memory of ``testing.TestClient``.

    ``waits`` says whether a call may have to wait for somebody else, so that coroutines let a thread make it.
    """

    waits: bool

    def consume(self, use: Use) -> Consumption:
        """Check and count in one step."""

    def reserve(self, use: Use, *, ttl_seconds: int) -> Hold:
        """Hold units for a while; a refusal is in the decision."""

    def commit(self, use: Use, hold: Hold, *, units: int, or_record: bool = False) -> None:
        """Count so many of the held units, and free the rest; once expired, raise or record what happened anyway."""

    def release(self, use: Use, hold: Hold) -> None:
        """Free the held units. Never raises for the server: what cannot be told now is told later, or expires."""

    def refund(self, customer: str, key: str, *, units: int | None, of: Consumption | None = None) -> None:
        """Give back what was taken under a key, all of it or the units taken last."""

    def record(self, use: Use) -> None:
        """Count what has happened. Never waits, never refuses."""

    def set_level(self, use: Use, level: int) -> Consumption:
        """Say how much there is. Never refused, but raises when the server cannot be told."""

    def add_level(self, use: Use, by: int) -> Consumption:
        """Say how much more, or less, there is; refused like a use when it does not fit."""

    def note_use(self, use: Use) -> None:
        """Count that a feature was used, for who asks later what was used; limits have nothing to do with it."""

    def take_back(self, use: Use, outcome: Consumption | Hold) -> None:
        """Undo what nobody waited for, as when the task that asked was canceled. Does not wait."""


@dataclass(frozen=True, slots=True)
class Consumption:
    """The answer to ``consume``; truthy when granted and counted.

    ``receipt`` says what was taken from which bucket, ``replayed`` that the same key had been answered before and this
    is that answer. ``fallback`` marks what was let pass without the server, to be counted when it is back.

    >>> # consumption = client.consume("exports", 3)
    >>> # if not consumption: show(consumption.offer)
    """

    granted: bool
    key: str
    units: int
    decision: Decision
    replayed: bool = False
    receipt: tuple[Taken, ...] = ()
    use: Use | None = field(default=None, repr=False, compare=False)
    _meter: Meter | None = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.granted

    def __reduce__(self) -> tuple[type[Consumption], tuple[object, ...]]:
        # What would carry out a refund stays in its process.
        return Consumption, (self.granted, self.key, self.units, self.decision, self.replayed, self.receipt)

    @property
    def offer(self) -> Payload | None:
        """The modal payload of a refusal, built when first asked for; ``None`` when there is nothing true to say."""
        return self.decision.offer

    @property
    def fallback(self) -> bool:
        """Whether it was decided without the server."""
        return self.decision.fallback

    def refund(self, units: int | None = None) -> None:
        """Give back what was taken, all of it or so many units, to the buckets it came from.

        >>> # consumption.refund(1)
        """
        meter, use = self._refundable(units)
        meter.refund(use.customer, self.key, units=units, of=self)

    async def arefund(self, units: int | None = None) -> None:
        """Give back what was taken, without holding up the event loop; as ``refund``.

        >>> # await consumption.arefund()
        """
        meter, use = self._refundable(units)
        if not meter.waits:
            meter.refund(use.customer, self.key, units=units, of=self)
            return
        from liftgate.waiting import beside  # noqa: PLC0415 - needs asyncio, which who gets here has loaded already

        await beside(lambda: meter.refund(use.customer, self.key, units=units, of=self))

    def _refundable(self, units: int | None) -> tuple[Meter, Use]:
        if not self.granted:
            raise ValueError("Nothing was consumed, so there is nothing to give back.")
        if units is not None:
            check_units(units)
        if self._meter is None or self.use is None:
            raise LiftgateError("This answer cannot be given back: it is of a level, or came from another process.")
        return self._meter, self.use


class Reservation:
    """Units held for the enclosed block, sync or async; made by ``Client.reserve``.

    Entering holds them, or raises ``UpgradeRequired`` or ``GateUnavailable``. ``commit`` says how many were used and
    frees the rest, ``release`` frees all. A block that ends without either used all; one that raises, nothing.

    >>> # with client.reserve("render_minutes", 10) as reservation:
    >>> #     reservation.commit(render())
    """

    __slots__ = ("_has_begun", "_hold", "_is_settled", "_meter", "_ttl_seconds", "_use")

    def __init__(self, meter: Meter, use: Use, *, ttl_seconds: int) -> None:
        self._meter = meter
        self._use = use
        self._ttl_seconds = ttl_seconds
        self._hold: Hold | None = None
        self._has_begun = False
        self._is_settled = False

    @property
    def key(self) -> str:
        """What the reservation is known by."""
        return self._use.key

    @property
    def units(self) -> int:
        """How many units are held at most."""
        return self._use.units

    @property
    def decision(self) -> Decision | None:
        """The answer to the request for the units; ``None`` before the block."""
        return None if self._hold is None else self._hold.decision

    @property
    def expires_at(self) -> datetime | None:
        """When the units are freed by themselves."""
        return None if self._hold is None else self._hold.expires_at

    def commit(self, units: int | None = None) -> None:
        """Count so many of the held units, all of them without a number, and free the rest.

        >>> # reservation.commit(7)
        """
        self._count(units)

    def release(self) -> None:
        """Free the held units; nothing was used.

        >>> # reservation.release()
        """
        hold, _ = self._settle(0)
        self._meter.release(self._use, hold)

    async def acommit(self, units: int | None = None) -> None:
        """Count so many of the held units, without holding up the event loop; as ``commit``.

        >>> # await reservation.acommit(7)
        """
        await self._acount(units)

    async def arelease(self) -> None:
        """Free the held units, without holding up the event loop; as ``release``.

        >>> # await reservation.arelease()
        """
        await self._acount(0)

    def begin(self) -> Decision:
        """Hold the units and return the decision, without raising for a refusal."""
        self._start()
        self._hold = self._meter.reserve(self._use, ttl_seconds=self._ttl_seconds)
        return self._hold.decision

    async def abegin(self) -> Decision:
        """Hold the units without holding up the event loop; freed again if the task is canceled meanwhile."""
        if not self._meter.waits:
            return self.begin()
        self._start()
        from liftgate.waiting import beside  # noqa: PLC0415 - needs asyncio, which who gets here has loaded already

        meter, use, ttl_seconds = self._meter, self._use, self._ttl_seconds
        self._hold = await beside(
            lambda: meter.reserve(use, ttl_seconds=ttl_seconds), undo=lambda hold: meter.take_back(use, hold)
        )
        return self._hold.decision

    def end(self, error: BaseException | None) -> None:
        """Settle what the block did not settle itself. Work that outlasted its reservation is recorded all the same."""
        if self._is_open and error is None:
            self._count(None, or_record=True)
        elif self._is_open:
            self.release()

    async def aend(self, error: BaseException | None) -> None:
        """Settle what the block did not settle itself, without holding up the event loop; as ``end``."""
        if not self._is_open:
            return
        if error is None:
            await self._acount(None, or_record=True)
        elif isinstance(error, Exception):
            await self._acount(0)
        else:
            # A task that is canceled is not held up by what can be told behind it.
            hold, _ = self._settle(0)
            self._meter.take_back(self._use, hold)

    def __enter__(self) -> Self:
        _raise_if_refused(self.begin())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(error)

    async def __aenter__(self) -> Self:
        _raise_if_refused(await self.abegin())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aend(error)

    @property
    def _is_open(self) -> bool:
        return self._hold is not None and self._hold.decision.granted and not self._is_settled

    def _start(self) -> None:
        if self._has_begun:
            raise LiftgateError("This reservation has been used. Make one per block with `client.reserve(...)`.")
        self._has_begun = True

    def _count(self, units: int | None, *, or_record: bool = False) -> None:
        hold, counted = self._settle(units)
        self._tell(hold, counted, or_record=or_record)

    async def _acount(self, units: int | None, *, or_record: bool = False) -> None:
        # Settled here and not in the thread: a task that is canceled meanwhile must not settle it once more.
        hold, counted = self._settle(units)
        if not self._meter.waits:
            self._tell(hold, counted, or_record=or_record)
            return
        # Imported late: it needs asyncio, which whoever gets here has loaded already.
        from liftgate.waiting import beside  # noqa: PLC0415

        await beside(lambda: self._tell(hold, counted, or_record=or_record))

    def _tell(self, hold: Hold, counted: int, *, or_record: bool) -> None:
        if counted:
            self._meter.commit(self._use, hold, units=counted, or_record=or_record)
        else:
            self._meter.release(self._use, hold)

    def _settle(self, units: int | None) -> tuple[Hold, int]:
        if units is not None:
            check_units(units, least=0)
            if units > self._use.units:
                raise ValueError(f"{units} units are more than the {self._use.units} that were reserved.")
        if self._hold is None or not self._is_open:
            raise LiftgateError(f"The reservation {self.key!r} is not open: it was settled already, or never began.")
        self._is_settled = True
        return self._hold, self._use.units if units is None else units


def _raise_if_refused(decision: Decision) -> None:
    if not decision.granted:
        raise (GateUnavailable if decision.unknown else UpgradeRequired)(decision)
