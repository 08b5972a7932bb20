"""Pictures of pages as small PNG files: 256 colours are all that a page needs, and take a third of the room."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

# The commonest colours make the palette, then those that are farthest from it: a rare green badge stays green.
# Every other colour becomes the nearest of them.
REDUCE = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
  const times = new Map();
  for (const pixel of pixels) times.set(pixel, (times.get(pixel) ?? 0) + 1);
  const parts = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const far = (a, b) => parts(a).reduce((sum, part, at) => sum + (part - parts(b)[at]) ** 2, 0);
  const common = [...times.keys()].sort((a, b) => times.get(b) - times.get(a));
  const palette = common.slice(0, 64);
  for (const apart of [2000, 600, 200, 60, 1]) {
    for (const colour of common) {
      if (palette.length < 256 && palette.every((known) => far(colour, known) >= apart)) palette.push(colour);
    }
  }
  const index = new Map(palette.map((colour, at) => [colour, at]));
  for (const colour of times.keys()) {
    if (index.has(colour)) continue;
    const distances = palette.map((known) => far(colour, known));
    index.set(colour, distances.indexOf(Math.min(...distances)));
  }
  let indices = "";
  const bytesOut = Uint8Array.from(pixels, (pixel) => index.get(pixel));
  for (let at = 0; at < bytesOut.length; at += 8192) {
    indices += String.fromCharCode(...bytesOut.subarray(at, at + 8192));
  }
  return [bitmap.width, bitmap.height, palette.flatMap(parts), btoa(indices)];
}"""


def small_png(workshop: Page, png: bytes) -> bytes:
    """Write a picture again with a palette; ``workshop`` is a blank page, whose canvas reads it."""
    width, height, palette, indices = workshop.evaluate(REDUCE, base64.b64encode(png).decode())
    rows = base64.b64decode(indices)
    # Each row begins with its filter; none is best where the bytes are places in a palette.
    filtered = b"".join(b"\0" + rows[at : at + width] for at in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(filtered, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
