"""Passwords: what they must be, and what is kept of them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from liftgate_server.plumbing.errors import FieldError, Invalid

LEAST_LENGTH = 10
# Argon2 takes any length; a bound keeps a request from costing more than a sign-in should.
LARGEST_LENGTH = 200
# The library's defaults are RFC 9106's second recommendation; a hash made with others is renewed at the next sign-in.
_hasher = PasswordHasher()

# The commonest of at least ten characters in published leaks; digits in a row and repetitions are refused by rule.
_COMMON = frozenset(files("liftgate_server.access").joinpath("common_passwords.txt").read_text("utf-8").split())


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Compare with the hash that was kept; without one, take as long and say no."""
    try:
        return _hasher.verify(kept or _decoy(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    return _hasher.check_needs_rehash(kept)


def refuse_bad_password(password: str, *, email: str) -> None:
    """Refuse what is guessed first: short, common, the own address, or one character over and over."""
    reason = _weakness(password, email)
    if reason is not None:
        code, message = reason
        error = FieldError("password", code, message)
        raise Invalid("weak_password", "This password cannot be used.", errors=[error])


def _weakness(password: str, email: str) -> tuple[str, str] | None:
    if len(password) < LEAST_LENGTH:
        return "too_short", f"A password has at least {LEAST_LENGTH} characters."
    if len(password) > LARGEST_LENGTH:
        return "too_long", f"A password has at most {LARGEST_LENGTH} characters."
    folded = password.casefold()
    if folded in {email.casefold(), email.casefold().partition("@")[0]}:
        return "own_email", "Your own e-mail address is the first thing to be guessed."
    if folded in _COMMON or _is_sequence(folded) or len(set(folded)) < 4:  # noqa: PLR2004 - "aaaaaaaaab" is no password
        return "common", "This is one of the passwords that are tried first."
    return None


def _is_sequence(text: str) -> bool:
    """Tell whether the text only counts up or down, with wrap-around: 1234567890, abcdefghij, 9876543210."""
    if not (text.isdigit() or text.isalpha()):
        return False
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


@lru_cache(maxsize=1)
def _decoy() -> str:
    """Give a hash of nobody's password, so that an unknown address costs as much as a known one."""
    return _hasher.hash("nobody has this password")
