"""Catalogue documents as files: read whole, replaced in one step."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from liftgate_server.cli.management import CallFailed
from liftgate_server.plumbing.bodies import CATALOGUE_BODY_LIMIT_BYTES

__all__ = ["STANDARD_INPUT", "read_document", "shown", "write_whole"]

STANDARD_INPUT: Final = "-"

_YAML = "application/yaml"
_JSON = "application/json"


def read_document(file: str) -> tuple[str, bytes]:
    content = _read_bytes(file)
    if not content:
        # To the server an empty body means the draft, which is not what was named.
        raise CallFailed(f"{shown(file)} is empty; nothing was sent.")
    if len(content) > CATALOGUE_BODY_LIMIT_BYTES:
        # A server may hang up on it before its answer is read.
        raise CallFailed(f"{shown(file)} is larger than {CATALOGUE_BODY_LIMIT_BYTES // 1024**2} MB; nothing was sent.")
    return (_JSON if file.endswith(".json") else _YAML), content


def _read_bytes(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as failure:
        raise CallFailed(f"cannot read {file}: {failure.strerror}") from failure


def shown(file: str) -> str:
    return "<stdin>" if file == STANDARD_INPUT else file


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that an interruption leaves the old one."""
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
            new.write(text)
        try:
            _keep_mode(path, Path(new.name))
            Path(new.name).replace(path)
        finally:
            Path(new.name).unlink(missing_ok=True)
    except OSError as failure:
        raise CallFailed(f"cannot write {path}: {failure.strerror}") from failure


def _keep_mode(old: Path, new: Path) -> None:
    # A temporary file is private; the catalogue is an ordinary file of the project.
    if old.exists():
        new.chmod(old.stat().st_mode & 0o777)
        return
    mask = os.umask(0)
    os.umask(mask)
    new.chmod(0o666 & ~mask)
