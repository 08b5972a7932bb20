"""Carrying out the schedule: in the main thread, one blow after the other, and what has to be put right afterwards."""

from __future__ import annotations

import contextlib
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg

from liftgate_server.plumbing.devstack import Devstack, ServerFailed
from loadtests.storm import offspring
from loadtests.storm.hosts import HostPlace
from loadtests.storm.offspring import Process
from loadtests.storm.proxy_process import ProxyProcess
from loadtests.storm.schedule import Blow, Strike
from loadtests.storm.servers import START_SECONDS, Server

Chosen = TypeVar("Chosen")

_TICK_SECONDS = 0.02
_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE datname = 'liftgate' AND backend_type = 'client backend'"


@dataclass(slots=True)
class Ground:
    """Everything that can be hit."""

    stack: Devstack
    servers: Sequence[Server]
    proxy: ProxyProcess
    hosts: Sequence[HostPlace]


@dataclass(slots=True)
class Striker:
    """Hits, and helps up again."""

    ground: Ground
    done: Counter[str] = field(default_factory=Counter)
    _stopped: list[tuple[float, Process]] = field(default_factory=list)
    _starting: list[Server] = field(default_factory=list)

    def strike_until(self, schedule: Sequence[Strike], began: float, seconds: float) -> None:
        """Carry out the schedule of a storm that began at that monotonic instant."""
        waiting = list(reversed(schedule))
        while (now := time.monotonic() - began) < seconds:
            while waiting and waiting[-1].at_seconds <= now:
                self._strike(waiting.pop())
            self._help_up()
            time.sleep(_TICK_SECONDS)

    def calm_down(self) -> None:
        """Wake whom we stopped, and wait until every server answers."""
        for _, process in self._stopped:
            process.send(signal.SIGCONT)
        self._stopped.clear()
        deadline = time.monotonic() + START_SECONDS
        while self._starting and time.monotonic() < deadline:
            self._help_up()
            time.sleep(_TICK_SECONDS)

    def _strike(self, strike: Strike) -> None:
        # A blow that finds nobody there, or a database that is down, is none.
        with contextlib.suppress(psycopg.Error, OSError):
            if self._actions()[strike.blow](strike):
                self.done[strike.blow.value] += 1

    def _actions(self) -> Mapping[Blow, Callable[[Strike], bool]]:
        return {
            Blow.STOP_WORKER: lambda strike: self._stop(self._worker(strike), strike),
            Blow.KILL_WORKER: lambda strike: _kill(self._worker(strike)),
            Blow.KILL_SERVER: self._kill_server,
            Blow.END_SESSION: self._end_session,
            Blow.KILL_SESSION: self._kill_session,
            Blow.KILL_POSTGRESQL: self._kill_postgresql,
            Blow.KILL_REDIS: self._kill_redis,
            Blow.KILL_HOST: self._kill_host,
            Blow.STOP_HOST: lambda strike: self._stop(self._host(strike), strike),
        }

    def _help_up(self) -> None:
        now = time.monotonic()
        for due, process in [entry for entry in self._stopped if entry[0] <= now]:
            self._stopped.remove((due, process))
            process.send(signal.SIGCONT)
        for server in [server for server in self._starting if server.is_ready()]:
            self._starting.remove(server)
            self._lead()
        for host in self.ground.hosts:
            if host.process is None or host.has_died:
                host.kill()
                host.start()

    def _lead(self) -> None:
        self.ground.proxy.lead_to([server.port for server in self.ground.servers if server not in self._starting])

    def _worker(self, strike: Strike) -> Process | None:
        return _chosen([worker for server in self.ground.servers for worker in server.workers()], strike)

    def _host(self, strike: Strike) -> Process | None:
        running = [host.process.pid for host in self.ground.hosts if host.process is not None]
        pid = _chosen(running, strike)
        return None if pid is None else offspring.itself(pid)

    def _stop(self, process: Process | None, strike: Strike) -> bool:
        if process is None or not process.send(signal.SIGSTOP):
            return False
        self._stopped.append((time.monotonic() + strike.lasting_seconds, process))
        return True

    def _kill_server(self, strike: Strike) -> bool:
        # One of them stays, as behind any balancer that knows what it does.
        if self._starting:
            return False
        server = _chosen(self.ground.servers, strike)
        if server is None:
            return False
        server.kill()
        server.start()
        self._starting.append(server)
        self._lead()
        return True

    def _end_session(self, strike: Strike) -> bool:
        with self.ground.stack.postgresql.as_superuser() as connection:
            pid = _chosen([row[0] for row in connection.execute(_SESSIONS)], strike)
            if pid is None:
                return False
            ended = connection.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone()
            return ended is not None and bool(ended[0])

    def _kill_session(self, strike: Strike) -> bool:
        with self.ground.stack.postgresql.as_superuser() as connection:
            pid = _chosen([row[0] for row in connection.execute(_SESSIONS)], strike)
        ours = offspring.descendants_of(self.ground.stack.postgresql.pid)
        return any(_kill(process) for process in ours if process.pid == pid)

    def _kill_postgresql(self, _strike: Strike) -> bool:
        postgresql = self.ground.stack.postgresql
        sessions = offspring.descendants_of(postgresql.pid)
        postgresql.kill()
        for session in sessions:
            _kill(session)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                postgresql.start()
            except ServerFailed:
                # The memory that the killed ones shared is let go of a moment after them.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return True

    def _kill_redis(self, _strike: Strike) -> bool:
        self.ground.stack.redis.kill()
        self.ground.stack.redis.start()
        return True

    def _kill_host(self, strike: Strike) -> bool:
        host = _chosen(self.ground.hosts, strike)
        if host is None or host.process is None:
            return False
        host.kill()
        return True


def _chosen(things: Sequence[Chosen], strike: Strike) -> Chosen | None:
    return things[strike.choice % len(things)] if things else None


def _kill(process: Process | None) -> bool:
    return process is not None and process.send(signal.SIGKILL)
