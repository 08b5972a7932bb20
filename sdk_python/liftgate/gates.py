"""The gate decorator: ask, then run the function, something else, or raise."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeAlias, TypeVar, cast

from liftgate.engine.decision import Decision
from liftgate.engine.gate_modes import FailPolicy
from liftgate.errors import ConfigurationError, GateUnavailable, UpgradeRequired
from liftgate.views import View

if TYPE_CHECKING:
    from liftgate.consuming import Reservation
    from liftgate.engine.limits import Reported

__all__ = ["Ask", "Asking", "GateRules", "awaited", "guard", "refuse", "resolve"]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

Asking: TypeAlias = "Reported | Callable[..., Any]"
"""A number, numbers by recurrence, or a function of the call's arguments that returns one of them."""


class Ask(Protocol):
    """How a decision is asked for; ``Client.check`` fits."""

    def __call__(self, gate: str, *, units: int | None = None, used: Reported | None = None) -> Decision:
        """Return the decision."""


def _cannot_reserve(gate: str, units: Any) -> Reservation:
    raise ConfigurationError(f"Nothing counts {units!r} units of {gate!r} here.")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GateRules:
    """What one decorated function asks, and what it does when refused.

    ``on_refusal`` is told about each refusal before anything is raised. ``consume`` is how many units a call uses up,
    ``reserve`` what holds them meanwhile.
    """

    gate: str
    view: ContextVar[View]
    ask: Ask
    on_refusal: Callable[[Decision], None]
    otherwise: Callable[..., Any] | None = None
    on_failure: FailPolicy | None = None
    units: int | Callable[..., Any] | None = None
    used: Asking | None = None
    consume: int | Callable[..., Any] | None = None
    reserve: Callable[[str, Any], Reservation] = _cannot_reserve


def guard(function: Callable[_Parameters, _Result], rules: GateRules) -> Callable[_Parameters, _Result]:
    """Return the function behind its gate.

    A generator function is asked about when it is called, before its first item: a response that streams must be
    refused while its status can still be chosen.
    """
    wrapper = functools.wraps(function)(_builder(function, rules)(function, rules))
    return cast("Callable[_Parameters, _Result]", wrapper)


def _builder(function: Callable[..., Any], rules: GateRules) -> Callable[..., Callable[..., Any]]:
    is_plain = rules.units is None and rules.used is None and rules.on_failure is None
    if inspect.iscoroutinefunction(function):
        return _guard_coroutine if is_plain else _guard_coroutine_with_rules
    return _guard_function if is_plain else _guard_function_with_rules


def _guard_function(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    # The hot path: one context variable, two look-ups, one truth test. It reads the view itself instead of calling
    # `check`, which would cost as much again.
    current_view, gate = rules.view.get, rules.gate

    def guarded(*args: Any, **kwargs: Any) -> Any:
        view = current_view()
        decision = view[gate]
        if decision.granted:
            try:
                view.passed[gate]()
            except KeyError:
                view.count_pass(decision)
            return function(*args, **kwargs)
        return refuse(rules, decision, args, kwargs)

    return guarded


def _guard_function_with_rules(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        units = resolve(rules.units, args, kwargs)
        used = resolve(rules.used, args, kwargs)
        decision = _decide(rules, units=units, used=used)
        if decision.granted:
            rules.view.get().count(decision)
            return function(*args, **kwargs)
        return refuse(rules, decision, args, kwargs)

    return guarded


def _guard_coroutine(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    current_view, gate = rules.view.get, rules.gate

    async def guarded(*args: Any, **kwargs: Any) -> Any:
        view = current_view()
        decision = view[gate]
        if decision.granted:
            try:
                view.passed[gate]()
            except KeyError:
                view.count_pass(decision)
            return await function(*args, **kwargs)
        return await awaited(refuse(rules, decision, args, kwargs))

    return guarded


def _guard_coroutine_with_rules(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        units = await awaited(resolve(rules.units, args, kwargs))
        used = await awaited(resolve(rules.used, args, kwargs))
        decision = _decide(rules, units=units, used=used)
        if decision.granted:
            rules.view.get().count(decision)
            return await function(*args, **kwargs)
        return await awaited(refuse(rules, decision, args, kwargs))

    return guarded


def _decide(rules: GateRules, *, units: int | None, used: Reported | None) -> Decision:
    decision = rules.ask(rules.gate, units=units, used=used)
    if rules.on_failure is None or not decision.unknown:
        return decision
    return replace(decision, granted=rules.on_failure is FailPolicy.OPEN)


def refuse(rules: GateRules, decision: Decision, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call what is to be called instead, or raise."""
    rules.on_refusal(decision)
    if rules.otherwise is not None:
        return rules.otherwise(*args, **kwargs)
    raise (GateUnavailable if decision.unknown else UpgradeRequired)(decision)


def resolve(number: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Return a number, or what a function of the call's arguments gives."""
    return number(*args, **kwargs) if callable(number) else number


async def awaited(value: Any) -> Any:
    """Return a value, once it is there."""
    return await value if inspect.isawaitable(value) else value
