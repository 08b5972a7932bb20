"""A host app and a client face in one small server, so that the widget meets both without the product behind it."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.browser.payloads import BUYER

DIST = Path(__file__).resolve().parents[2] / "widget" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'"
)
ROWS = "".join(f"<p>Row {number} lorem ipsum <a href='#{number}'>link {number}</a></p>" for number in range(60))
BODY = f"<main><h1>Host app</h1><button id=export>Export CSV</button><dialog id=own>Own dialog</dialog>{ROWS}</main>"
PLAIN_PAGE = f"""<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title>
<meta name=viewport content="width=device-width"><script type=module src=/host.js></script></head><body>{BODY}</body>"""
WATCHED_PAGE = PLAIN_PAGE.replace(
    "<script type=module src=/host.js></script>",
    "<script type=module src=/widget/liftgate.js data-liftgate data-token-url=/_liftgate/token data-watch></script>",
)
HOST_SCRIPT = """import { configure } from "/widget/liftgate.js"; window.configure = configure;"""
HOSTILE_STYLE = """
* { font-size: 40px !important; color: red !important; margin: 30px !important; border: 5px solid lime !important;
    letter-spacing: 9px !important; text-transform: uppercase !important; line-height: 3 !important; opacity: 0.9;
    visibility: hidden !important; pointer-events: none !important; cursor: wait !important;
    --accent: red !important; --radius: 0 !important; accent-color: red !important; color-scheme: dark !important; }
body, body * { opacity: 0.4 !important; transform: rotate(3deg) !important; filter: blur(2px) !important; }
liftgate-modal { direction: rtl !important; display: none !important; position: fixed !important; zoom: 3 !important; }
dialog, button, label, input, progress, ::backdrop { background: red !important; all: unset !important; }
"""


@dataclass(slots=True)
class Request:
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class Scene:
    """What the server answers, and what it was asked."""

    payload: dict[str, Any] = field(default_factory=lambda: BUYER)
    next: dict[str, Any] = field(default_factory=lambda: {"kind": "confirm"})
    granted: bool = False
    checks_before_grant: int = 0
    polls_before_completion: int = 1
    faults: deque[int | None] = field(default_factory=deque)
    """What the next calls of the client face meet: a status, 0 (work done, answer lost) or nothing."""
    requests: list[Request] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self, prefix: str = "/v1/client/") -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests if request.path.startswith(prefix)]

    def sent_to(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]


def order_document(status: str, next_step: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "ord_1",
        "status": status,
        "customer_version": 8 if status == "completed" else None,
        "next": next_step,
        "summary": {
            "lines": [{"label": "Plan", "text": "Pro"}, {"label": "Billing", "text": "Monthly"}],
            "total": "€29",
            "note": "Renews every month. Cancel any time.",
        },
    }


def client_answer(scene: Scene, request: Request) -> dict[str, Any]:
    """Answer a call of the client face; ordering again with the same key is the same order."""
    done: dict[str, Any] = {"kind": "none"}
    match request.method, request.path.removeprefix("/v1/client/"):
        case "POST", "check":
            scene.checks_before_grant -= 1
            scene.granted = scene.granted or scene.checks_before_grant < 0
            return {"decision": {"granted": scene.granted}, "offer": None}
        case "POST", "orders":
            if request.headers["idempotency-key"] not in scene.orders:
                scene.orders.append(request.headers["idempotency-key"])
            return order_document("pending", scene.next)
        case "POST", "upgrade-requests":
            return order_document("requested", done)
        case "POST", "orders/ord_1/cancel":
            return order_document("canceled", done)
        case "GET", "orders/ord_1":
            scene.polls_before_completion -= 1
            return order_document("completed" if scene.polls_before_completion < 0 else "pending", done)
    return order_document("completed", done)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StubServer

    def log_message(self, *_arguments: Any) -> None:
        """Stay silent: the scene keeps the requests."""

    def do_GET(self) -> None:
        pages = {"/": PLAIN_PAGE, "/watched": WATCHED_PAGE}
        hostile = '<link rel=stylesheet href="/hostile.css"></head>'
        pages["/hostile"] = PLAIN_PAGE.replace("</head>", hostile)
        scripts = {"/host.js": HOST_SCRIPT} | {f"/widget/{file.name}": file.read_text() for file in DIST.glob("*.js")}
        path = self.path.partition("?")[0]
        if path in pages:
            self.answer(200, "text/html", pages[path])
        elif path in scripts:
            self.answer(200, "text/javascript", scripts[path])
        elif path == "/hostile.css":
            self.answer(200, "text/css", HOSTILE_STYLE)
        else:
            self.call(None)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"] or 0))
        self.call(json.loads(text) if text else None)

    def call(self, body: Any) -> None:
        """Answer what a script asks for."""
        scene = self.server.scene
        request = Request(self.command, self.path, {name.lower(): text for name, text in self.headers.items()}, body)
        with scene.lock:
            scene.requests.append(request)
            if self.path == "/_liftgate/token":
                self.answer_json(200, {"token": "end-user", "expires_at": "2999-01-01T00:00:00Z", "server": ""})
            elif self.path.startswith("/v1/client/"):
                self.answer_client(request)
            elif self.path == "/export":
                self.answer_export()
            else:
                self.answer_json(404, {"code": "unknown_path"})

    def answer_client(self, request: Request) -> None:
        scene = self.server.scene
        fault = scene.faults.popleft() if scene.faults else None
        document = client_answer(scene, request) if not fault else {"code": "fault"}
        if fault == 0:
            # Not closed before the first byte: then a browser sends the request again by itself.
            self.send_response(200)
            self.send_header("Content-Length", "9")
            self.end_headers()
            self.close_connection = True
        else:
            self.answer_json(fault or 200, document)

    def answer_export(self) -> None:
        if self.server.scene.granted:
            self.answer_json(200, {"rows": 3})
        else:
            problem = {"code": "upgrade_required", "payload": self.server.scene.payload}
            self.answer(402, "application/problem+json", json.dumps(problem))

    def answer_json(self, status: int, document: dict[str, Any]) -> None:
        self.answer(status, "application/json" if status < 400 else "application/problem+json", json.dumps(document))

    def answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)


class StubServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scene = Scene()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
