"""What a load test is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the users of a journey go, and what they have to know."""

    url: str
    environment: dict[str, str]


def nothing_wrong(_stack: Stack, _succeeded: Mapping[str, int]) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Journey:
    """A load test: what its users do, in one line, the locustfile that says how, and what has to run."""

    description: str
    locustfile: str
    stack: Callable[[], AbstractContextManager[Stack]]
    problems: Callable[[Stack, Mapping[str, int]], list[str]] = nothing_wrong
    """What is wrong when all is over, given how often each kind of request succeeded."""
    counts: bool = False
    """Whether it matters who does it, one account or many: `--customers`."""
