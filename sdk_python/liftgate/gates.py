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
from liftgate.errors import GateUnavailable, UpgradeRequired
from liftgate.views import View

if TYPE_CHECKING:
    from liftgate.engine.limits import Reported

__all__ = ["Ask", "Asking", "GateRules", "guard"]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

Asking: TypeAlias = "Reported | Callable[..., Any]"
"""A number, numbers by recurrence, or a function of the call's arguments that returns one of them."""


class Ask(Protocol):
    """How a decision is asked for; ``Client.check`` fits."""

    def __call__(self, gate: str, *, units: int | None = None, used: Reported | None = None) -> Decision:
        """Return the decision."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GateRules:
    """What one decorated function asks, and what it does when refused.

    ``on_refusal`` is told about each refusal before anything is raised.
    """

    gate: str
    view: ContextVar[View]
    ask: Ask
    on_refusal: Callable[[Decision], None]
    otherwise: Callable[..., Any] | None = None
    on_failure: FailPolicy | None = None
    units: int | Callable[..., Any] | None = None
    used: Asking | None = None


def guard(function: Callable[_Parameters, _Result], rules: GateRules) -> Callable[_Parameters, _Result]:
    """Return the function behind its gate.

    A generator function is asked about when it is called, before its first item: a response that streams must be
    refused while its status can still be chosen.
    """
    is_plain = rules.units is None and rules.used is None and rules.on_failure is None
    if inspect.iscoroutinefunction(function):
        build = _guard_coroutine if is_plain else _guard_coroutine_with_rules
    else:
        build = _guard_function if is_plain else _guard_function_with_rules
    wrapper = functools.wraps(function)(build(function, rules))
    return cast("Callable[_Parameters, _Result]", wrapper)


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
        return _refuse(rules, decision, args, kwargs)

    return guarded


def _guard_function_with_rules(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        units = _resolve(rules.units, args, kwargs)
        used = _resolve(rules.used, args, kwargs)
        decision = _decide(rules, units=units, used=used)
        if decision.granted:
            rules.view.get().count(decision)
            return function(*args, **kwargs)
        return _refuse(rules, decision, args, kwargs)

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
        return await _awaited(_refuse(rules, decision, args, kwargs))

    return guarded


def _guard_coroutine_with_rules(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        units = await _awaited(_resolve(rules.units, args, kwargs))
        used = await _awaited(_resolve(rules.used, args, kwargs))
        decision = _decide(rules, units=units, used=used)
        if decision.granted:
            rules.view.get().count(decision)
            return await function(*args, **kwargs)
        return await _awaited(_refuse(rules, decision, args, kwargs))

    return guarded


def _decide(rules: GateRules, *, units: int | None, used: Reported | None) -> Decision:
    decision = rules.ask(rules.gate, units=units, used=used)
    if rules.on_failure is None or not decision.unknown:
        return decision
    return replace(decision, granted=rules.on_failure is FailPolicy.OPEN)


def _refuse(rules: GateRules, decision: Decision, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call what is to be called instead, or raise."""
    rules.on_refusal(decision)
    if rules.otherwise is not None:
        return rules.otherwise(*args, **kwargs)
    raise (GateUnavailable if decision.unknown else UpgradeRequired)(decision)


def _resolve(number: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    return number(*args, **kwargs) if callable(number) else number


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
