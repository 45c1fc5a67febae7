"""What a PDF would do by itself, told from the names in it; nothing is run, and little is unpacked."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from mailin.bounds import Bounds

STEP = 1 << 20  # searches go in steps, so that other threads get their turn
OVERLAP = 64
PACKED = 64 << 10  # bytes unpacked at once
PEEK = 1024
DECOYS = 8
"""So many times may the word that data follow begin something else first: it can stand in a comment or a string."""

PDF_ACTIVE: Final[Mapping[str, str]] = {
    "JavaScript": "the PDF runs JavaScript",
    "Launch": "the PDF starts programs",
    "EmbeddedFile": "the PDF carries other files",
    "RichMedia": "the PDF plays active media",
    "SubmitForm": "the PDF sends away what is filled in",
    "ImportData": "the PDF fills in what another file says",
    "GoToR": "the PDF opens other files",
    "GoToE": "the PDF opens other files",
}


def _escapable(name: str) -> str:
    """A PDF name of which any letter may be written as its number: `/J#61vaScript`."""
    return "".join(f"(?:{letter}|#{ord(letter):x}|#{ord(letter):X})" for letter in name)


TOO_MUCH: Final = "it holds more than can be looked into"
CLOSED: Final = "the PDF is packed so that it cannot be looked into"
# The first letter, or its number, tells most other names apart at once.
FIRST = "(?=[JLERSIG]|#(?:4[5aAcC79]|5[23]))"
PDF_NAMES = re.compile(f"/{FIRST}(?:{'|'.join(f'(?P<{name}>{_escapable(name)})' for name in PDF_ACTIVE)})".encode())
# An object stream says that it is one, or at least where its first object is, which is all that readers need.
MARK = re.compile(f"/(?=[OF]|#4[fF6])(?:(?P<named>{_escapable('ObjStm')})|{_escapable('First')})".encode())
DATA = re.compile(rb"(?<!end)stream(?:\r?\n|\r)?")
OBJECTS = re.compile(rb"[\0\t\n\f\r ]*\d+[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]")
"""How an object stream begins: with the number of its first object, and where that is (ISO 32000-1 7.5.7)."""
LOCKED = re.compile(f"/{_escapable('Encrypt')}".encode())


def pdf_action(content: bytes, bounds: Bounds) -> str:
    """What a PDF does by itself, looked for in its objects and, within bounds, in packed ones."""
    if found := _named(content):
        return found
    return _packed(content, bounds) or (TOO_MUCH if min(bounds.streams, bounds.unpacked) <= 0 else "")


def _named(piece: bytes) -> str:
    for at in range(0, len(piece), STEP):
        if found := PDF_NAMES.search(piece, at, at + STEP + OVERLAP):
            return PDF_ACTIVE[found.lastgroup or ""]
    return ""


def _packed(content: bytes, bounds: Bounds) -> str:
    """What the object streams do, or that one cannot be looked into; of a locked file nobody knows without its key."""
    is_locked: bool | None = None
    for places, is_named in _marked(content, bounds):
        start = next((place for place in places if _holds_objects(content, place)), None)
        if start is not None and (found := next(filter(None, map(_named, _unpacked(content, start, bounds))), "")):
            return found
        if start is None and is_named:
            is_locked = bool(LOCKED.search(content)) if is_locked is None else is_locked
            if not is_locked:
                return CLOSED
    return ""


def _marked(content: bytes, bounds: Bounds) -> Iterator[tuple[list[int], bool]]:
    """Where the data of each object stream may begin, and whether it says that it is one."""
    at = 0
    while min(bounds.streams, bounds.unpacked) > 0 and (mark := MARK.search(content, at)):
        is_named = bool(mark["named"])
        found = islice(DATA.finditer(content, mark.end()), DECOYS if is_named else 1)
        places = [data.end() for data in found]
        if not places:
            return
        bounds.streams -= 1
        yield places, is_named
        at = places[0]


def _holds_objects(content: bytes, start: int) -> bool:
    """Whether an object stream begins here, packed as everybody packs them, or not at all."""
    try:
        beginning = zlib.decompressobj().decompress(content[start : start + PEEK], PEEK)
    except zlib.error:
        beginning = content[start : start + PEEK]
    return OBJECTS.match(beginning) is not None


def _unpacked(content: bytes, start: int, bounds: Bounds) -> Iterator[bytes]:
    """What is packed here, in pieces that overlap; what is read counts like what is written, where it is more."""
    view, unpack, last = memoryview(content), zlib.decompressobj(), b""
    while bounds.unpacked > 0 and start < len(view) and not unpack.eof:
        packed = view[start : start + PACKED]
        try:
            piece = unpack.decompress(packed, min(STEP, bounds.unpacked))
        except zlib.error:
            return
        read = len(packed) - len(unpack.unconsumed_tail) - len(unpack.unused_data)
        bounds.unpacked -= max(read, len(piece))
        start += read
        yield last + piece
        last = piece[-OVERLAP:]
