"""The text of a key: `lgsk_<environment>_<key id>_<secret>`, and what is derived from it."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liftgate_server.access.caller import CallerKind
from liftgate_server.plumbing.ids import new_bare_id

ENVIRONMENT_KEY = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
KEY_ID = re.compile(r"[0-9a-z]{8,32}", re.ASCII)
_TOKEN_KEY_INFO = b"liftgate end-user token v1"
_PREFIXES = {CallerKind.SECRET: "lgsk", CallerKind.MANAGEMENT: "lgmk"}
_KEY = re.compile(r"lg[sm]k_[a-z0-9-]{1,32}_[0-9a-z]{8,32}_[A-Za-z0-9]{32,100}", re.ASCII)
# 43 of 62 characters are 256 bits; none of them is the separator.
_SECRET_CHARACTERS = string.ascii_letters + string.digits
_SECRET_LENGTH = 43


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A new key before it is stored: `text` is shown once, the rest stays."""

    id: str
    text: str
    sha256: bytes
    token_key: bytes


def make_key(kind: CallerKind, environment: str) -> KeyMaterial:
    key_id = new_bare_id()
    secret = "".join(secrets.choice(_SECRET_CHARACTERS) for _ in range(_SECRET_LENGTH))
    text = f"{_PREFIXES[kind]}_{environment}_{key_id}_{secret}"
    return KeyMaterial(key_id, text, hash_key(text), derive_token_key(secret))


def looks_like_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def hash_key(text: str) -> bytes:
    """Hash for look-up. A plain hash is enough: the secret has 256 bits, there is nothing to guess."""
    return hashlib.sha256(text.encode()).digest()


def derive_token_key(secret: str) -> bytes:
    """Derive what signs end-user tokens, the same as the SDK does."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"", info=_TOKEN_KEY_INFO).derive(secret.encode())
