"""What a PDF would do by itself, told from the names in it; nothing is run, and little is unpacked."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

from mailin.bounds import Bounds

STEP = 1 << 20  # searches go in steps, so that other threads get their turn
OVERLAP = 64
PACKED = 256 << 10

PDF_ACTIVE: Final[Mapping[str, str]] = {
    "JavaScript": "the PDF runs JavaScript",
    "Launch": "the PDF starts programs",
    "EmbeddedFile": "the PDF carries other files",
    "RichMedia": "the PDF plays active media",
}


def _escapable(name: str) -> str:
    """A PDF name of which any letter may be written as its number: `/J#61vaScript`."""
    return "".join(f"(?:{letter}|#{ord(letter):x}|#{ord(letter):X})" for letter in name)


TOO_MUCH: Final = "it holds more than can be looked into"
# The first letter, or its number, tells most other names apart at once.
FIRST = "(?=[JLER]|#(?:4[5aAcC]|52))"
PDF_NAMES = re.compile(f"/{FIRST}(?:{'|'.join(f'(?P<{name}>{_escapable(name)})' for name in PDF_ACTIVE)})".encode())


def pdf_action(content: bytes, bounds: Bounds) -> str:
    """What a PDF does by itself, looked for in its objects and, within bounds, in packed ones."""
    if found := _named(content):
        return found
    return next((found for piece in _objects(content, bounds) if (found := _named(piece))), "") or (
        TOO_MUCH if min(bounds.streams, bounds.unpacked) <= 0 else ""
    )


def _named(piece: bytes) -> str:
    for at in range(0, len(piece), STEP):
        if found := PDF_NAMES.search(piece, at, at + STEP + OVERLAP):
            return PDF_ACTIVE[found.lastgroup or ""]
    return ""


def _objects(content: bytes, bounds: Bounds) -> Iterator[bytes]:
    """The object streams, unpacked."""
    view, at = memoryview(content), 0
    while min(bounds.streams, bounds.unpacked) > 0:
        at = content.find(b"/ObjStm", at) + 7
        start = content.find(b"stream", at, at + 2000) + 6
        if at < 7:
            return
        bounds.streams -= 1
        if start < 6:
            continue
        start += content[start : start + 2] == b"\r\n" or content[start : start + 1] in (b"\r", b"\n")
        start += content[start : start + 1] == b"\n"
        try:
            piece = zlib.decompressobj().decompress(view[start : start + PACKED], bounds.unpacked)
        except zlib.error:
            continue
        bounds.unpacked -= len(piece)
        yield piece
