"""A catalogue document as YAML that a person likes to read and that differs from itself only where the content does.

Written by hand: the library's emitter loses some texts (a line separator, a key that starts with a colon), and its
layout cannot be told which sections stay one entry a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from liftgate_server.catalog.document_tokens import plain_value

__all__ = ["write_yaml"]

# What is shorter than this is written on one line, like {limit: 5, per: month}.
_LONGEST_FLOW = 96

# These stay one entry a line, so that a diff shows which entry changed.
_SECTIONS = frozenset({"features", "plans", "addons", "gates"})
_BLOCK_PARTS = frozenset({"entitlements", "prices"})
_BLOCK_ENTRIES = frozenset({"plans", "addons"})
_ENTRY_DEPTH = 2
_PART_DEPTH = 3

# No character in here means anything to YAML in any position; everything else is written in quotes.
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./@%+-]*[\w.%])?\Z")

# Text in YAML 1.2, but true or false to older readers the file may pass through.
_BOOLEAN_ELSEWHERE = frozenset({"yes", "no", "on", "off", "y", "n"})

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

_Path = tuple[str, ...]


def write_yaml(document: Mapping[str, object]) -> str:
    """Write a document in the order it has; reading the text gives the same document again."""
    if not document:
        return "{}\n"
    return "\n".join(_mapping_lines(document, ())) + "\n"


def _mapping_lines(mapping: Mapping[str, object], path: _Path) -> Iterator[str]:
    for key, value in mapping.items():
        inner = (*path, key)
        if _fits_one_line(value, inner):
            yield f"{_text(key)}: {_flow(value)}"
            continue
        yield f"{_text(key)}:"
        for line in _block_lines(value, inner):
            yield f"  {line}"


def _list_lines(items: Sequence[object], path: _Path) -> Iterator[str]:
    inner = (*path, "")
    for item in items:
        if _fits_one_line(item, inner):
            yield f"- {_flow(item)}"
            continue
        first, *others = _block_lines(item, inner)
        yield f"- {first}"
        for line in others:
            yield f"  {line}"


def _block_lines(value: object, path: _Path) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping_lines(value, path)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _list_lines(value, path)
    else:
        yield _flow(value)


def _fits_one_line(value: object, path: _Path) -> bool:
    if not isinstance(value, Mapping | list | tuple) or not value:
        return True
    return not _is_always_block(path) and len(_flow(value)) <= _LONGEST_FLOW


def _is_always_block(path: _Path) -> bool:
    depth = len(path)
    if depth == 1:
        return path[0] in _SECTIONS
    if depth == _ENTRY_DEPTH:
        return path[0] in _BLOCK_ENTRIES
    return depth == _PART_DEPTH and path[0] in _BLOCK_ENTRIES and path[2] in _BLOCK_PARTS


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _text(value: str) -> str:
    if _PLAIN.match(value) and plain_value(value) is value and value.lower() not in _BOOLEAN_ELSEWHERE:
        return value
    return '"' + "".join(map(_quoted, value)) + '"'


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
