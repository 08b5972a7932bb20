"""The OpenAPI document and the one place where failures become RFC 9457 problems."""

from __future__ import annotations

import http
import threading
from typing import Any, cast

import flask_smorest  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_smorest.utils import prepare_response  # type: ignore[import-untyped]
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from liftgate_server.plumbing.answers import PROBLEM_TYPE, problem_response
from liftgate_server.plumbing.errors import Invalid, Problem, Unauthorised, Unavailable
from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.shapes import ProblemSchema

_PROBLEM_EXAMPLE = {
    "type": "urn:liftgate:problem:unknown_customer",
    "title": "There is no such thing",
    "status": 404,
    "detail": "There is no customer 'acme' in environment 'production'.",
    "code": "unknown_customer",
}
# Failures that the framework finds before a view runs.
_CODES = {
    400: "bad_request",
    404: "unknown_path",
    405: "method_not_allowed",
    408: "request_timeout",
    411: "length_required",
    413: "too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    431: "headers_too_large",
    500: "internal_error",
    503: "unavailable",
}
_SECURITY_SCHEMES = {
    "secretKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A secret key `lgsk_<environment>_<key id>_<secret>`; server side only.",
    },
    "managementKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A management key `lgmk_<environment>_<key id>_<secret>` with a role.",
    },
    "endUserToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of one customer's user, made by the SDK, valid for at most 15 minutes.",
    },
}


class Api(flask_smorest.Api):  # type: ignore[misc]  # the base is untyped
    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, *, version: str) -> None:
        super().__init__(
            app,
            spec_kwargs={
                "title": "Liftgate",
                "version": version,
                "openapi_version": "3.1.0",
                "info": {
                    "description": "Entitlements and upsell: gates, decisions, offers, orders.",
                    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                },
                "servers": [{"url": "/"}],
            },
        )
        for name, scheme in _SECURITY_SCHEMES.items():
            self.spec.components.security_scheme(name, scheme)
        self._undocumented: list[flask_smorest.Blueprint] = []
        self._documenting = threading.Lock()

    def register_blueprint(self, blueprint: flask_smorest.Blueprint) -> None:
        """Register the routes, and leave describing them until somebody reads the document.

        Describing takes as long as all the rest of a start, and most processes are never asked.
        """
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undocumented.append(blueprint)

    def document(self) -> dict[str, Any]:
        """Give the OpenAPI document of everything that is registered."""
        with self._documenting:
            while self._undocumented:
                blueprint = self._undocumented.pop(0)
                blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
            return cast("dict[str, Any]", self.spec.to_dict())

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(Problem, answer_problem)
        self._app.register_error_handler(HTTPException, answer_http_exception)
        self._app.register_error_handler(OperationalError, answer_database_failure)
        self._app.register_error_handler(DataError, answer_unstorable_value)

    def _register_responses(self) -> None:
        """Say that errors are problems; the base would document them as plain JSON."""
        for status in http.HTTPStatus:
            self._register_problem(status.name, status.phrase, has_body=status >= http.HTTPStatus.BAD_REQUEST)
        self._register_problem("DEFAULT_ERROR", "A problem", has_body=True)

    def _register_problem(self, name: str, description: str, *, has_body: bool) -> None:
        response: dict[str, Any] = {"description": description}
        if has_body:
            response |= {"schema": self.ERROR_SCHEMA, "example": _PROBLEM_EXAMPLE}
            prepare_response(response, self.spec, PROBLEM_TYPE)
        self.spec.components.response(name, response, lazy=True)


def answer_problem(problem: Problem) -> Response:
    response = problem_response(problem)
    if isinstance(problem, Unauthorised):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_http_exception(failure: HTTPException) -> Response:
    if isinstance(failure.response, Response):
        return failure.response
    status = failure.code or 500
    problem = Problem(_CODES.get(status, f"http_{status}"), failure.description or failure.name, title=failure.name)
    problem.status = status
    response = problem_response(problem)
    # Allow of a 405, Retry-After of a 503, Location of a redirect.
    for name, value in failure.get_headers(request.environ):
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def answer_unstorable_value(failure: DataError) -> Response:
    """Answer 422: the shapes let a value through that the database has no room or no sign for."""
    logger().warning("value_refused_by_the_database", reason=str(failure.orig))
    return problem_response(Invalid("invalid_request", "A value of the request cannot be stored."))


def answer_database_failure(failure: OperationalError) -> Response:
    """Answer 503: a database that is locked or gone is no fault of the request, and it may come again."""
    logger().error("database_failed", reason=str(failure.orig))
    detail = "The database cannot be reached or is busy. Try again."
    return problem_response(Unavailable("database_unavailable", detail, headers={"Retry-After": "1"}))
