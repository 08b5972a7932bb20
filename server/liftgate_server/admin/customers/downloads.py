"""Lists to be opened in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

__all__ = ["attachment", "csv_download"]

_ROWS_AT_ONCE = 500
_NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
# A spreadsheet would take a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_download(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Answer with a file, written while it is read."""
    response = Response(stream_with_context(_lines(columns, rows)), content_type="text/csv; charset=utf-8")
    return attachment(response, f"{name}.csv")


def attachment(response: Response, name: str) -> Response:
    """Let the browser save an answer under a name."""
    plain = _NOT_IN_A_FILE_NAME.sub("_", name)
    response.headers["Content-Disposition"] = f'attachment; filename="{plain}"'
    return response


def _lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for index, row in enumerate(rows, 1):
        writer.writerow([_harmless(value) for value in row])
        if index % _ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
