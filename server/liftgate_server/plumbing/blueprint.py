"""flask-smorest with our defaults: strict input, problems, who may call, idempotency, hand-written bodies."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import flask_smorest  # type: ignore[import-untyped]
from flask import Response, current_app, g, make_response, request
from marshmallow import Schema

from liftgate_server.plumbing.bodies import StrictParser
from liftgate_server.plumbing.idempotency import Answer, Attempt, hash_request, once, read_key

P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., Any])

_KEPT_HEADERS = ("Content-Type", "ETag", "Location")
_IDEMPOTENCY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same request gives the same answer again; with another request, 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}
# What the document says about who may call; the guards say it about the code.
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "runtime": [{"secretKey": []}, {"managementKey": []}],
    "management": [{"managementKey": []}],
    "client": [{"endUserToken": []}],
    "any": [{"secretKey": []}, {"managementKey": []}, {"endUserToken": []}],
    "public": [],
}


class Principal(Protocol):
    """What a guard leaves behind about who calls."""

    @property
    def environment_id(self) -> int: ...

    @property
    def principal(self) -> str: ...


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # the base is untyped
    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self._prepare_doc_cbks.extend([_document_face, _document_idempotency, _document_body])

    # The base is untyped; these say what its decorators keep.

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().route(rule, **options))

    def arguments(self, schema: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return cast("Callable[[Callable[..., Any]], Callable[..., Any]]", super().arguments(schema, **options))

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().response(status_code, schema, **options))

    def alt_response(self, status_code: int, response: Any = None, **options: Any) -> Callable[[View], View]:
        return _documenting(super().alt_response(status_code, response, **options))

    @staticmethod
    def doc(**options: Any) -> Callable[[View], View]:
        return _documenting(flask_smorest.Blueprint.doc(**options))

    @staticmethod
    def body(schema: type[Schema] | dict[str, Any], *, example: Any, required: bool = True) -> Callable[[View], View]:
        """Document a JSON body that the view parses by hand; hot paths only."""

        def decorate(view: View) -> View:
            return _with_doc(view, "liftgate_body", {"schema": schema, "example": example, "required": required})

        return decorate


def _documenting(decorate: Callable[[View], View]) -> Callable[[View], View]:
    """Take only the words of a decorator that documents; the wrapper it puts around the view costs every request."""

    def document(view: View) -> View:
        view._apidoc = decorate(view)._apidoc  # type: ignore[attr-defined]  # noqa: SLF001 - flask-smorest's place for it
        return view

    return document


def idempotent(view: Callable[P, Any]) -> Callable[P, Response]:
    """Honour `Idempotency-Key`; stands directly below the guard and above `arguments` and `response`."""

    @wraps(view)
    def idempotent_view(*args: P.args, **kwargs: P.kwargs) -> Response:
        header = request.headers.get("Idempotency-Key")
        if header is None:
            return make_response(current_app.ensure_sync(view)(*args, **kwargs))
        answer, replayed = once(_attempt(read_key(header)), lambda: _kept(make_response(view(*args, **kwargs))))
        response = Response(answer.body, answer.status, headers=list(answer.headers))
        if replayed:
            response.headers["Idempotent-Replay"] = "true"
        return response

    return _with_doc(idempotent_view, "liftgate_idempotent", True)


def keyed(view: View) -> View:
    """Document `Idempotency-Key` of a view that honours it by itself; `given_key` reads it."""
    return _with_doc(view, "liftgate_idempotent", True)


def given_key() -> str | None:
    """Give the request's `Idempotency-Key`, if it has one."""
    header = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    return None if header is None else read_key(header)


def mark_face(view: View, face: str) -> View:
    """Write on a guarded view which face it belongs to; a structural test reads it from every route."""
    view.__liftgate_face__ = face  # type: ignore[attr-defined]
    return _with_doc(view, "liftgate_face", face)


def public(view: View) -> View:
    """Anyone may call."""
    return mark_face(view, "public")


def _with_doc(view: View, name: str, value: object) -> View:
    # A copy, because the decorated function below keeps its own.
    view._apidoc = {**getattr(view, "_apidoc", {}), name: value}  # type: ignore[attr-defined]  # noqa: SLF001 - flask-smorest's place for it
    return view


def _attempt(key: str) -> Attempt:
    caller = cast("Principal", g.liftgate_caller)
    return Attempt(
        environment_id=caller.environment_id,
        principal=caller.principal,
        key=key,
        request_hash=hash_request(
            request.method.encode(), request.path.encode(), request.query_string, request.get_data(cache=True)
        ),
    )


def _kept(response: Response) -> Answer:
    headers = tuple((name, response.headers[name]) for name in _KEPT_HEADERS if name in response.headers)
    return Answer(response.status_code, headers, response.get_data())


def _document_face(doc: dict[str, Any], info: dict[str, Any], **_context: Any) -> dict[str, Any]:
    face = info.get("liftgate_face")
    if face is not None:
        doc["security"] = _SECURITY[face]
        doc.setdefault("responses", {})["default"] = "DEFAULT_ERROR"
    return doc


def _document_idempotency(doc: dict[str, Any], info: dict[str, Any], **_context: Any) -> dict[str, Any]:
    if info.get("liftgate_idempotent"):
        doc.setdefault("parameters", []).append(_IDEMPOTENCY_PARAMETER)
    return doc


def _document_body(doc: dict[str, Any], info: dict[str, Any], **_context: Any) -> dict[str, Any]:
    body = info.get("liftgate_body")
    if body is not None:
        content = {"application/json": {"schema": body["schema"], "example": body["example"]}}
        doc["requestBody"] = {"required": body["required"], "content": content}
    return doc
