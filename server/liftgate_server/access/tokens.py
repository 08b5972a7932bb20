"""End-user tokens: HS256, one issuer, one type, short-lived, signed with a key derived from a secret key.

Nothing is taken leniently: every accepted token has exactly one spelling.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import jwt

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.keys import KEY_ID
from liftgate_server.access.queries import KeyOnFile, key_by_id
from liftgate_server.plumbing.errors import Unauthorised
from liftgate_server.plumbing.sealing import CannotUnseal, sealer

ISSUER = "liftgate-sdk"
TYPE = "liftgate+jwt"
ALGORITHM = "HS256"
LONGEST_LIFE_SECONDS = 15 * 60
# How far the clock of a host may run ahead of ours.
LEEWAY_SECONDS = 60
_LONGEST_TOKEN = 4_096
_HEADER_FIELDS = frozenset({"alg", "typ", "kid"})
_REQUIRED_CLAIMS = ["exp", "iat", "aud", "iss", "sub"]
_OWNER = re.compile(r"[A-Za-z0-9._:@|-]{1,128}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EndUser:
    """What a verified token says."""

    key: KeyOnFile
    customer: str
    user: str | None
    buyer: bool
    language: str | None
    expires_at: datetime


def token_context(environment_id: int, key_id: str) -> str:
    """Name the place where a key's token key is sealed."""
    return f"token key:{environment_id}:{key_id}"


def verify_token(text: str, at: datetime) -> EndUser:
    """Verify a token, or raise Unauthorised with the code that says why."""
    key = _signing_key(_read_header(text))
    claims = _verified_claims(text, key)
    _check_times(claims, at)
    return EndUser(
        key=key,
        customer=_matching(claims, "sub", _OWNER) or _refuse("the claim sub is missing"),
        user=_matching(claims, "user", _OWNER),
        buyer=_buyer(claims),
        language=_matching(claims, "lang", _LANGUAGE),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _read_header(text: str) -> Mapping[str, Any]:
    segments = text.split(".")
    if len(text) > _LONGEST_TOKEN or len(segments) != 3:  # noqa: PLR2004 - header, claims, signature
        _refuse("it is not a token")
    header, claims, _signature = (_decode(segment) for segment in segments)
    _read_object(claims)  # here only to refuse duplicate fields and deep nesting before the library reads it
    fields = _read_object(header)
    if fields.keys() != _HEADER_FIELDS or fields["alg"] != ALGORITHM or fields["typ"] != TYPE:
        _refuse("its header is not that of an end-user token")
    return fields


def _signing_key(header: Mapping[str, Any]) -> KeyOnFile:
    key_id = header["kid"]
    if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
        _refuse("its key is unknown")
    key = key_by_id(key_id)
    if key is None or key.kind is not CallerKind.SECRET or key.token_key is None:
        _refuse("its key is unknown")
    if key.revoked:
        raise Unauthorised("revoked_key", "The key that signed this token has been revoked.")
    return key


def _verified_claims(text: str, key: KeyOnFile) -> dict[str, Any]:
    try:
        secret = sealer().unseal(key.token_key or b"", context=token_context(key.environment_id, key.key_id))
        # Times are checked against the app's clock, not the library's.
        claims: dict[str, Any] = jwt.decode(
            text,
            key=secret,
            algorithms=[ALGORITHM],
            audience=key.environment,
            issuer=ISSUER,
            options={"require": _REQUIRED_CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, CannotUnseal) as failure:
        raise _invalid("its signature or its claims do not hold") from failure
    if claims["aud"] != key.environment or claims["iss"] != ISSUER:
        _refuse("it was made for another audience")  # a list that contains ours is not ours
    return claims


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    issued, expires, not_before = _seconds(claims, "iat"), _seconds(claims, "exp"), _seconds(claims, "nbf", default=0)
    now = at.timestamp()
    if max(issued, not_before) > now + LEEWAY_SECONDS:
        _refuse("it is from the future")
    if not 0 < expires - issued <= LONGEST_LIFE_SECONDS:
        _refuse("it lives longer than 15 minutes")
    if expires <= now:
        raise Unauthorised("expired_token", "The token has expired.")


def _seconds(claims: Mapping[str, Any], name: str, *, default: int | None = None) -> int:
    value = claims.get(name, default)
    if type(value) is not int or value < 0:  # a bool is an int, and is no time
        _refuse(f"the claim {name} is not a whole number of seconds")
    return value


def _buyer(claims: Mapping[str, Any]) -> bool:
    buyer = claims.get("buyer", False)
    if not isinstance(buyer, bool):
        _refuse("the claim buyer is not true or false")
    return buyer


def _matching(claims: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        _refuse(f"the claim {name} is malformed")
    return value


def _decode(segment: str) -> bytes:
    try:
        decoded = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (binascii.Error, ValueError) as failure:
        raise _invalid("it is not a token") from failure
    # The decoder skips foreign characters and ignores spare bits; a second spelling of a token is a forgery.
    if urlsafe_b64encode(decoded).rstrip(b"=").decode() != segment:
        _refuse("it is not a token")
    return decoded


def _read_object(content: bytes) -> dict[str, Any]:
    try:
        read = json.loads(content, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as failure:
        raise _invalid("it is not a token") from failure
    if not isinstance(read, dict):
        _refuse("it is not a token")
    return read


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field stands there twice")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse(reason: str) -> NoReturn:
    raise _invalid(reason)


def _invalid(reason: str) -> Unauthorised:
    return Unauthorised("invalid_token", f"The token was refused: {reason}.")
