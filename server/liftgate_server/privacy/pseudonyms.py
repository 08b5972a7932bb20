"""Names that stand for somebody who was forgotten: the same throughout one erasure, and nobody can trace them back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

__all__ = ["PREFIX", "Pseudonyms", "new_pseudonym", "new_salt"]

PREFIX = "erased_"
_RANDOM_BYTES = 12
_SALT_BYTES = 32
# As many characters as `new_pseudonym` makes.
_LENGTH = 2 * _RANDOM_BYTES


def new_pseudonym() -> str:
    """Make a name out of nothing but chance."""
    return PREFIX + secrets.token_hex(_RANDOM_BYTES)


def new_salt() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Who is forgotten, and what stands for each name of theirs.

    Without ``user`` the whole account is forgotten: everybody in it and every key that the host chose get a name made
    with the salt. With it, only that person does.
    """

    customer: str
    user: str | None
    pseudonym: str
    salt: bytes

    @property
    def is_of_account(self) -> bool:
        return self.user is None

    def of_customer(self, text: str) -> str:
        return self.pseudonym if self.is_of_account and text == self.customer else text

    def of_user(self, text: str | None) -> str | None:
        """Give what stands for a person; nobody stays nobody."""
        if not text:
            return text
        if self.is_of_account:
            return self._made_of(text)
        return self.pseudonym if text == self.user else text

    def of_key(self, text: str) -> str:
        """Give what stands for a key of the host's choosing.

        Of a person in an account that goes on, keys stay: for as long as they are kept, a repetition counts once.
        """
        return self._made_of(text) if self.is_of_account else text

    def within(self, document: Any, person: str | None) -> Any:
        """Give a document with the ids of the account and of a person replaced wherever they stand alone."""
        names = {self.customer: self.of_customer(self.customer)}
        if person:
            names[person] = self.of_user(person) or person
        changed = {old: new for old, new in names.items() if new != old}
        return _replaced(document, changed) if changed else document

    def _made_of(self, text: str) -> str:
        return PREFIX + hmac.new(self.salt, text.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def _replaced(document: Any, names: dict[str, str]) -> Any:
    if isinstance(document, dict):
        return {key: _replaced(value, names) for key, value in document.items()}
    if isinstance(document, list):
        return [_replaced(value, names) for value in document]
    return names.get(document, document) if isinstance(document, str) else document
