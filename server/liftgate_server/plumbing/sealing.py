"""Encryption at rest and signatures, from one master secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

SEALER_EXTENSION = "liftgate.sealer"
_NONCE_BYTES = 12
_TAG_BYTES = 16


class CannotUnseal(Exception):
    """The bytes were changed, moved to another place, or sealed with another secret."""


class Sealer:
    """Seals with AES-256-GCM and signs with HMAC-SHA256, each with its own key derived from the secret."""

    def __init__(self, secret: str) -> None:
        material = secret.encode()
        self._cipher = AESGCM(_derive(material, "liftgate sealing v1"))
        self._signing_key = _derive(material, "liftgate signing v1")

    def seal(self, plain: bytes, *, context: str) -> bytes:
        """Encrypt for one place; `context` names it, so the bytes are worthless elsewhere."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def unseal(self, sealed: bytes, *, context: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as failure:
            raise CannotUnseal(context) from failure

    def signature(self, content: bytes, *, context: str) -> bytes:
        message = context.encode() + b"\0" + content
        return hmac.new(self._signing_key, message, hashlib.sha256).digest()[:_TAG_BYTES]

    def is_signed(self, content: bytes, signature: bytes, *, context: str) -> bool:
        return hmac.compare_digest(self.signature(content, context=context), signature)


def sealer() -> Sealer:
    """Give the running app's sealer."""
    return cast("Sealer", current_app.extensions[SEALER_EXTENSION])


def _derive(material: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(material)
