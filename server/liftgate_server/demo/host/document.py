"""A board as a one-page PDF, so that an export is a real file. Text only, in one of the fonts every reader has."""

from __future__ import annotations

from liftgate_server.demo.host.workspace import Board

__all__ = ["board_as_pdf"]


def board_as_pdf(board: Board) -> bytes:
    """Return a PDF with the board's title and notes."""
    lines = [f"BT /F1 24 Tf 72 760 Td ({_escape(board.title)}) Tj ET"]
    lines += [f"BT /F1 13 Tf 72 {720 - 24 * row} Td (- {_escape(note)}) Tj ET" for row, note in enumerate(board.notes)]
    content = "\n".join(lines).encode("cp1252", "replace")
    return _assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            b"<< /Font << /F1 5 0 R >> >>",
        ]
    )


def _assemble(objects: list[bytes]) -> bytes:
    document = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        document += b"%010d 00000 n \n" % offset
    document += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(document)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
