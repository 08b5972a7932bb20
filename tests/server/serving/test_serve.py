"""`liftgate serve` as a real process: it answers, refuses a taken port, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from functools import partial

from liftgate_server.plumbing.db import transaction
from tests.server.serving.served import PATIENCE_SECONDS, Served, until


def test_two_workers_answer_and_a_signal_ends_them_all(serve):
    served = Served(serve("--port", "0", "--workers", "2"))

    statuses = {path: served.get(path) for path in ("/healthz", "/readyz", "/metrics", "/v1/ping")}
    served.process.send_signal(signal.SIGTERM)

    assert statuses == {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/v1/ping": 401}
    assert served.process.wait(PATIENCE_SECONDS) == 0
    assert served.survivors() == []


def test_ctrl_c_ends_it_without_a_traceback(serve):
    served = Served(serve("--port", "0"))

    served.process.send_signal(signal.SIGINT)
    _, told = served.process.communicate(timeout=PATIENCE_SECONDS)

    assert "Traceback" not in told
    assert served.survivors() == []


def test_workers_do_not_outlive_a_parent_that_was_killed(serve):
    served = Served(serve("--port", "0"))

    served.process.kill()

    assert len(served.family) > 1
    assert served.survivors() == []


def test_every_role_that_was_killed_comes_back(serve, key):
    served = Served(serve("--port", "0"))
    roles = ("spawn_main", "serving.periodic", "serving.streaming", "serving.requests")

    for role in roles:
        killed = served.pid_of(role)
        os.kill(killed, signal.SIGKILL)
        until(partial(served.has_another, role, killed))

    assert until(lambda: served.get("/healthz")) == 200
    with until(lambda: served.listen(key)) as stream:
        assert stream.line() == "event: hello\n"
    served.process.terminate()
    _, told = served.process.communicate(timeout=PATIENCE_SECONDS)
    restarted = [
        line["role"] for line in map(json.loads, told.splitlines()[1:]) if line["event"] == "process_restarted"
    ]
    assert {"periodic work", "stream", "requests"} <= set(restarted), told
    assert "Unexpected exit from worker-1" in told


def test_readers_wait_in_the_queue_while_the_stream_restarts(serve, key):
    served = Served(serve("--port", "0"))
    with served.ask("GET", "/v1/stream", key) as told:
        address = told.response.headers["Location"]
    os.kill(served.pid_of("serving.streaming"), signal.SIGKILL)

    with served.ask("GET", "/v1/stream", key, url=address) as stream:
        assert stream.response.status == 200


def test_the_end_waits_for_requests_under_way_and_tells_the_readers(serve, installed, key):
    served = Served(serve("--port", "0"))
    answers: list[int] = []

    def put() -> None:
        with served.ask("PUT", "/v1/customers/acme", key, {"name": "Acme"}) as answer:
            answers.append(answer.response.status)

    request = threading.Thread(target=put)
    with served.listen(key) as stream:
        with transaction():  # nobody else can write now
            request.start()
            # Long enough for the request to be under way. Asking anything to be sure of it would stand behind it, for
            # one thread answers them all, until it gave up waiting for us.
            time.sleep(0.5)
            served.process.terminate()
            # Heartbeats may come in between.
            last_words = [stream.line()]
            while last_words[-1] and "restarting" not in last_words[-1]:
                last_words.append(stream.line())
        request.join(PATIENCE_SECONDS)

    assert any(line.startswith("retry: ") for line in last_words)
    assert 'data: {"code":"restarting"}\n' in last_words
    assert answers == [200]
    assert served.process.wait(PATIENCE_SECONDS) == 0


def test_pages_get_a_process_of_their_own(serve):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    served = Served(serve("--port", "0", "--pages-port", str(port)))

    served.url = f"http://127.0.0.1:{port}"

    assert until(lambda: served.get("/healthz")) == 200


def test_a_file_of_settings_is_enough(serve, tmp_path):
    settings = tmp_path / "liftgate.toml"
    settings.write_text('port = 0\nstream_port = "off"\n')

    served = Served(serve("--config", str(settings)))

    assert not [line for line in served.family.values() if "serving.streaming" in (line or "")]


def test_a_taken_port_is_refused(serve):
    served = Served(serve("--port", "0"))

    second = serve("--port", served.url.rpartition(":")[2])
    _, told = second.communicate(timeout=PATIENCE_SECONDS)

    assert second.returncode == 1
    assert "Cannot listen on" in told


def test_an_empty_installation_says_how_to_begin(serve):
    served = Served(serve("--port", "0"))
    served.process.terminate()
    _, told = served.process.communicate(timeout=PATIENCE_SECONDS)

    assert "/admin/setup?code=" in told


def test_a_taken_port_of_the_stream_is_refused(serve):
    with socket.create_server(("127.0.0.1", 0)) as other:
        process = serve("--port", "0", "--stream-port", str(other.getsockname()[1]))
        _, told = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert "stream_port" in told
