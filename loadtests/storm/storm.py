"""One storm from beginning to end: everything is started, hit, let come to rest, and judged."""

# size: this is where the parts of the storm meet

from __future__ import annotations

import fcntl
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.devstack import Devstack
from loadtests.running_server import Keys, RunningServer
from loadtests.server_process import prepare
from loadtests.storm import scene
from loadtests.storm.evidence import Evidence, read_evidence, wait_until_quiet
from loadtests.storm.hosts import Script, finish, running_hosts
from loadtests.storm.journal import Attempt, read_journals
from loadtests.storm.plan_moves import PlanMover
from loadtests.storm.proxy_process import ProxyProcess, running_proxy
from loadtests.storm.schedule import schedule
from loadtests.storm.servers import Server, running_servers
from loadtests.storm.striking import Ground, Striker
from loadtests.storm.verdict import judge
from loadtests.storm.violations import Violation

HOSTS = 3
THREADS = 4
PROXY_SHARE = 0.06
"""So many requests fail on their way."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Which storm is wanted."""

    seconds: float
    seed: int
    plant: str | None = None
    keep: Path | None = None
    """Where journals and logs are to stay, for whoever wants to know what happened."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a storm was and what it left behind."""

    blows: Mapping[str, int]
    evidence: Evidence
    attempts: Sequence[Attempt]
    plan_changes: int
    violations: Sequence[Violation]

    @property
    def faults(self) -> int:
        return sum(self.blows.values())

    @property
    def events(self) -> int:
        """How many rows the ledger has: what every sum was made of."""
        return len(self.evidence.events)


def say(text: str) -> None:
    print(f"  … {text}", file=sys.stderr, flush=True)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other storm blows on this machine: two would only take the processors from each other."""
    with (Path(tempfile.gettempdir()) / "liftgate-storm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def blow(weather: Weather) -> Aftermath:
    """Blow one storm. Call it in the main thread: everything it starts dies with that."""
    with ExitStack() as stack:
        stack.enter_context(alone())
        folder = weather.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liftgate-storm-")))
        say("starting PostgreSQL, which waits for its disk, and Redis")
        databases = stack.enter_context(Devstack(durable=True))
        settings = databases.settings() | {"LIFTGATE_DATA": str(folder / "data")}
        keys = prepare(load_config(settings), "storm", self_confirm=False)
        say("starting two servers")
        servers = stack.enter_context(running_servers(settings, folder / "server.log", weather.plant))
        set_the_scene(RunningServer(servers[0].port, keys), weather.seconds)
        proxy = stack.enter_context(running_proxy(f"{weather.seed} proxy", PROXY_SHARE, folder / "proxy.log"))
        proxy.lead_to([server.port for server in servers])
        mover = PlanMover(servers, keys.management, weather.seed)
        blows = rage(weather, Weathered(databases, servers, proxy, mover, keys), folder)
        say("all is over; reading the ledger")
        with databases.postgresql.as_superuser("liftgate") as connection:
            wait_until_quiet(connection)
            evidence = read_evidence(connection)
        attempts = read_journals(folder)
        return Aftermath(blows, evidence, attempts, len(mover.changes), judge(attempts, evidence, mover.changes))


@dataclass(frozen=True, slots=True)
class Weathered:
    """What stands in the storm."""

    databases: Devstack
    servers: Sequence[Server]
    proxy: ProxyProcess
    mover: PlanMover
    keys: Keys


def rage(weather: Weather, around: Weathered, folder: Path) -> dict[str, int]:
    """Let the hosts work and hit everything until time is up; then let all come to rest. Give the faults by kind."""
    settings = {"LIFTGATE_URL": around.proxy.url, "LIFTGATE_API_KEY": around.keys.secret}
    scripts = [
        Script(weather.seed, place, 0, str(folder), time.time(), weather.seconds, THREADS) for place in range(HOSTS)
    ]
    with running_hosts(scripts, settings, folder / "host.log") as hosts:
        around.mover.start()
        striker = Striker(Ground(around.databases, around.servers, around.proxy, hosts))
        striker.strike_until(schedule(weather.seed, weather.seconds), time.monotonic(), weather.seconds)
        say("time is up; letting all come to rest")
        around.mover.stop()
        on_the_way = around.proxy.calm()
        striker.calm_down()
        finish(hosts)
    return dict(striker.done) | on_the_way


def set_the_scene(server: RunningServer, seconds: float) -> None:
    """Publish the catalogue and make the accounts."""
    server.manage("POST", "/v1/catalogue/publish", scene.catalogue_document())
    for customer in scene.customers(seconds):
        server.manage("PUT", f"/v1/customers/{customer}", {"name": customer.capitalize()})
    server.manage("POST", f"/v1/customers/{scene.STEADY}/subscription", {"plan": scene.BIG, "interval": "month"})
