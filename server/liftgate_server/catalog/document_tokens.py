"""Catalogue text as a stream of plain tokens with line numbers, from YAML 1.2 or from JSON.

Both sources feed one builder, so both notations get the same limits and the same error lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

__all__ = ["Token", "TokenKind", "UnreadableTextError", "json_tokens", "plain_value", "yaml_tokens"]


class UnreadableTextError(Exception):
    """The text cannot be read any further; ``line`` is where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class TokenKind(StrEnum):
    """What a token opens, closes or holds."""

    MAPPING_START = "mapping_start"
    MAPPING_END = "mapping_end"
    LIST_START = "list_start"
    LIST_END = "list_end"
    SCALAR = "scalar"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a document. ``text`` is a scalar as written, which is what counts when it is a key."""

    kind: TokenKind
    line: int
    value: object = None
    text: str = ""


# The core schema of YAML 1.2: only these spellings are anything but text, so `no`, `on` and 1_000 stay text.
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_BASED_INTEGER = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL_FLOAT = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")

# Converting a very long row of digits takes quadratic time; beyond this every number is out of range anyway.
_MOST_DIGITS = 30


def yaml_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a YAML text, refusing what a catalogue never needs as soon as it comes up."""
    documents = 0
    for event in _yaml_events(text):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise UnreadableTextError("a second YAML document starts here; there is only one", _line(event))
        token = _yaml_token(event)
        if token is not None:
            yield token


def _yaml_events(text: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise UnreadableTextError(f"this is not readable YAML: {error.problem or error.context}", line) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableTextError("this is not readable YAML: it contains a control character", line) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise UnreadableTextError("this is not readable YAML", 1) from error


def _yaml_token(event: Event) -> Token | None:
    line = _line(event)
    _refuse_references(event, line)
    if isinstance(event, ScalarEvent):
        is_plain = bool(event.implicit[0])
        return Token(TokenKind.SCALAR, line, plain_value(event.value) if is_plain else event.value, event.value)
    if isinstance(event, MappingStartEvent):
        return Token(TokenKind.MAPPING_START, line)
    if isinstance(event, MappingEndEvent):
        return Token(TokenKind.MAPPING_END, line)
    if isinstance(event, SequenceStartEvent):
        return Token(TokenKind.LIST_START, line)
    if isinstance(event, SequenceEndEvent):
        return Token(TokenKind.LIST_END, line)
    return None


def _refuse_references(event: Event, line: int) -> None:
    if isinstance(event, AliasEvent):
        raise UnreadableTextError(f"aliases are not allowed: *{event.anchor}", line)
    if not isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
        return
    if event.anchor is not None:
        raise UnreadableTextError(f"anchors are not allowed: &{event.anchor}", line)
    if event.tag is not None:
        raise UnreadableTextError(f"tags are not allowed: {event.tag}", line)


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def plain_value(text: str) -> object:
    """Return what a plain (unquoted) scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return _whole_number(text)
    if _BASED_INTEGER.match(text):
        return int(text[:_MOST_DIGITS], 0)
    if _FLOAT.match(text):
        return float(text)
    if _SPECIAL_FLOAT.match(text):
        return float(text.replace(".", "", 1))
    return text


def _whole_number(digits: str) -> int:
    return int(digits[:_MOST_DIGITS])


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\],:"]+')
_JSON_BRACKETS = {
    "{": TokenKind.MAPPING_START,
    "}": TokenKind.MAPPING_END,
    "[": TokenKind.LIST_START,
    "]": TokenKind.LIST_END,
}


def json_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a JSON text; the whole text is checked against the grammar first."""
    _check_json(text)
    line, counted = 1, 0
    for match in _JSON_TOKEN.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        piece = match.group()
        kind = _JSON_BRACKETS.get(piece)
        if kind is not None:
            yield Token(kind, line)
            continue
        value = json.loads(piece, parse_int=_whole_number)
        yield Token(TokenKind.SCALAR, line, value, value if isinstance(value, str) else piece)


def _check_json(text: str) -> None:
    try:
        json.loads(text, parse_int=_whole_number, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableTextError(f"this is not readable JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise UnreadableTextError("this is nested too deeply", 1) from error


def _refuse_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(f"{name} is not a JSON number", name, 0)
