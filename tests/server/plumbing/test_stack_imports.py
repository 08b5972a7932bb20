"""Who uses neither PostgreSQL nor Redis needs neither's library."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
from liftgate_server.app import create_app
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server import cli

config = load_config({}, data=sys.argv[1])
app = create_app(config)
with app.app_context():
    upgrade_database(lock_directory=config.data_directory)
    create_environment(NewEnvironment("demo"))
detach_database(app)
print(sorted({"psycopg", "redis", "hiredis"} & sys.modules.keys()))
"""


def test_a_server_on_sqlite_loads_no_other_driver(tmp_path):
    told = subprocess.run([sys.executable, "-c", LOADED, tmp_path], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"
