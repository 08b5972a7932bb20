"""Scripts, styles and pictures of the pages, under an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Response, request, url_for

from liftgate_server.plumbing.answers import is_known, not_modified, quoted
from liftgate_server.plumbing.errors import NotFound

_FOLDER = Path(__file__).resolve().parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_SHORTEST_TO_COMPRESS_BYTES = 500


@dataclass(frozen=True, slots=True)
class StaticFile:
    content: bytes
    compressed: bytes | None
    content_type: str
    etag: str


def static_url(name: str) -> str:
    """Give the address of a file; scripts reach each other by relative names, so all share one tree."""
    return url_for("admin_shell_open.static_file", tree=_tree(), name=name)


def static_response(tree: str, name: str) -> Response:
    file = _files().get(name)
    if file is None:
        raise NotFound("unknown_path", f"There is no file '{name}'.")
    if is_known(file.etag):
        response = not_modified(file.etag)
    else:
        response = Response(file.content, content_type=file.content_type)
        if file.compressed is not None and request.accept_encodings.quality("gzip") > 0:
            response.set_data(file.compressed)
            response.headers["Content-Encoding"] = "gzip"
        response.headers["ETag"] = quoted(file.etag)
    response.vary.add("Accept-Encoding")
    is_current = tree == _tree()
    # A page of before the last update names another tree: it gets today's file, but nobody keeps that under its name.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return response


@lru_cache(maxsize=1)
def _tree() -> str:
    digest = hashlib.sha256()
    for name, file in sorted(_files().items()):
        digest.update(name.encode() + b"\0" + file.etag.encode())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=1)
def _files() -> dict[str, StaticFile]:
    """Read them all, once: they do not change while the process runs."""
    paths = [path for path in _FOLDER.rglob("*") if path.suffix in _TYPES]
    return {path.relative_to(_FOLDER).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    is_long = len(content) >= _SHORTEST_TO_COMPRESS_BYTES
    compressed = gzip.compress(content, 9, mtime=0) if is_long else None
    return StaticFile(content, compressed, _TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:20])
