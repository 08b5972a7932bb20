"""Gates that use something up: units are held before the body, counted when it returns, freed when it raises."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, ParamSpec, TypeVar, cast

from liftgate.consuming import Reservation
from liftgate.engine.decision import Decision
from liftgate.gates import GateRules, awaited, refuse, resolve

__all__ = ["guard_metered"]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def guard_metered(function: Callable[_Parameters, _Result], rules: GateRules) -> Callable[_Parameters, _Result]:
    """Return the function behind its gate, which consumes."""
    wrapper = functools.wraps(function)(_builder(function)(function, rules))
    return cast("Callable[_Parameters, _Result]", wrapper)


def _builder(function: Callable[..., Any]) -> Callable[..., Callable[..., Any]]:
    if inspect.isasyncgenfunction(function):
        return _guard_async_generator
    if inspect.iscoroutinefunction(function):
        return _guard_coroutine
    if inspect.isgeneratorfunction(function):
        return _guard_generator
    return _guard_function


def _guard_function(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        reservation = rules.reserve(rules.gate, resolve(rules.consume, args, kwargs))
        decision = reservation.begin()
        if not decision.granted:
            return refuse(rules, decision, args, kwargs)
        _count(rules, decision)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            reservation.end(error)
            raise
        reservation.end(None)
        return result

    return guarded


def _guard_coroutine(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        reservation = rules.reserve(rules.gate, await awaited(resolve(rules.consume, args, kwargs)))
        decision = await reservation.abegin()
        if not decision.granted:
            return await awaited(refuse(rules, decision, args, kwargs))
        _count(rules, decision)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            await reservation.aend(error)
            raise
        await reservation.aend(None)
        return result

    return guarded


def _guard_generator(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    # Asked when it is called: a response that streams must be refused while its status can still be chosen. What is
    # never iterated is freed when the reservation expires.
    def guarded(*args: Any, **kwargs: Any) -> Any:
        reservation = rules.reserve(rules.gate, resolve(rules.consume, args, kwargs))
        decision = reservation.begin()
        if not decision.granted:
            return refuse(rules, decision, args, kwargs)
        _count(rules, decision)
        return _metered(function(*args, **kwargs), reservation)

    return guarded


def _metered(body: Generator[Any, Any, Any], reservation: Reservation) -> Generator[Any, Any, Any]:
    try:
        result = yield from body
    except BaseException as error:
        # Whoever stops reading early has used it all the same.
        reservation.end(None if isinstance(error, GeneratorExit) else error)
        raise
    reservation.end(None)
    return result


def _guard_async_generator(function: Callable[..., Any], rules: GateRules) -> Callable[..., Any]:
    # Asked with the first item: calling it cannot wait for an answer without holding up the event loop.
    async def guarded(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        reservation = rules.reserve(rules.gate, await awaited(resolve(rules.consume, args, kwargs)))
        decision = await reservation.abegin()
        if not decision.granted:
            async for item in await awaited(refuse(rules, decision, args, kwargs)):
                yield item
            return
        _count(rules, decision)
        body = function(*args, **kwargs)
        try:
            async for item in body:
                yield item
        except BaseException as error:
            await body.aclose()
            await reservation.aend(None if isinstance(error, GeneratorExit) else error)
            raise
        await reservation.aend(None)

    return guarded


def _count(rules: GateRules, decision: Decision) -> None:
    """Count the pass of the gate. The units are counted by the ledger, so the meter is not counted as used again."""
    rules.view.get().count(decision, is_metered=True)
