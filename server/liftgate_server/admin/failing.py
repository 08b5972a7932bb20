"""Failures of the pages, as pages: what happened, in a sentence, and the way back."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, make_response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from liftgate_server.admin.rendering import problem_text, render, toast
from liftgate_server.admin.visiting import ADMIN_PATH
from liftgate_server.admin.words import translate as _
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.logs import logger


def answer_with_pages(blueprint: Blueprint) -> None:
    """Let what fails in a view of this blueprint be answered by a page, not by a problem document."""
    blueprint.register_error_handler(Problem, _answer_problem)
    blueprint.register_error_handler(HTTPException, _answer_http_exception)
    blueprint.register_error_handler(OperationalError, _answer_database_failure)


def _answer_problem(problem: Problem) -> Response:
    return _page(problem.status, problem_text(problem.code, problem.detail))


def _answer_http_exception(failure: HTTPException) -> Response:
    if isinstance(failure.response, Response):
        return failure.response
    status = failure.code or HTTPStatus.INTERNAL_SERVER_ERROR
    known = {
        HTTPStatus.NOT_FOUND: _("There is no such page."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("That was more than one form may hold."),
        HTTPStatus.INTERNAL_SERVER_ERROR: _("Something went wrong here. It has been written to the log."),
    }
    return _page(status, known.get(HTTPStatus(status), failure.description or failure.name))


def _answer_database_failure(failure: OperationalError) -> Response:
    logger().error("database_failed", reason=str(failure.orig))
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, _("The database cannot be reached or is busy. Try again in a moment."))


def _page(status: int, sentence: str) -> Response:
    """Show the sentence as a page; where htmx waits for a piece, as a toast, and the page stays as it is."""
    if request.headers.get("HX-Request-Type") == "partial":
        toast(sentence, "error")
        response = make_response(render("shell/late.html"))
        response.headers["HX-Reswap"] = "none"
    else:
        response = make_response(
            render("shell/failure.html", status=status, title=_title(status), sentence=sentence, home=ADMIN_PATH)
        )
    response.status_code = status
    return response


def _title(status: int) -> str:
    return {
        403: _("This is not yours to open"),
        404: _("Not found"),
        409: _("Somebody was faster"),
        503: _("Not available at the moment"),
    }.get(status, _("That did not work"))
