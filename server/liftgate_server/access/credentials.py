"""From an Authorization header to a caller.

Verified credentials are kept in the process and hold as long as nothing about the environment's access changed, so a
revoked key is refused by the next request of every process.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from flask import current_app, g

from liftgate_server.access.caller import Caller, CallerKind
from liftgate_server.access.key_use import note_use
from liftgate_server.access.keys import hash_key, looks_like_key
from liftgate_server.access.queries import KeyOnFile, key_by_hash
from liftgate_server.access.tokens import verify_token
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import Unauthorised

CREDENTIALS_EXTENSION = "liftgate.credentials"
_MOST_KEPT = 10_000
# Also how often the use of a key is noted.
_KEPT_FOR = timedelta(hours=1)
_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Verified:
    """A caller, the origins its environment lists, and until when this may be believed."""

    caller: Caller
    allowed_origins: frozenset[str]
    access_number: int
    believed_until: datetime


class Credentials:
    """The verified credentials of this process, by the text of their header."""

    def __init__(self) -> None:
        self._kept: dict[str, Verified] = {}
        self._lock = threading.Lock()

    def get(self, header: str) -> Verified | None:
        return self._kept.get(header)

    def keep(self, header: str, verified: Verified) -> None:
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                for oldest in list(islice(self._kept, _MOST_KEPT // 2)):
                    del self._kept[oldest]
            self._kept[header] = verified

    def drop(self, header: str) -> None:
        with self._lock:
            self._kept.pop(header, None)


def recall(header: str | None) -> Verified | None:
    """Give who was behind the header when this process last looked; whoever acts on it proves that nothing changed."""
    if header is None:
        return None
    kept = cast("Credentials", current_app.extensions[CREDENTIALS_EXTENSION]).get(header)
    return kept if kept is not None and now() < kept.believed_until else None


def verify(header: str | None) -> Verified:
    """Give who is behind the header, or raise Unauthorised."""
    if header is None:
        raise Unauthorised("missing_credentials", "Send Authorization: Bearer with a key or a token.")
    credentials = cast("Credentials", current_app.extensions[CREDENTIALS_EXTENSION])
    kept = credentials.get(header)
    if kept is not None:
        marks = latest_marks(kept.caller.environment_id)
        if marks.access == kept.access_number and now() < kept.believed_until:
            g.liftgate_marks = marks
            return kept
        credentials.drop(header)
    verified = _verify_anew(header)
    credentials.keep(header, verified)
    g.liftgate_marks = latest_marks(verified.caller.environment_id)
    return verified


def _verify_anew(header: str) -> Verified:
    if header[: len(_SCHEME)].lower() != _SCHEME:
        raise Unauthorised("invalid_credentials", "The Authorization header is not of the form Bearer <key or token>.")
    text = header[len(_SCHEME) :].strip()
    at = now()
    if "." in text:
        return _verify_end_user(text, at)
    if not looks_like_key(text):
        raise Unauthorised("invalid_credentials", "The key is unknown.")
    return _verify_key(text, at)


def _verify_key(text: str, at: datetime) -> Verified:
    key = key_by_hash(hash_key(text))
    if key is None:
        raise Unauthorised("invalid_credentials", "The key is unknown.")
    if key.revoked:
        raise Unauthorised("revoked_key", "The key has been revoked.")
    _note(key, at)
    caller = Caller(key.environment_id, key.environment, key.kind, key.key_id, role=key.role, key_name=key.name)
    return Verified(caller, key.allowed_origins, key.access_number, at + _KEPT_FOR)


def _verify_end_user(text: str, at: datetime) -> Verified:
    token = verify_token(text, at)
    key = token.key
    _note(key, at)
    caller = Caller(
        key.environment_id,
        key.environment,
        CallerKind.END_USER,
        key.key_id,
        customer=token.customer,
        user=token.user,
        buyer=token.buyer,
        language=token.language,
    )
    return Verified(caller, key.allowed_origins, key.access_number, min(token.expires_at, at + _KEPT_FOR))


def _note(key: KeyOnFile, at: datetime) -> None:
    if key.last_used_at is None or at - key.last_used_at >= _KEPT_FOR:
        note_use(key.environment_id, key.key_id, at=at)
