"""What a PDF would do by itself, told from the names in it; nothing is run, and little is unpacked."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

STEP = 1 << 20  # searches go in steps, so that other threads get their turn
OVERLAP = 64
OBJECT_STREAMS = 200
INFLATED = 4 << 20  # bytes they are unpacked to, all together
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


PDF_NAMES = re.compile(f"/(?:{'|'.join(f'(?P<{name}>{_escapable(name)})' for name in PDF_ACTIVE)})".encode())


def pdf_action(content: bytes) -> str:
    """What a PDF does by itself, looked for in its objects and, within bounds, in packed ones."""
    for piece in (content, *_objects(content)):
        for at in range(0, len(piece), STEP):
            if found := PDF_NAMES.search(piece, at, at + STEP + OVERLAP):
                return PDF_ACTIVE[found.lastgroup or ""]
    return ""


def _objects(content: bytes) -> Iterator[bytes]:
    """The object streams, unpacked."""
    view, room, at = memoryview(content), INFLATED, 0
    for _ in range(OBJECT_STREAMS):
        at = content.find(b"/ObjStm", at) + 7
        start = content.find(b"stream", at, at + 2000) + 6
        if at < 7 or room <= 0:
            return
        if start < 6:
            continue
        start += content[start : start + 2] == b"\r\n" or content[start : start + 1] in (b"\r", b"\n")
        start += content[start : start + 1] == b"\n"
        try:
            piece = zlib.decompressobj().decompress(view[start : start + PACKED], room)
        except zlib.error:
            continue
        room -= len(piece)
        yield piece
