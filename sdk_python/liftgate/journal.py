"""What waits to be delivered: in memory, or in a file that outlives its process. Imported with the first entry."""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Journal", "Memory"]

_MOST_ENTRIES: Final = 10_000
_MOST_MEMORY_BYTES: Final = 16 * 1024 * 1024

_PIECE_BYTES: Final = 1024 * 1024
"""Read at once. An entry takes a hundredth of it."""

_DELIVERED: Final = b"delivered "
_CHECKSUM_CHARACTERS: Final = 8


class Memory:
    """Entries that a process keeps while there is no file for them."""

    def __init__(self) -> None:
        self._entries: deque[bytes] = deque()
        self._bytes = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._entries

    @property
    def size(self) -> int:
        """How many wait."""
        return len(self._entries)

    def append(self, entries: Sequence[bytes]) -> int:
        """Keep entries while there is room, and return how many."""
        for number, entry in enumerate(entries):
            if len(self._entries) >= _MOST_ENTRIES or self._bytes >= _MOST_MEMORY_BYTES:
                return number
            self._entries.append(entry)
            self._bytes += len(entry)
        return len(entries)

    def peek(self, most: int) -> list[bytes]:
        """Return the oldest entries."""
        return list(islice(self._entries, most))

    def drop(self, count: int) -> None:
        """Forget the oldest entries, which have been delivered."""
        for _ in range(count):
            self._bytes -= len(self._entries.popleft())


class _Line(NamedTuple):
    text: bytes
    end: int


class Journal:
    """A file of entries, one per line behind its checksum; whoever has it open holds its lock.

    Lines are only ever added, those that say how far it has been delivered among them. Once everything has, the file
    begins anew. A line that was cut off or changed is passed over.
    """

    def __init__(self, descriptor: int, path: Path, *, most_bytes: int) -> None:
        self._descriptor = descriptor
        self._most_bytes = most_bytes
        self.path = path
        self._size = os.fstat(descriptor).st_size
        self._next = 0
        self._ends: list[int] = []
        for line in self._lines(0):
            if line.text.startswith(_DELIVERED):
                self._next = _number(line.text)

    @property
    def is_empty(self) -> bool:
        """Whether everything in it has been delivered."""
        return self._next >= self._size

    def append(self, entries: Sequence[bytes]) -> int:
        """Add entries while there is room, and return how many; raises ``OSError`` when the disk takes none."""
        lines: list[bytes] = []
        size = self._size
        for entry in entries:
            line = _line(entry)
            if size + len(line) > self._most_bytes:
                break
            size += len(line)
            lines.append(line)
        self._write(b"".join(lines))
        return len(lines)

    def peek(self, most: int) -> list[bytes]:
        """Return the oldest entries that have not been delivered."""
        found = list(islice((line for line in self._lines(self._next) if not line.text.startswith(_DELIVERED)), most))
        self._ends = [line.end for line in found]
        if not found:
            # Marks and broken lines only.
            self._begin_anew()
        return [line.text for line in found]

    def drop(self, count: int) -> None:
        """Note that the oldest entries, which were looked at last, have been delivered."""
        self._next = self._ends[count - 1]
        del self._ends[:count]
        # A disk that takes no mark costs a second delivery, which the keys make harmless.
        with suppress(OSError):
            if self._next >= self._size:
                self._begin_anew()
            else:
                self._write(_line(_DELIVERED + str(self._next).encode()))

    def close(self) -> None:
        """Let go of the file, and remove it when nothing in it waits."""
        try:
            if self.is_empty:
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self._descriptor)

    def abandon(self) -> None:
        """Close our copy in a forked child; the file and its lock stay with the parent."""
        os.close(self._descriptor)

    def _begin_anew(self) -> None:
        os.ftruncate(self._descriptor, 0)
        self._size = self._next = 0

    def _write(self, data: bytes) -> None:
        written = os.write(self._descriptor, data)
        if written != len(data):
            # No half line stays behind, or the next one would be lost with it.
            os.ftruncate(self._descriptor, self._size)
            raise OSError(f"Only {written} of {len(data)} bytes fit on the disk.")
        self._size += written

    def _lines(self, start: int) -> Iterator[_Line]:
        """Yield the sound lines from an offset on."""
        while start < self._size:
            piece = os.pread(self._descriptor, _PIECE_BYTES, start)
            end = piece.rfind(b"\n") + 1
            if not end:
                # The end of the file in the middle of a line, or something that is no journal.
                start += len(piece) or self._size
                continue
            for raw in piece[:end].splitlines(keepends=True):
                start += len(raw)
                text = _checked(raw)
                if text is not None:
                    yield _Line(text, start)


def _line(entry: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(entry), entry)


def _checked(line: bytes) -> bytes | None:
    checksum, _, entry = line.rstrip(b"\n").partition(b" ")
    if len(checksum) != _CHECKSUM_CHARACTERS or checksum != b"%08x" % zlib.crc32(entry):
        return None
    return entry


def _number(mark: bytes) -> int:
    return int(mark[len(_DELIVERED) :])
