"""Lists and files for the browser to save."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flask import Response, stream_with_context

from liftgate_server.plumbing.spreadsheets import CSV_TYPE, csv_lines

__all__ = ["attachment", "csv_download"]

_NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


def csv_download(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Answer with a list for a spreadsheet, written while it is read."""
    response = Response(stream_with_context(csv_lines(columns, rows)), content_type=CSV_TYPE)
    return attachment(response, f"{name}.csv")


def attachment(response: Response, name: str) -> Response:
    """Let the browser save an answer under a name."""
    plain = _NOT_IN_A_FILE_NAME.sub("_", name)
    response.headers["Content-Disposition"] = f'attachment; filename="{plain}"'
    return response
