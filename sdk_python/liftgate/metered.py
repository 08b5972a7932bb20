"""Gating and counting use: what a client offers beyond checks, whoever does the counting."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from liftgate.bindings import check_identifier
from liftgate.checking import Checks
from liftgate.configuration import parse_fail_policy
from liftgate.engine.gate_modes import FailPolicy
from liftgate.errors import ConfigurationError
from liftgate.gates import GateRules, guard

if TYPE_CHECKING:
    from datetime import datetime

    from liftgate.consuming import Consumption, Meter, Reservation
    from liftgate.gates import Asking
    from liftgate.uses import Use

# size: some imports more than the budget; half of them are late ones, or for annotations only

__all__ = ["Metered"]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_TTL_SECONDS: Final = 300
_LONGEST_TTL_SECONDS: Final = 86_400


class Metered(Checks):
    """The part of a client that gates functions and counts use; ``Client`` and ``testing.TestClient`` share it."""

    def _counter(self) -> Meter:
        """Return who counts."""
        raise NotImplementedError

    def gate(
        self,
        key: str,
        *,
        otherwise: Callable[..., Any] | None = None,
        on_failure: FailPolicy | str | None = None,
        units: int | Callable[..., Any] | None = None,
        used: Asking | None = None,
        consume: int | Callable[..., Any] | None = None,
    ) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result]]:
        """Put a function behind a gate, sync or async; its signature stays.

        Refused, it raises ``UpgradeRequired``, or ``GateUnavailable`` when there was no data to decide on; with
        ``otherwise`` that is called instead, with the same arguments. ``units`` and ``used`` may be functions of the
        arguments. A generator function is asked about when it is called, before its first item.

        ``consume`` counts so many units of the gate's meter, a number or a function of the arguments: they are held
        before the body, counted when it returns and freed when it raises. ``on_failure`` never opens such a gate; what
        happens without the server is the feature's own ``on_failure`` in the catalogue.

        >>> # @client.gate("boards.create", used=lambda team, name: team.board_count)
        >>> # def create_board(team, name): ...
        """
        if consume is not None and (units is not None or used is not None):
            raise ConfigurationError("`consume` counts by itself: leave out `units` and `used`.")
        rules = GateRules(
            gate=key,
            view=self._bound.view,
            ask=self.check,
            on_refusal=self._note_refusal,
            otherwise=otherwise,
            on_failure=parse_fail_policy(on_failure) if on_failure is not None else None,
            units=units,
            used=used,
            consume=consume,
            reserve=self.reserve,
        )
        if consume is None:
            return lambda function: guard(function, rules)
        # Imported late: many host apps count nothing.
        from liftgate.metered_gates import guard_metered  # noqa: PLC0415

        return lambda function: guard_metered(function, rules)

    def consume(
        self,
        gate: str,
        units: int = 1,
        *,
        user: str | None = None,
        key: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Consumption:
        """Check and count so many units in one step, for the bound customer. Truthy when granted.

        ``gate`` is a metered feature, or a gate that requires one. ``user`` is the bound one unless named. With the
        same ``key`` the same answer is given again and nothing is counted twice. A server that cannot be asked is a
        refusal with the reason ``unavailable``, unless the feature says ``on_failure: allow_and_record``.

        >>> # if not client.consume("exports", 3): ...
        """
        return self._counter().consume(self._use(gate, units, user=user, key=key, properties=properties))

    async def aconsume(
        self,
        gate: str,
        units: int = 1,
        *,
        user: str | None = None,
        key: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Consumption:
        """Check and count, without holding up the event loop; as ``consume``.

        A task that is canceled meanwhile has consumed nothing, unless it chose the key itself and so can ask again.

        >>> # await client.aconsume("exports", 3)
        """
        meter, use = self._counter(), self._use(gate, units, user=user, key=key, properties=properties)
        return await _without_holding_up(
            meter, lambda: meter.consume(use), undo=lambda answer: meter.take_back(use, answer)
        )

    def reserve(
        self,
        gate: str,
        units: int = 1,
        *,
        ttl_seconds: int = _TTL_SECONDS,
        user: str | None = None,
        key: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Reservation:
        """Return units to be held for the block of a ``with`` or ``async with``, for at most ``ttl_seconds``.

        Within it, ``commit(actual)`` says how many were used and ``release()`` that none were. A block that ends
        without either used all; one that raises, nothing. Entering raises ``UpgradeRequired`` or ``GateUnavailable``.

        >>> # with client.reserve("render_minutes", 10) as reservation:
        >>> #     reservation.commit(render())
        """
        # Imported late: many host apps count nothing.
        from liftgate.consuming import Reservation  # noqa: PLC0415

        _uses().check_units(ttl_seconds, most=_LONGEST_TTL_SECONDS, what="ttl_seconds")
        use = self._use(gate, units, user=user, key=key, properties=properties)
        return Reservation(self._counter(), use, ttl_seconds=ttl_seconds)

    def record(
        self,
        feature: str,
        units: int = 1,
        *,
        user: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> str:
        """Count what has happened, of a metered feature or a value metric; never refused. Return its key.

        It does not wait: events leave in batches from a thread of the client, are kept while the server is away, and
        count once however often they are sent. ``at`` is now unless told, at most 35 days back.

        >>> # client.record("api_calls", 12, at=log_line.time, key=log_line.id)
        """
        use = self._use(feature, units, user=user, key=key, at=at, properties=properties)
        self._counter().record(use)
        return use.key

    def set_level(
        self,
        feature: str,
        level: int,
        *,
        user: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Consumption:
        """Say how much there is of a capacity feature. Never refused; raises when the server cannot be told.

        >>> # client.set_level("seats", 12)
        """
        level = _uses().check_level(level)
        return self._counter().set_level(self._use(feature, 1, user=user, key=key, at=at), level)

    def add_level(
        self,
        feature: str,
        by: int,
        *,
        user: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Consumption:
        """Say that there is more of a capacity feature, or less. Truthy when it fits; raises as ``set_level`` does.

        >>> # if not client.add_level("seats", 1): ...
        """
        by = _uses().check_change(by)
        return self._counter().add_level(self._use(feature, 1, user=user, key=key, at=at), by)

    async def aset_level(
        self,
        feature: str,
        level: int,
        *,
        user: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Consumption:
        """Say how much there is of a capacity feature, without holding up the event loop; as ``set_level``.

        >>> # await client.aset_level("seats", 12)
        """
        level = _uses().check_level(level)
        meter, use = self._counter(), self._use(feature, 1, user=user, key=key, at=at)
        return await _without_holding_up(meter, lambda: meter.set_level(use, level))

    async def aadd_level(
        self,
        feature: str,
        by: int,
        *,
        user: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Consumption:
        """Say that there is more of a capacity feature, or less, without holding up the event loop; as ``add_level``.

        >>> # await client.aadd_level("seats", 1)
        """
        by = _uses().check_change(by)
        meter, use = self._counter(), self._use(feature, 1, user=user, key=key, at=at)
        return await _without_holding_up(meter, lambda: meter.add_level(use, by))

    def refund(self, key: str, units: int | None = None) -> None:
        """Give back what the bound customer consumed or recorded under a key, all of it or so many units.

        >>> # client.refund(consumption.key)
        """
        customer, key, units = self._to_refund(key, units)
        self._counter().refund(customer, key, units=units)

    async def arefund(self, key: str, units: int | None = None) -> None:
        """Give back what was consumed under a key, without holding up the event loop; as ``refund``.

        >>> # await client.arefund(consumption.key)
        """
        meter = self._counter()
        customer, key, units = self._to_refund(key, units)
        await _without_holding_up(meter, lambda: meter.refund(customer, key, units=units))

    def used(self, feature: str, times: int = 1) -> None:
        """Say that the bound customer used a feature where no gate could see it. Neither waits nor consumes.

        What runs behind ``gate`` is counted by itself; what is counted here ends up in the same place.

        >>> # client.used("sso")
        """
        self._counter().note_use(self._use(feature, times))

    def _use(
        self,
        subject: str,
        units: int,
        *,
        user: str | None = None,
        key: str | None = None,
        at: datetime | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Use:
        """Check everything before anything is sent."""
        binding, uses = self._need_binding(), _uses()
        use: Use = uses.Use(
            customer=binding.customer,
            subject=uses.check_subject(subject),
            view=self._current_view(),
            key=os.urandom(16).hex() if key is None else uses.check_key(key),
            units=uses.check_units(units),
            user=binding.user if user is None else check_identifier(user, what="user"),
            at=uses.check_instant(at),
            properties=uses.check_properties(properties),
            is_named=key is not None,
        )
        return use

    def _to_refund(self, key: str, units: int | None) -> tuple[str, str, int | None]:
        uses = _uses()
        return self._need_binding().customer, uses.check_key(key), None if units is None else uses.check_units(units)


def _uses() -> ModuleType:
    # Imported late: many host apps count nothing.
    from liftgate import uses  # noqa: PLC0415

    return uses


async def _without_holding_up(
    meter: Meter, call: Callable[[], _Result], *, undo: Callable[[_Result], None] | None = None
) -> _Result:
    if not meter.waits:
        return call()
    # Imported late: whoever gets here has an event loop, and so has paid for asyncio already.
    from liftgate.waiting import beside  # noqa: PLC0415

    return await beside(call, undo=undo)
