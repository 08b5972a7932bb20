"""What is sealed opens only in its place and with its secret."""

from __future__ import annotations

import pytest

from liftgate_server.plumbing.sealing import CannotUnseal, Sealer

SEALER = Sealer("a secret that only tests know")


def test_what_was_sealed_opens_in_its_place():
    assert SEALER.unseal(SEALER.seal(b"content", context="here"), context="here") == b"content"


def test_the_same_content_never_looks_the_same():
    assert SEALER.seal(b"content", context="here") != SEALER.seal(b"content", context="here")


def test_moved_to_another_place_it_does_not_open():
    with pytest.raises(CannotUnseal):
        SEALER.unseal(SEALER.seal(b"content", context="here"), context="there")


def test_with_another_secret_it_does_not_open():
    with pytest.raises(CannotUnseal):
        Sealer("another secret of tests").unseal(SEALER.seal(b"content", context="here"), context="here")


def test_no_changed_byte_is_accepted():
    sealed = SEALER.seal(b"content", context="here")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(CannotUnseal):
            SEALER.unseal(bytes(changed), context="here")


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 12])
def test_what_was_never_sealed_is_refused(sealed):
    with pytest.raises(CannotUnseal):
        SEALER.unseal(sealed, context="here")


def test_a_signature_holds_for_its_content_and_place_only():
    signature = SEALER.signature(b"content", context="here")

    assert SEALER.is_signed(b"content", signature, context="here")
    assert not SEALER.is_signed(b"other", signature, context="here")
    assert not SEALER.is_signed(b"content", signature, context="there")
