"""Whether a verified credential may be used from where it comes: the same rules for a request and for a stream."""

from __future__ import annotations

from liftgate_server.access.caller import Caller, CallerKind
from liftgate_server.access.credentials import Verified
from liftgate_server.plumbing.errors import Forbidden

__all__ = ["admit_to_any_face", "may_read_from", "refuse_secret_in_browser"]


def admit_to_any_face(verified: Verified, origin: str | None) -> None:
    """Let every kind of credential pass, an end user's only from an origin that the environment lists."""
    refuse_secret_in_browser(verified.caller, origin)
    if verified.caller.kind is CallerKind.END_USER and not may_read_from(verified, origin):
        raise Forbidden("origin_not_allowed", f"The environment does not list the origin {origin}.")


def may_read_from(verified: Verified, origin: str | None) -> bool:
    # Without an Origin it is no browser page of another site: a host's proxy, or a test.
    return origin is None or origin in verified.allowed_origins


def refuse_secret_in_browser(caller: Caller, origin: str | None) -> None:
    if caller.kind is CallerKind.SECRET and origin is not None:
        raise Forbidden(
            "secret_key_in_browser",
            "A secret key was sent by a browser, where everyone can read it. Revoke it and use end-user tokens there.",
        )
