"""What the workers of `liftgate serve` counted is in the database when they have ended."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from liftgate_server.access.queries import environment_by_key
from liftgate_server.app import create_app
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.usage.queries import gate_activity
from loadtests.bench import sample
from loadtests.bench.check_server import prepare_customer
from loadtests.processes import free_port, started
from loadtests.running_server import RunningServer
from loadtests.server_process import prepare

SERVE = [sys.executable, "-m", "liftgate_server.cli", "serve", "--workers", "2"]


def test_no_check_is_lost_when_the_server_ends(tmp_path: Path, stack_settings: dict[str, str]):
    config = load_config(stack_settings, data=tmp_path, port=free_port())
    server = RunningServer(config.port, prepare(config, "demo", self_confirm=False))
    settings = {**stack_settings, "LIFTGATE_DATA": str(tmp_path), "LIFTGATE_PORT": str(config.port)}
    gate = sample.granted_gates(30)[0]

    with started(SERVE, settings, port=config.port, path="/readyz"):
        prepare_customer(server)
        for _ in range(20):
            server.manage("POST", "/v1/check", {"customer": sample.CUSTOMER, "gate": gate})

    app = create_app(config)
    with app.app_context():
        found = gate_activity(environment_by_key("demo").id, since=now() - timedelta(hours=1))
    detach_database(app)
    assert {key: activity.granted for key, activity in found.items()} == {gate: 20}
