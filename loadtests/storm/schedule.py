"""When which process is hit, drawn from the seed: the same seed gives the same schedule, though not the same races."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple


class Blow(StrEnum):
    """What happens to a process. What happens to requests on their way is the proxy's affair."""

    STOP_WORKER = "stop_worker"
    """SIGSTOP, and SIGCONT after a while."""
    KILL_WORKER = "kill_worker"
    KILL_SERVER = "kill_server"
    """The whole of one server, which is started anew elsewhere."""
    END_SESSION = "end_session"
    """One session of the database is terminated, whatever it is doing."""
    KILL_SESSION = "kill_session"
    """SIGKILL of one session's process, after which PostgreSQL throws out all others and recovers."""
    KILL_POSTGRESQL = "kill_postgresql"
    """SIGKILL of the whole database; it is started anew on the same files."""
    KILL_REDIS = "kill_redis"
    KILL_HOST = "kill_host"
    """SIGKILL of an SDK process; the next one finds its spool."""
    STOP_HOST = "stop_host"


class Strike(NamedTuple):
    """One blow of the schedule."""

    at_seconds: float
    blow: Blow
    choice: int
    """Chooses whom it hits, among those who are there."""
    lasting_seconds: float
    """How long a stopped process stands still."""


# How many seconds lie between two of a kind, on average.
EVERY_SECONDS: Mapping[Blow, float] = {
    Blow.END_SESSION: 0.7,
    Blow.STOP_WORKER: 1.5,
    Blow.STOP_HOST: 4.0,
    Blow.KILL_HOST: 5.0,
    Blow.KILL_REDIS: 5.0,
    Blow.KILL_WORKER: 5.0,
    Blow.KILL_SESSION: 12.0,
    Blow.KILL_SERVER: 20.0,
    Blow.KILL_POSTGRESQL: 20.0,
}
_QUIET_START_SECONDS = 1.0
_EARLIEST_SHARE = 0.5
_SHORTEST_STOP_SECONDS, _LONGEST_STOP_SECONDS = 0.1, 1.5


def schedule(seed: int, seconds: float) -> list[Strike]:
    """Draw the blows of a storm, in order; each kind comes at least once in twenty seconds and in any storm at all."""
    drawn = [strike for blow in Blow for strike in _strikes(blow, seed, seconds)]
    return sorted(drawn, key=lambda strike: strike.at_seconds)


def _strikes(blow: Blow, seed: int, seconds: float) -> Iterator[Strike]:
    # Each kind draws for itself, so that a new kind leaves the schedule of the others alone.
    dice = random.Random(f"{seed} {blow}")  # noqa: S311 - the same storm for the same seed
    every = min(EVERY_SECONDS[blow], seconds - _QUIET_START_SECONDS)
    begin = _QUIET_START_SECONDS
    while begin + every <= seconds + 1e-6:
        lasting = dice.uniform(_SHORTEST_STOP_SECONDS, _LONGEST_STOP_SECONDS)
        # Late rather than early, so that there is work to be hit in a short storm, too.
        yield Strike(begin + dice.uniform(_EARLIEST_SHARE, 1) * every, blow, dice.randrange(1 << 30), lasting)
        begin += every
