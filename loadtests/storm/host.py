"""A host application in the storm, as a process of its own: threads that consume, reserve, record and give back.

Usage: python -m loadtests.storm.host SCRIPT, with LIFTGATE_URL and LIFTGATE_API_KEY set. It ends in order when its
standard input is closed: the threads stop, what was recorded is delivered.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from pathlib import Path

import liftgate
from loadtests.storm import scene
from loadtests.storm.calls import Calls
from loadtests.storm.hosts import Script
from loadtests.storm.journal import Act, Journal, Outcome, read_journals
from loadtests.storm.wishes import Wish, Wishes

_PAUSES, _PAUSE_SECONDS = 25, 0.04
_LAST_FLUSH_SECONDS = 60.0
_REQUEST_SECONDS = 4.0
_BREATH_SECONDS, _IN_VAIN_SECONDS = 0.01, 0.1
_REMEMBERED = 100


class Host:
    """One process: a client that its threads share, and a journal of what they were told."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._journal = Journal(script.journal)
        script.spool.mkdir(exist_ok=True)
        self._client = liftgate.Client(spool_dir=str(script.spool), request_timeout_seconds=_REQUEST_SECONDS)
        self._calls = Calls(self._client, self._journal)
        self._ending = threading.Event()

    def run(self) -> int:
        """Work until standard input ends; return the exit code."""
        earlier = _unanswered(self._script)
        threads = [threading.Thread(target=self._work, args=(number, earlier)) for number in range(self._threads)]
        for thread in threads:
            thread.start()
        keeping = threading.Thread(target=self._keep_record)
        keeping.start()
        sys.stdin.read()
        self._ending.set()
        for thread in [*threads, keeping]:
            thread.join()
        lines = self._calls.lines()
        is_delivered = self._client.flush(_LAST_FLUSH_SECONDS) and (threads or self._has_delivered_the_rest())
        if is_delivered:
            self._journal.safe(lines)
        else:
            left = sorted(self._script.spool.glob("*.usage"))
            print(f"host {self._script.name}: not delivered ({self._client.last_error}): {left}", file=sys.stderr)
        self._client.close()
        return 0 if is_delivered else 1

    def _has_delivered_the_rest(self) -> bool:
        """Wait until the SDK has found and delivered what those that were killed left in their files."""
        deadline = time.monotonic() + _LAST_FLUSH_SECONDS
        with self._client.customer(scene.STEADY):
            while time.monotonic() < deadline:
                if not any(self._script.spool.glob("*.usage")):
                    return True
                time.sleep(_PAUSE_SECONDS)
        return False

    @property
    def _threads(self) -> int:
        return self._script.threads if self._script.seconds else 0

    def _work(self, number: int, earlier: list[Wish]) -> None:
        script = self._script
        name = f"h{script.name}.{number}"
        dice = random.Random(f"{script.seed} {name}")  # noqa: S311 - the same wishes for the same seed
        wishes = Wishes(dice, name=name, began_at=script.began_at, seconds=script.seconds, earlier=earlier)
        while not self._ending.is_set():
            wish = wishes.next()
            outcome = self._calls.make(wish)
            wishes.note(wish, outcome)
            # Without a server calls end at once, and a host in a hurry would drown in its own records.
            is_in_vain = outcome is Outcome.UNKNOWN and wish.act is not Act.RECORD
            self._ending.wait(_IN_VAIN_SECONDS if is_in_vain else dice.uniform(0, _BREATH_SECONDS))

    def _keep_record(self) -> None:
        """Write down what the SDK promises: what it has taken over is in its file within a moment."""
        while not self._ending.is_set():
            lines = self._calls.lines()
            # Many short pauses: who was stopped and goes on has not had one long one.
            for _ in range(_PAUSES):
                self._ending.wait(_PAUSE_SECONDS)
            if not self._ending.is_set():
                self._journal.safe(lines)


def _unanswered(script: Script) -> list[Wish]:
    """Give what earlier processes of this place asked for and were not told: a host would ask again."""
    if script.generation == 0:
        return []
    attempts = read_journals(Path(script.folder), f"{script.place}.*")
    asked = [attempt for attempt in attempts if attempt.act is Act.CONSUME and attempt.outcome is Outcome.UNKNOWN]
    return [Wish.of_attempt(attempt) for attempt in asked[-_REMEMBERED:]]


def end_with_parent() -> None:
    """End at once when whoever started us is gone; the kernel tells only a thread's own children."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    sys.exit(Host(Script(**json.loads(sys.argv[1]))).run())
