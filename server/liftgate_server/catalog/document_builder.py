"""Tokens become plain values, with the line of every path and the problems met on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from liftgate_server.catalog.document_tokens import Token, TokenKind, UnreadableTextError

__all__ = ["BuiltDocument", "DuplicateKey", "build"]

# Deeper than any catalogue (a cap in a list sits at depth 6), shallow enough for recursion everywhere after us.
_DEEPEST = 30

# A thousand gates are about 5,000. Reading takes up to 40 µs a value, so this also bounds what one text costs.
_MOST_VALUES = 50_000


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """A key given twice in one mapping."""

    path: str
    first_line: int
    line: int


@dataclass(slots=True)
class BuiltDocument:
    """A document as plain values."""

    value: object = None
    lines: dict[str, int] = field(default_factory=dict)
    duplicates: list[DuplicateKey] = field(default_factory=list)


def build(tokens: Iterator[Token]) -> BuiltDocument:
    """Build the one value the tokens describe. Raises ``UnreadableTextError`` where reading cannot go on."""
    builder = _Builder(tokens)
    first = next(tokens, None)
    if first is not None:
        builder.built.lines[""] = first.line
        builder.built.value = builder.read_value(first, "", 1)
        _exhaust(tokens)
    return builder.built


def _exhaust(tokens: Iterator[Token]) -> None:
    # What follows the value (a second document, broken text) is met only by reading to the end.
    for token in tokens:
        raise UnreadableTextError("something follows the end of the document", token.line)


class _Builder:
    def __init__(self, tokens: Iterator[Token]) -> None:
        self._tokens = tokens
        self._values = 0
        self.built = BuiltDocument()

    def read_value(self, token: Token, path: str, depth: int) -> object:
        self._values += 1
        if self._values > _MOST_VALUES:
            raise UnreadableTextError(f"the document has more than {_MOST_VALUES} values", token.line)
        if token.kind is TokenKind.SCALAR:
            _refuse_half_characters(token.value, token.line)
            return token.value
        if depth > _DEEPEST:
            raise UnreadableTextError(f"the document is nested more than {_DEEPEST} deep", token.line)
        if token.kind is TokenKind.MAPPING_START:
            return self._read_mapping(path, depth)
        return self._read_list(path, depth)

    def _read_mapping(self, path: str, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while (key := next(self._tokens)).kind is not TokenKind.MAPPING_END:
            if key.kind is not TokenKind.SCALAR:
                raise UnreadableTextError("a key must be plain text", key.line)
            _refuse_half_characters(key.text, key.line)
            inner = f"{path}.{key.text}" if path else key.text
            is_duplicate = key.text in mapping
            if is_duplicate:
                self.built.duplicates.append(DuplicateKey(inner, self.built.lines[inner], key.line))
            else:
                self.built.lines.setdefault(inner, key.line)
            value = self.read_value(next(self._tokens), inner, depth + 1)
            if not is_duplicate:
                mapping[key.text] = value
        return mapping

    def _read_list(self, path: str, depth: int) -> list[object]:
        items: list[object] = []
        while (token := next(self._tokens)).kind is not TokenKind.LIST_END:
            inner = f"{path}[{len(items)}]"
            self.built.lines.setdefault(inner, token.line)
            items.append(self.read_value(token, inner, depth + 1))
        return items


def _refuse_half_characters(value: object, line: int) -> None:
    # An escaped lone surrogate is a str that no encoder takes, so it must not get past this point.
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise UnreadableTextError("a text holds half of a character (a lone surrogate)", line)
