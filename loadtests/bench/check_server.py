"""What a check costs through the server: against the empty authenticated request of the same process."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence

from loadtests.bench import sample
from loadtests.bench.http_driver import CONNECTIONS, Call, Flow, drive
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row, at_most, ratio_at_least
from loadtests.processes import HOST, UnexpectedAnswerError
from loadtests.running_server import RunningServer
from loadtests.server_process import running_server

GATES = 30
FULL_ROUNDS, FULL_SECONDS = 7, 3.0
QUICK_ROUNDS, QUICK_SECONDS = 3, 1.0
WARM_UP_SECONDS = 1.0


def prepare_customer(server: RunningServer) -> None:
    server.manage("POST", "/v1/catalogue/publish", sample.catalogue_document(GATES))
    server.manage("PUT", f"/v1/customers/{sample.CUSTOMER}", {"name": "Acme"})


def calls(secret_key: str) -> dict[str, Call]:
    """Return the floor and what is compared with it, for a gate that is open, so that no payload is built."""
    headers = {"Authorization": f"Bearer {secret_key}"}
    with_body = {**headers, "Content-Type": "application/json"}
    gates = [sample.gate_key(number) for number in range(GATES)]
    granted, refused = sample.granted_gates(GATES)[0], sample.refused_gates(GATES)[0]

    def check(path: str, fields: Mapping[str, object]) -> Call:
        return Call("POST", path, with_body, json.dumps({"customer": sample.CUSTOMER, **fields}))

    return {
        "ping": Call("GET", "/v1/ping", headers),
        "check": check("/v1/check", {"gate": granted}),
        "refused": check("/v1/check", {"gate": refused}),
        "batch": check("/v1/check/batch", {"gates": gates}),
    }


def confirm_answers(server: RunningServer) -> None:
    """Make sure that the calls measured are answered in full before they are measured."""
    answer = server.manage("POST", "/v1/check/batch", {"customer": sample.CUSTOMER})
    if len(answer["decisions"]) < GATES:
        message = f"the batch answered {len(answer['decisions'])} gates instead of {GATES}"
        raise UnexpectedAnswerError(message)


def drive_by_turns(
    server: RunningServer, turns: Mapping[str, Call], rounds: int, seconds: float, progress: Progress
) -> dict[str, list[Flow]]:
    """Drive all calls round by round, each round in another order; an answer that is not 200 ends the measurement."""
    flows: dict[str, list[Flow]] = {name: [] for name in turns}
    names = list(turns)
    for name in names:
        drive(HOST, server.port, turns[name], seconds=WARM_UP_SECONDS)
    for number in range(rounds):
        progress(f"server: round {number + 1} of {rounds}")
        names = names[1:] + names[:1]
        for name in names:
            flow = drive(HOST, server.port, turns[name], seconds=seconds)
            if flow.errors:
                message = f"{flow.errors} answers to {turns[name].path} were not 200"
                raise UnexpectedAnswerError(message)
            flows[name].append(flow)
    return flows


def server_rows(*, quick: bool, progress: Progress) -> list[Row]:
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (FULL_ROUNDS, FULL_SECONDS)
    progress(f"server: starting; {CONNECTIONS} connections")
    with running_server() as server:
        prepare_customer(server)
        confirm_answers(server)
        flows = drive_by_turns(server, calls(server.keys.secret), rounds, seconds, progress)
    floor = rate(flows["ping"])
    return [
        Row("server, empty authenticated request", floor, "requests/s"),
        Row("server, one check", rate(flows["check"]), "requests/s", floor=floor, target=ratio_at_least(0.6)),
        Row("server, one check, refused with a modal", rate(flows["refused"]), "requests/s", floor=floor),
        Row("server, all 30 gates", rate(flows["batch"]), "requests/s", floor=floor, target=ratio_at_least(0.25)),
        Row("server, one check, p50", p50(flows["check"]), "ms", floor=p50(flows["ping"])),
        Row("server, all 30 gates, p99", p99(flows["batch"]), "ms", floor=p99(flows["ping"]), target=at_most(15)),
    ]


def rate(flows: Sequence[Flow]) -> float:
    return statistics.median(flow.requests_per_second for flow in flows)


def p50(flows: Sequence[Flow]) -> float:
    return statistics.median(flow.p50_ms for flow in flows)


def p99(flows: Sequence[Flow]) -> float:
    return statistics.median(flow.p99_ms for flow in flows)
