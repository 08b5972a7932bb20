"""Who may call a view: one decorator per face. A view without one is refused by a structural test."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast, overload

from flask import g, request

from liftgate_server.access.admission import admit_to_any_face, may_read_from, refuse_secret_in_browser
from liftgate_server.access.caller import Caller, CallerKind, Role
from liftgate_server.access.credentials import Verified, recall, verify
from liftgate_server.plumbing.blueprint import mark_face, public
from liftgate_server.plumbing.changes import Marks
from liftgate_server.plumbing.errors import Forbidden, Problem

P = ParamSpec("P")
R = TypeVar("R")

__all__ = [
    "access_to_prove",
    "any_face",
    "client",
    "current_caller",
    "look_again",
    "management",
    "marks_at_entry",
    "public",
    "runtime",
    "runtime_proven",
]

_READING_METHODS = frozenset({"GET", "HEAD"})


def current_caller() -> Caller:
    """Give who calls; only inside a guarded view."""
    return cast("Caller", g.liftgate_caller)


def marks_at_entry() -> Marks:
    """Give the environment's change numbers as they were when the request was let in, without reading them again."""
    return cast("Marks", g.liftgate_marks)


def access_to_prove() -> int:
    """Give the number of the environment's access that the caller was let in under: the view's statement proves it."""
    return cast("int", g.liftgate_access)


def look_again() -> Marks:
    """Let the caller in anew, or not, when the view's statement found that something has changed; give the numbers."""
    verified = verify(request.environ.get("HTTP_AUTHORIZATION"))
    _admit_to_runtime(verified, None)
    g.liftgate_access = verified.access_number
    return marks_at_entry()


@overload
def runtime(view: Callable[P, R]) -> Callable[P, R]: ...
@overload
def runtime(view: Role) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def runtime(view: Callable[P, R] | Role) -> Any:
    """A secret key may call, or a management key: from viewer to read, from editor to change.

    `@runtime(Role.VIEWER)` marks a POST that only reads.
    """
    if isinstance(view, Role):
        least = view
        return lambda inner: _guarded(inner, "runtime", lambda verified: _admit_to_runtime(verified, least))
    return _guarded(view, "runtime", lambda verified: _admit_to_runtime(verified, None))


def runtime_proven(view: Callable[P, R]) -> Callable[P, R]:
    """Like `runtime`, but whom this process knows is let in without asking the database whether that still holds.

    Only for a view whose own statement proves `access_to_prove`, and that does `look_again` when it could not. There
    are no `marks_at_entry` before that.
    """

    @wraps(view)
    def judged(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return view(*args, **kwargs)
        except Problem:
            look_again()  # to a credential that holds no more nothing else is said
            raise

    return _guarded(judged, "runtime", lambda verified: _admit_to_runtime(verified, None), _recall_or_verify)


def management(least: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A management key with at least this role may call."""

    def admit(verified: Verified) -> None:
        if verified.caller.kind is not CallerKind.MANAGEMENT:
            raise _wrong_credentials("a management key")
        _require_role(verified.caller, least)

    return lambda view: _guarded(view, "management", admit)


def client(view: Callable[P, R]) -> Callable[P, R]:
    """An end user's token may call, from a page whose origin the environment lists."""
    return _guarded(view, "client", _admit_to_client)


def any_face(view: Callable[P, R]) -> Callable[P, R]:
    """Every credential may call: keys, and an end user's token from a page whose origin the environment lists."""
    return _guarded(view, "any", _admit_to_any)


def _guarded(
    view: Callable[P, R],
    face: str,
    admit: Callable[[Verified], None],
    identify: Callable[[str | None], Verified] = verify,
) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        verified = identify(request.environ.get("HTTP_AUTHORIZATION"))
        refuse_secret_in_browser(verified.caller, request.environ.get("HTTP_ORIGIN"))
        admit(verified)
        g.liftgate_caller = verified.caller
        g.liftgate_access = verified.access_number
        return view(*args, **kwargs)

    return mark_face(guarded, face)


def _recall_or_verify(header: str | None) -> Verified:
    return recall(header) or verify(header)


def _admit_to_runtime(verified: Verified, least: Role | None) -> None:
    kind = verified.caller.kind
    if kind is CallerKind.SECRET:
        return
    if kind is not CallerKind.MANAGEMENT:
        raise _wrong_credentials("a secret key")
    _require_role(verified.caller, least or (Role.VIEWER if request.method in _READING_METHODS else Role.EDITOR))


def _admit_to_client(verified: Verified) -> None:
    if verified.caller.kind is not CallerKind.END_USER:
        raise _wrong_credentials("an end-user token")
    origin = request.environ.get("HTTP_ORIGIN")
    g.liftgate_origin_allowed = may_read_from(verified, origin)
    admit_to_any_face(verified, origin)


def _admit_to_any(verified: Verified) -> None:
    origin = request.environ.get("HTTP_ORIGIN")
    # Pages may read the answer to an end user's token; no page of another site is told anything by a key.
    is_end_user = verified.caller.kind is CallerKind.END_USER
    g.liftgate_origin_allowed = is_end_user and may_read_from(verified, origin)
    admit_to_any_face(verified, origin)


def _require_role(caller: Caller, least: Role) -> None:
    if caller.role is None or not caller.role.includes(least):
        raise Forbidden("insufficient_role", f"This needs the role {least} or a higher one.")


def _wrong_credentials(wanted: str) -> Forbidden:
    return Forbidden("wrong_credentials", f"This call takes {wanted}.")
