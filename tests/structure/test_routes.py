"""Every route says who may call it, and asks."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

FACES = {"runtime", "management", "client", "any"}
# Guarded too, but refused with a page.
PAGES = "admin"
PUBLIC = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /widget/<name>",
    "GET /schemas/payload-1.json",
    # The door of the pages.
    "GET /admin/",
    "GET /admin/<path:rest>",
    "GET /admin/sign-in",
    "POST /admin/sign-in",
    "POST /admin/sign-out",
    "GET /admin/setup",
    "POST /admin/setup",
    "GET /admin/link/<token>",
    "POST /admin/link/<token>",
    "GET /admin/static/<tree>/<path:name>",
}
ANSWERED_BY_THE_FRAMEWORK = {"HEAD", "OPTIONS"}


def faces(app: Flask) -> Iterator[tuple[str, str | None]]:
    """Yield every operation of an app with the face its view is marked with."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        view_class = getattr(view, "view_class", None)
        for method in sorted((rule.methods or set()) - ANSWERED_BY_THE_FRAMEWORK):
            handler = getattr(view_class, method.lower()) if view_class else view
            yield f"{method} {rule.rule}", getattr(handler, "__liftgate_face__", None)


def unguarded(app: Flask) -> set[str]:
    return {operation for operation, face in faces(app) if face not in FACES | {PAGES}}


def example_path(rule: str) -> str:
    """Fill the variables of a rule: `/v1/orders/<string:order>` becomes `/v1/orders/1`."""
    return "/".join("1" if part.startswith("<") else part for part in rule.split("/"))


def test_every_route_is_guarded_or_listed_as_public(whole_server: Flask):
    assert unguarded(whole_server) == PUBLIC


def test_what_is_listed_as_public_is_marked_so(whole_server: Flask):
    assert {operation for operation, face in faces(whole_server) if face == "public"} == PUBLIC


def test_a_guarded_route_refuses_a_caller_without_credentials(whole_server: Flask):
    client = whole_server.test_client()
    guarded = [operation for operation, face in faces(whole_server) if face in FACES]

    answers = {}
    for operation in guarded:
        method, rule = operation.split(" ", maxsplit=1)
        answer = client.open(example_path(rule), method=method, json={} if method != "GET" else None)
        answers[operation] = (answer.status_code, (answer.get_json(silent=True) or {}).get("code"))

    assert len(guarded) > len(PUBLIC)
    assert {operation: got for operation, got in answers.items() if got != (401, "missing_credentials")} == {}


def test_a_page_sends_a_reader_without_a_session_to_the_door_and_an_action_does_nothing(whole_server: Flask):
    client = whole_server.test_client()
    operations = [operation for operation, face in faces(whole_server) if face == PAGES]

    answers = {}
    for operation in operations:
        method, rule = operation.split(" ", maxsplit=1)
        answer = client.open(example_path(rule), method=method)
        answers[operation] = (answer.status_code, answer.headers.get("Location", "").startswith("/admin/sign-in"))

    assert operations
    wanted = {"GET": (303, True), "POST": (401, False)}
    assert {operation: got for operation, got in answers.items() if got != wanted[operation.split(" ")[0]]} == {}


def test_a_route_without_a_guard_would_be_noticed(whole_server: Flask):
    whole_server.add_url_rule("/v1/planted", view_func=lambda: "", methods=["POST"])

    assert unguarded(whole_server) - PUBLIC == {"POST /v1/planted"}
