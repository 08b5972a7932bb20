"""What every answer of the pages tells the browser to refuse, and how it travels."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request

# Less than this fits into the first packets anyway.
_SHORTEST_TO_COMPRESS_BYTES = 1_400
_LEVEL = 5

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    # Not `no-referrer`: with it, browsers send the Origin "null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def send_headers(blueprint: Blueprint) -> None:
    blueprint.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return _compressed(response)


def _compressed(response: Response) -> Response:
    """Compress a page: there may be no proxy in front that does.

    Pages echo what a reader searches for beside the form token. That the token could be guessed from the length is
    no way in: the cookie is not sent along by other sites' pages, and actions ask where they come from as well.
    """
    if response.mimetype != "text/html" or response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    content = response.get_data()
    if len(content) >= _SHORTEST_TO_COMPRESS_BYTES and request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(content, _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
