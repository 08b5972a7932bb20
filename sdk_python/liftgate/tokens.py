"""End-user tokens for the widget, made without asking the server: HS256 with the standard library."""

from __future__ import annotations

import hashlib
import hmac
import json
from binascii import b2a_base64
from datetime import UTC, datetime
from typing import Final, Self

from liftgate.configuration import Credentials
from liftgate.errors import ConfigurationError

__all__ = ["MAX_TTL_SECONDS", "Token", "TokenMint"]

MAX_TTL_SECONDS: Final = 900
"""The server refuses tokens that live longer."""

_KEY_PURPOSE: Final = b"liftgate end-user token v1"


class Token(str):
    """A token for the widget: a plain string that knows when it ends.

    >>> # token = client.token(); token.expires_at
    """

    __slots__ = ("expires_at",)

    expires_at: datetime

    def __new__(cls, value: str, expires_at: datetime) -> Self:
        """Make a string with an end."""
        token = super().__new__(cls, value)
        token.expires_at = expires_at
        return token


class TokenMint:
    """Signs tokens with a key derived from the secret key, which the server can derive, too."""

    def __init__(self, credentials: Credentials) -> None:
        self._header = {"alg": "HS256", "typ": "liftgate+jwt", "kid": credentials.key_id}
        self._environment = credentials.environment
        self._key = _derive_key(credentials.secret.encode(), purpose=_KEY_PURPOSE)

    def mint(
        self,
        customer: str,
        *,
        user: str | None,
        is_buyer: bool,
        language: str | None,
        now: float,
        ttl_seconds: int,
    ) -> Token:
        """Return a token for one person of one customer."""
        if not 0 < ttl_seconds <= MAX_TTL_SECONDS:
            raise ConfigurationError(f"`ttl_seconds` must be from 1 to {MAX_TTL_SECONDS}.")
        issued_at = int(now)
        ends_at = issued_at + ttl_seconds
        claims = {
            "iss": "liftgate-sdk",
            "aud": self._environment,
            "sub": customer,
            "user": user,
            "buyer": is_buyer,
            "lang": language,
            "iat": issued_at,
            "exp": ends_at,
        }
        signed = f"{_encode_json(self._header)}.{_encode_json(claims)}"
        signature = hmac.digest(self._key, signed.encode(), "sha256")
        return Token(f"{signed}.{_encode(signature)}", datetime.fromtimestamp(ends_at, UTC))


def _derive_key(secret: bytes, *, purpose: bytes) -> bytes:
    """Return 32 bytes by HKDF-SHA256 (RFC 5869) with an empty salt.

    One block of output is all that 32 bytes take, so expanding is a single step.
    """
    empty_salt = bytes(hashlib.sha256().digest_size)
    pseudo_random_key = hmac.digest(empty_salt, secret, "sha256")
    return hmac.digest(pseudo_random_key, purpose + b"\x01", "sha256")


def _encode_json(value: object) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    text = b2a_base64(data, newline=False).decode()
    return text.translate(_URL_SAFE).rstrip("=")


_URL_SAFE: Final = str.maketrans("+/", "-_")
