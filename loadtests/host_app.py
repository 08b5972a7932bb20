"""A small app behind gates, as a customer of ours would write it; the load test `gates` sends its users here.

Run as a WSGI application; LIFTGATE_URL and LIFTGATE_API_KEY say where its server is.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

import liftgate
from liftgate.flask import Identity, Liftgate
from loadtests.bench import sample

ACCOUNTS = 50
FEATURES = 30
OPEN_GATE = sample.granted_gates(FEATURES)[0]
CLOSED_GATE = sample.refused_gates(FEATURES)[0]


def who() -> Identity | None:
    account = request.headers.get("X-Account")
    return Identity(account, user=sample.USER) if account else None


def create_host_app() -> Flask:
    app = Flask(__name__)
    # The default budget for a first load is kept for pages; here users, app and server fight for the same processors.
    client = liftgate.Client(load_budget_seconds=5)
    Liftgate(app, client, identify=who)

    @app.get("/open")
    @client.gate(OPEN_GATE)
    def open_page() -> str:
        return "open"

    @app.get("/closed")
    @client.gate(CLOSED_GATE)
    def closed_page() -> str:
        return "closed"

    @app.get("/navigation")
    def navigation() -> Response:
        return jsonify({gate: decision.granted for gate, decision in client.gates().items()})

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
