"""Driving one HTTP call with keep-alive connections: by wrk where it is installed, else by processes of our own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 16

# wrk's own summary is for people; its `done` hook hands over the numbers.
WRK_SCRIPT = """
wrk.method = %(method)s
wrk.body = %(body)s
%(headers)s
bad = 0
local threads = {}
local result = '{"requests": %%d, "microseconds": %%d, "p50_us": %%d, "p99_us": %%d, "errors": %%d}'
function setup(thread) table.insert(threads, thread) end
function response(status) if status ~= 200 then bad = bad + 1 end end
function done(summary, latency)
  local lost = summary.errors
  local wrong = lost.connect + lost.read + lost.write + lost.timeout
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("bad") end
  io.write("\\nresult " .. string.format(
    result, summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong))
end
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call, sent over and over."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a server answered while it was driven."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


def drive(host: str, port: int, call: Call, *, seconds: float) -> Flow:
    """Send one call over all connections for some seconds. The slowest answers count, so nothing is left out."""
    if shutil.which("wrk"):
        return drive_with_wrk(host, port, call, seconds)
    return drive_with_sockets(host, port, call, seconds)


def drive_with_wrk(host: str, port: int, call: Call, seconds: float) -> Flow:
    headers = "\n".join(f"wrk.headers[{lua(name)}] = {lua(value)}" for name, value in call.headers.items())
    script = WRK_SCRIPT % {"method": lua(call.method), "body": lua(call.body), "headers": headers}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "call.lua"
        file.write_text(script)
        # wrk counts in whole seconds.
        command: list[str | Path] = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(round(seconds), 1)}s", "-s", file]
        shown = subprocess.run(
            [*command, f"http://{host}:{port}{call.path}"], capture_output=True, text=True, check=True
        ).stdout
    return flow_of(json.loads(shown.rpartition("result ")[2]))


def drive_with_sockets(host: str, port: int, call: Call, seconds: float) -> Flow:
    """Drive from a process of its own, so that its interpreter's lock is not ours."""
    task = {
        "host": host,
        "port": port,
        "request": request_text(host, port, call),
        "seconds": seconds,
        "connections": CONNECTIONS,
    }
    shown = subprocess.run(
        [sys.executable, "-m", "loadtests.bench.socket_driver"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return flow_of(json.loads(shown))


def request_text(host: str, port: int, call: Call) -> str:
    headers = {"Host": f"{host}:{port}", **call.headers}
    if call.body:
        headers["Content-Length"] = str(len(call.body.encode()))
    lines = [f"{call.method} {call.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + call.body


def flow_of(result: Mapping[str, int]) -> Flow:
    return Flow(
        requests_per_second=result["requests"] / (result["microseconds"] / 1e6),
        p50_ms=result["p50_us"] / 1e3,
        p99_ms=result["p99_us"] / 1e3,
        errors=result["errors"],
    )


def lua(text: str) -> str:
    """Quote a string for Lua, whose escapes are a subset of JSON's for ASCII text."""
    return json.dumps(text)
