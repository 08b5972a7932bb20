"""I11: of more than 200 forged tokens, none is accepted."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.access.tokens import verify_token
from liftgate_server.plumbing.errors import Unauthorised
from tests.server.conftest import START, encode_segment, sign_token

NOW = int(START.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": "liftgate-sdk",
    "aud": "demo",
    "sub": "acme",
    "user": "u1",
    "buyer": True,
    "lang": "en",
    "iat": NOW,
    "exp": NOW + 600,
}
NOT_A_TIME: list[Any] = [
    *("", "soon", str(NOW + 600), float(NOW + 600), NOW + 600.5, True, False, None, -1, -NOW, [], [NOW + 600], {}),
    *(1e400, 2**80, -(2**80), "١٢٣"),
]
NOT_A_TEXT: list[Any] = ["", 7, 7.5, True, [], ["acme"], {}, {"id": "acme"}]
NOT_AN_ID: list[Any] = ["a b", "acme\n", "ac/me", "ümlaut", "a" * 129, "acme\x00", "%61cme", "acme'--", *NOT_A_TEXT]
WRONG_VALUES: dict[str, list[Any]] = {
    "iat": NOT_A_TIME,
    "exp": NOT_A_TIME,
    "aud": [None, "other", "DEMO", "demo ", "demo,other", ["demo"], ["demo", "other"], ["other"], *NOT_A_TEXT],
    "iss": [None, "liftgate", "liftgate-sdk ", "LIFTGATE-SDK", ["liftgate-sdk"], *NOT_A_TEXT],
    "sub": [None, *NOT_AN_ID],
    "user": NOT_AN_ID,
    "buyer": ["true", 1, 0, "", [], {}, 1.0],
    "lang": ["", "e", "en_US", "../en", 7, "en\n", "x" * 40, ["en"]],
}
BROKEN = [b"", b"{", b"{}}", b"\xff\xfe", b'{"exp": NaN}', b"[" * 1400 + b"]" * 1400, b'{"a":' * 700]
WRONG_SHAPES: list[Any] = [[], "text", 7, None, True, {}, [{"sub": "acme"}], {"claims": {"sub": "acme"}}, *BROKEN]

Forgery = tuple[str, str]


def header_of(key: str, **changes: Any) -> dict[str, Any]:
    return {"alg": "HS256", "typ": "liftgate+jwt", "kid": key.split("_")[2]} | changes


def without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {other: value for other, value in values.items() if other != name}


def wrong_headers(key: str) -> Iterator[Forgery]:
    """Signed with the right key, but the header says something else."""
    kind: Any
    header: Any
    for algorithm in (
        "none",
        "None",
        "NONE",
        "",
        "HS384",
        "HS512",
        "RS256",
        "ES256",
        "PS256",
        "EdDSA",
        "hs256",
        None,
        7,
    ):
        yield f"alg {algorithm!r}", sign_token(header_of(key, alg=algorithm), CLAIMS, key)
    for kind in ("JWT", "", "liftgate+jwt ", "LIFTGATE+JWT", "at+jwt", "application/liftgate+jwt", None, [], 7):
        yield f"typ {kind!r}", sign_token(header_of(key, typ=kind), CLAIMS, key)
    kid = key.split("_")[2]
    kids = ("", kid[:-1], kid + "0", kid.upper(), f" {kid}", f"{kid}\n", "../../secret", "' OR 1=1 --", "\x00", None, 7)
    for wrong in (*kids, [kid], {"kid": kid}, True, kid * 200):
        yield f"kid {wrong!r:.40}", sign_token(header_of(key, kid=wrong), CLAIMS, key)
    for name in ("alg", "typ", "kid"):
        yield f"no {name}", sign_token(without(header_of(key), name), CLAIMS, key)
    for name in ("jwk", "jku", "x5u", "x5c", "crit", "b64", "cty", "zip", "kid ", "Alg"):
        yield f"with {name}", sign_token(header_of(key, **{name: "x"}), CLAIMS, key)
    for header in ([], "text", 7, None, True, {}, [header_of(key)]):
        yield f"header {header!r:.30}", sign_token(header, CLAIMS, key)
    doubled = json.dumps(header_of(key))[:-1] + ', "alg": "HS256"}'
    yield "alg twice", sign_token(doubled.encode(), CLAIMS, key)
    yield "alg none first", sign_token(doubled.replace('"HS256"', '"none"', 1).encode(), CLAIMS, key)
    yield "deep header", sign_token(b"[" * 1400 + b"]" * 1400, CLAIMS, key)


def wrong_claims(key: str) -> Iterator[Forgery]:
    """Signed with the right key, but not what a token may claim."""
    for name in ("iss", "aud", "sub", "iat", "exp"):
        yield f"no {name}", sign_token(header_of(key), without(CLAIMS, name), key)
    for name, values in WRONG_VALUES.items():
        for value in values:
            yield f"{name} {value!r:.30}", sign_token(header_of(key), CLAIMS | {name: value}, key)
    for claims in WRONG_SHAPES:
        yield f"claims {claims!r:.30}", sign_token(header_of(key), claims, key)
    doubled = json.dumps(CLAIMS)[:-1] + ', "sub": "victim"}'
    yield "sub twice", sign_token(header_of(key), doubled.encode(), key)


def wrong_times(key: str) -> Iterator[Forgery]:
    times: dict[str, dict[str, Any]] = {
        "expired": {"iat": NOW - 700, "exp": NOW - 100},
        "expires now": {"iat": NOW - 600, "exp": NOW},
        "lives 15 minutes and a second": {"exp": NOW + 901},
        "lives a year": {"exp": NOW + 31_536_000},
        "from the future": {"iat": NOW + 61, "exp": NOW + 300},
        "issued long ago, lives till now": {"iat": 0, "exp": NOW + 10},
        "ends before it begins": {"iat": NOW + 30, "exp": NOW + 20},
        "never begins": {"nbf": NOW + 61},
        "begins at no time": {"nbf": "later"},
        "begins at a fraction": {"nbf": NOW - 0.5},
    }
    for name, changes in times.items():
        yield name, sign_token(header_of(key), CLAIMS | changes, key)


def wrong_signatures(key: str) -> Iterator[Forgery]:
    """The right words, but signed with something else, or not at all."""
    good = sign_token(header_of(key), CLAIMS, key)
    head, body, signature = good.split(".")
    raw = base64.urlsafe_b64decode(signature + "=")
    for position in range(0, len(raw), 2):
        changed = bytearray(raw)
        changed[position] ^= 0x10
        yield f"signature byte {position}", f"{head}.{body}.{encode_segment(bytes(changed))}"
    for length in (0, 1, 16, 31):
        yield f"signature cut to {length}", f"{head}.{body}.{encode_segment(raw[:length])}"
    yield "signature doubled", f"{head}.{body}.{encode_segment(raw + raw)}"
    # The last character carries spare bits; with other ones it decodes to the same bytes.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = alphabet[alphabet.index(signature[-1]) ^ 1]
    yield "a second spelling", f"{head}.{body}.{signature[:-1]}{spare}"
    for name, text in {
        "padding": f"{good}=",
        "two dots": f"{head}..{signature}",
        "four parts": f"{good}.{signature}",
        "two parts": f"{head}.{body}",
        "five parts": f"{head}.{body}.{signature}.a.b",
        "a line break inside": f"{head}.{body[:9]}\n{body[9:]}.{signature}",
        "a foreign character inside": f"{head}.{body[:9]}!{body[9:]}.{signature}",
        "standard base64": f"{head}.{body}+/.{signature}",
        "parts swapped": f"{body}.{head}.{signature}",
        "too long": f"{head}.{body}{'A' * 5000}.{signature}",
        "not ASCII": f"{head}.{body}ä.{signature}",
    }.items():
        yield name, text
    other_claims = encode_segment(CLAIMS | {"sub": "victim"})
    yield "unsigned", f"{encode_segment(header_of(key, alg='none'))}.{body}."
    yield "claims replaced", f"{head}.{other_claims}.{signature}"
    for digest in ("sha384", "sha512", "sha1", "md5"):
        yield f"signed with {digest}", sign_token(header_of(key), CLAIMS, key, digest=digest)
    secret = key.split("_", 3)[3]
    for name, wrong in {"the secret itself": secret, "the whole key": key, "zeros": "0" * 32}.items():
        yield f"signed with {name}", jwt.encode(CLAIMS, wrong, "HS256", headers=header_of(key))


def public_key_confusion(key: str) -> Iterator[Forgery]:
    """Asymmetric signatures, and HS256 keyed with a public key: the classic confusion."""
    private: dict[str, Any] = {
        "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }
    for algorithm, signer in private.items():
        pem = signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        yield f"signed with {algorithm}", jwt.encode(CLAIMS, pem, algorithm, headers=header_of(key, alg=algorithm))
        yield (
            f"HS256 with the public key of {algorithm}",
            sign_token(header_of(key), CLAIMS, f"a_b_c_{public.decode()}"),
        )


Maker = Callable[[str], Iterator[Forgery]]
MAKERS: tuple[Maker, ...] = (wrong_headers, wrong_claims, wrong_signatures, public_key_confusion)


def forgeries(key: str) -> list[Forgery]:
    return [forgery for make in MAKERS for forgery in make(key)]


def accepted(tokens: list[Forgery]) -> list[str]:
    found = []
    for name, token in tokens:
        try:
            verify_token(token, START)
        except Unauthorised:
            continue
        found.append(name)
    return found


def test_none_of_more_than_200_forged_tokens_is_accepted(in_app, secret_key):
    tokens = forgeries(secret_key)

    assert len({token for _, token in tokens}) >= 200
    assert accepted(tokens) == []


def test_the_token_they_were_forged_from_is_accepted(in_app, secret_key):
    token = sign_token(header_of(secret_key), CLAIMS, secret_key)

    assert accepted([("the original", token)]) == ["the original"]


@pytest.fixture
def foreign_key(in_app):
    """A secret key of another environment."""
    other = create_environment(NewEnvironment("other"))
    return create_key(other.id, CallerKind.SECRET, name="foreign").text


def test_a_key_of_another_environment_signs_nothing_here(in_app, secret_key, foreign_key):
    foreign_kid = foreign_key.split("_")[2]
    tokens = [
        ("its kid, our audience", sign_token(header_of(foreign_key), CLAIMS, foreign_key)),
        ("our kid, its signature", sign_token(header_of(secret_key), CLAIMS, foreign_key)),
        ("its kid, our signature", sign_token(header_of(secret_key, kid=foreign_kid), CLAIMS, secret_key)),
        ("our kid, its audience", sign_token(header_of(secret_key), CLAIMS | {"aud": "other"}, secret_key)),
        ("both audiences", sign_token(header_of(foreign_key), CLAIMS | {"aud": ["demo", "other"]}, foreign_key)),
    ]

    assert accepted(tokens) == []


def test_a_management_key_signs_no_token(in_app, management_key):
    assert accepted([("management", sign_token(header_of(management_key), CLAIMS, management_key))]) == []


def test_over_http_every_forgery_is_401_with_a_code(call_with, secret_key):
    answers = {}
    for name, token in forgeries(secret_key):
        if "\n" in token or not token.isascii():
            continue  # no client library sends these; the function refuses them above
        answer = call_with(token).get("/v1/ping")
        answers[name] = (answer.status_code, answer.json["code"])

    assert set(answers.values()) <= {(401, "invalid_token"), (401, "expired_token"), (401, "invalid_credentials")}
