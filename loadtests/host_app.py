"""A small app behind gates, as a customer of ours would write it; the load test `gates` sends its users here.

Run as a WSGI application; LIFTGATE_URL and LIFTGATE_API_KEY say where its server is.
"""

from __future__ import annotations

import dataclasses

from flask import Flask, Response, jsonify, request

import liftgate
from loadtests.bench import sample

ACCOUNTS = 200
FEATURES = 30
OPEN_GATE = sample.granted_gates(FEATURES)[0]
CLOSED_GATE = sample.refused_gates(FEATURES)[0]


def create_host_app() -> Flask:
    app = Flask(__name__)
    # The default budget for a first load is kept for pages; here users, app and server fight for the same processors.
    client = liftgate.Client(load_budget_seconds=5)

    @client.gate(OPEN_GATE)
    def open_page() -> str:
        return "open"

    @client.gate(CLOSED_GATE)
    def closed_page() -> str:
        return "closed"

    @app.get("/open")
    def open_route() -> str:
        with client.customer(request.headers["X-Account"], user=sample.USER):
            return open_page()

    @app.get("/closed")
    def closed_route() -> str:
        with client.customer(request.headers["X-Account"], user=sample.USER):
            return closed_page()

    @app.get("/navigation")
    def navigation() -> Response:
        with client.customer(request.headers["X-Account"], user=sample.USER):
            return jsonify({gate: decision.granted for gate, decision in client.gates().items()})

    @app.errorhandler(liftgate.UpgradeRequired)
    def upgrade_required(refusal: liftgate.UpgradeRequired) -> tuple[Response, int]:
        payload = refusal.decision.offer
        return jsonify(dataclasses.asdict(payload) if payload else {}), 402

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
