"""A scheduler that lets one thing happen at a time; chance says which.

Whatever runs is a generator that yields wherever something else could happen first: before each statement, while a
message travels, while a lock is held by another. A crash is that nobody resumes a generator again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.chance import Chance

# Some run at the usual pace, some slowly, and some only when hardly anything else is left: delays of all lengths.
_PACES = (1.0, 1.0, 1.0, 0.3, 0.03)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a task tells when it yields: what it does next, and what has to be the case before (``None``: nothing)."""

    doing: object
    ready: Callable[[], bool] | None = None
    until: datetime | None = None


Steps = Generator[Wait, None, Any]


@dataclass(eq=False, slots=True)
class Task:
    """One generator under way; it dies with its owner."""

    name: str
    steps: Steps
    owner: str | None
    pace: float
    wait: Wait
    is_background: bool = False

    def is_ready(self, now: datetime) -> bool:
        """Whether it could go on now."""
        wait = self.wait
        if wait.ready is None and wait.until is None:
            return True
        return (wait.ready is not None and wait.ready()) or (wait.until is not None and now >= wait.until)


class Stuck(AssertionError):
    """Nothing can happen any more although something is under way, or there is no end to it."""


@dataclass
class Scheduler:
    """Time, the tasks under way and the trace of what they did."""

    chance: Chance
    now: datetime
    tasks: list[Task] = field(default_factory=list)
    count: int = 0
    trace: list[str] | None = None
    after_each: Callable[[], None] | None = None

    def start(
        self,
        name: str,
        steps: Steps,
        *,
        owner: str | None = None,
        pace: float | None = None,
        is_background: bool = False,
    ) -> None:
        """Let something begin; nobody waits for the end of what is in the background."""
        drawn = self.chance.one_of(_PACES) if pace is None else pace
        self.tasks.append(Task(name, steps, owner, drawn, Wait("begins"), is_background))

    def kill(self, owner: str) -> int:
        """End everything of that owner where it stands; say how much that was."""
        dying = [task for task in self.tasks if task.owner == owner]
        self.tasks = [task for task in self.tasks if task.owner != owner]
        self.tell(f"{owner} dies with {len(dying)} under way")
        return len(dying)

    def tell(self, line: str) -> None:
        """Write a line into the trace, where there is one."""
        if self.trace is not None:
            self.trace.append(f"{self.count:5} {self.now:%m-%d %H:%M:%S.%f} {line}")

    def pass_time(self, length: timedelta) -> None:
        """Move the clock, which never goes back."""
        self.now += length

    def run(self, *, most_steps: int) -> None:
        """Go on until nothing is under way."""
        while any(not task.is_background for task in self.tasks):
            self.step()
            if self.count > most_steps:
                raise Stuck(f"no end after {most_steps} steps: {self._under_way()}")

    def step(self) -> None:
        """Let one of those that can go on do so; where none can, time passes until one can."""
        now = self.now
        ready = [task for task in self.tasks if task.is_ready(now)]
        if all(task.is_background for task in ready) and self._pass_time_to_the_next():
            return
        if not ready:
            raise Stuck(f"nothing can go on: {self._under_way()}")
        task = self.chance.weighted(ready, [task.pace for task in ready]) if len(ready) > 1 else ready[0]
        self.count += 1
        self.tell(f"{task.name}: {task.wait.doing}")
        try:
            task.wait = next(task.steps)
        except StopIteration:
            self.tasks.remove(task)
        if self.after_each is not None:
            self.after_each()

    def _pass_time_to_the_next(self) -> bool:
        instants = [task.wait.until for task in self.tasks if task.wait.until is not None]
        if instants:
            self.now = max(self.now, min(instants))
        return bool(instants)

    def _under_way(self) -> str:
        return "; ".join(f"{task.name}: {task.wait.doing}" for task in self.tasks)
