"""Catalogue text, YAML 1.2 or JSON, to a catalogue or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liftgate.engine.catalogue import InvalidCatalogue, read_catalogue
from liftgate.engine.catalogue_model import Catalogue
from liftgate.engine.document_reader import DocumentProblem, ProblemCode
from liftgate_server.catalog.document_builder import DuplicateKey, build
from liftgate_server.catalog.document_tokens import UnreadableTextError, json_tokens, yaml_tokens

__all__ = ["LARGEST_TEXT_BYTES", "SourceDocument", "judge", "read_source"]

LARGEST_TEXT_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document as plain values, with the lines and the problems of the text it came from.

    ``value`` means nothing when ``is_readable`` is false.
    """

    value: object
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[DocumentProblem, ...] = ()
    is_readable: bool = True


def read_source(text: bytes, *, is_json: bool) -> SourceDocument:
    """Read text into plain values; what cannot be read becomes one problem with its line."""
    if len(text) > LARGEST_TEXT_BYTES:
        return _unreadable(f"the document has more than {LARGEST_TEXT_BYTES} bytes", 1)
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unreadable("this is not UTF-8 text", text.count(b"\n", 0, error.start) + 1)
    try:
        built = build(json_tokens(decoded) if is_json else yaml_tokens(decoded))
    except UnreadableTextError as error:
        return _unreadable(error.message, error.line)
    return SourceDocument(built.value, built.lines, tuple(_duplicate(key) for key in built.duplicates))


def judge(source: SourceDocument) -> tuple[Catalogue | None, tuple[DocumentProblem, ...]]:
    """Return the catalogue, or ``None`` and every problem in the order of the lines."""
    if not source.is_readable:
        return None, source.problems
    try:
        catalogue = read_catalogue(source.value, lines=source.lines)
    except InvalidCatalogue as error:
        return None, _by_line((*source.problems, *error.problems))
    return (None, source.problems) if source.problems else (catalogue, ())


def _by_line(problems: tuple[DocumentProblem, ...]) -> tuple[DocumentProblem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


def _unreadable(message: str, line: int) -> SourceDocument:
    sentence = message[0].upper() + message[1:] + "."
    problem = DocumentProblem("", ProblemCode.UNREADABLE, sentence, line)
    return SourceDocument(None, problems=(problem,), is_readable=False)


def _duplicate(key: DuplicateKey) -> DocumentProblem:
    message = f"This key is given twice: on line {key.first_line} and on line {key.line}."
    return DocumentProblem(key.path, ProblemCode.DUPLICATE, message, key.line)
