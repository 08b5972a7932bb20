"""Driving one HTTP call with keep-alive connections: by wrk where it is installed, else by processes of our own."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 16

# wrk's own summary is for people; its `done` hook hands over the numbers.
WRK_SCRIPT = """
wrk.method = %(method)s
%(headers)s
local bodies = {%(bodies)s}
local texts = {}
local sent = 0
bad = 0
function init()
  for place, body in ipairs(bodies) do texts[place] = wrk.format(nil, nil, nil, body) end
end
function request()
  sent = sent + 1
  local text = texts[sent %% #texts + 1]
  %(freshen)s
  return text
end
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


FRESH = "@fresh-value-of-this-request@"
"""Stands in a header for a value that no other request has, of the same length."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call, sent over and over; with several bodies they take turns."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    bodies: Sequence[str] = ()

    @property
    def turns(self) -> Sequence[str]:
        return self.bodies or (self.body,)

    @property
    def fresh_prefix(self) -> str | None:
        """What the fresh values of one run begin with; `None` when no header wants any."""
        return secrets.token_hex(8) if FRESH in self.headers.values() else None


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
    prefix = call.fresh_prefix
    script = WRK_SCRIPT % {
        "method": lua(call.method),
        "headers": headers,
        "bodies": ", ".join(lua(body) for body in call.turns),
        "freshen": "" if prefix is None else freshen_in_lua(prefix),
    }
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
        "requests": [request_text(host, port, call, body) for body in call.turns],
        "fresh": FRESH,
        "prefix": call.fresh_prefix,
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


def freshen_in_lua(prefix: str) -> str:
    """Put a number of the same length in the place of the mark; found once, since all texts begin alike."""
    width = len(FRESH) - len(prefix)
    return (
        f'local from, to = string.find(text, "{FRESH}", 1, true)\n'
        f'  text = text:sub(1, from - 1) .. string.format("{prefix}%0{width}d", sent) .. text:sub(to + 1)'
    )


def request_text(host: str, port: int, call: Call, body: str) -> str:
    headers = {"Host": f"{host}:{port}", **call.headers}
    if body:
        headers["Content-Length"] = str(len(body.encode()))
    lines = [f"{call.method} {call.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + body


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
