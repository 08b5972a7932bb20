"""A unified difference as signs and texts, for a page to colour."""

from __future__ import annotations

__all__ = ["diff_lines"]


def diff_lines(unified: str) -> tuple[tuple[str, str], ...]:
    r"""Return each line with its sign (``+ - @`` or a space); the two head lines, which name the sides, are left out.

    >>> diff_lines("--- a\n+++ b\n@@ -1 +1 @@\n-rank: 1\n+rank: 2\n")
    (('@', '-1 +1'), ('-', 'rank: 1'), ('+', 'rank: 2'))
    """
    return tuple(_sign_and_text(line) for line in unified.splitlines()[2:])


def _sign_and_text(line: str) -> tuple[str, str]:
    if line.startswith("@@"):
        return "@", line.strip("@ ")
    return line[:1] or " ", line[1:]
