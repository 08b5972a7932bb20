"""One family of failures: services raise them, one handler turns their codes into RFC 9457 problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one place of a document; `path` is dotted, with list indexes."""

    path: str
    code: str
    message: str
    line: int | None = None


class Problem(Exception):
    """A refusal with a stable code; raised anywhere below a route, answered as `application/problem+json`."""

    status: int = 400
    default_title: ClassVar[str] = "The request could not be carried out"

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Iterable[FieldError] = (),
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.title = title or self.default_title
        self.errors: tuple[FieldError, ...] = tuple(errors)
        self.headers: dict[str, str] = dict(headers or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class BadRequest(Problem):
    status = 400
    default_title = "The request could not be read"


class Unauthorised(Problem):
    status = 401
    default_title = "The request is not authenticated"


class Forbidden(Problem):
    status = 403
    default_title = "The credentials do not allow this"


class NotFound(Problem):
    status = 404
    default_title = "There is no such thing"


class Conflict(Problem):
    status = 409
    default_title = "The request conflicts with the current state"


class UnsupportedMediaType(Problem):
    status = 415
    default_title = "The format of the body is not supported"


class Invalid(Problem):
    status = 422
    default_title = "The request is not valid"


class Unavailable(Problem):
    status = 503
    default_title = "The server cannot answer at the moment"
