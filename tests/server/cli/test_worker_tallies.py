"""What the workers of `liftgate serve` counted is in the database when they have ended."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from liftgate_server.plumbing.config import load_config
from loadtests.bench import sample
from loadtests.bench.check_server import prepare_customer
from loadtests.processes import free_port, started
from loadtests.running_server import RunningServer
from loadtests.server_process import prepare

SERVE = [sys.executable, "-m", "liftgate_server.cli", "serve", "--workers", "2"]


def test_no_check_is_lost_when_the_server_ends(tmp_path: Path):
    config = load_config({}, data=tmp_path, port=free_port())
    server = RunningServer(config.port, prepare(config, "demo", self_confirm=False))
    settings = {"LIFTGATE_DATA": str(tmp_path), "LIFTGATE_PORT": str(config.port), "LIFTGATE_LOG_LEVEL": "warning"}
    gate = sample.granted_gates(30)[0]

    with started(SERVE, settings, port=config.port, path="/readyz"):
        prepare_customer(server)
        for _ in range(20):
            server.manage("POST", "/v1/check", {"customer": sample.CUSTOMER, "gate": gate})

    with closing(sqlite3.connect(tmp_path / "liftgate.db")) as database:
        assert database.execute("SELECT gate, outcome, sum(times) FROM gate_totals").fetchall() == [
            (gate, "granted", 20)
        ]
