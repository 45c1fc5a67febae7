"""What a PDF would do by itself, told from the names in it; nothing is run, and little is unpacked."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Final

from mailin.bounds import TOO_MUCH, Bounds
from mailin.pdf_names import CLOSED, LOCKED, escapable
from mailin.pdf_triggers import Triggers

STEP = 1 << 20  # searches go in steps, so that other threads get their turn
OVERLAP = 64
PACKED = 64 << 10  # bytes unpacked at once
PEEK = 1024
DECOYS = 8
"""So many times is data looked for behind what may be an object stream: the word can stand in a comment or a string."""
DICTIONARY = 1 << 14  # bytes of a dictionary behind the name that makes an object stream of it, and before
BEFORE = 1 << 10

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

# The first letter, or its number, tells most other names apart at once.
FIRST = "(?=[JLERSIG]|#(?:4[5aAcC79]|5[23]))"
PDF_NAMES = re.compile(f"/{FIRST}(?:{'|'.join(f'(?P<{name}>{escapable(name)})' for name in PDF_ACTIVE)})".encode())
# An object stream says that it is one, or at least where its first object is, which is all that some readers need.
NAMED = re.compile(f"/(?=O|#4[fF]){escapable('ObjStm')}".encode())
MARK = re.compile(f"(?P<named>{NAMED.pattern.decode()})|/(?=F|#46){escapable('First')}(?![a-zA-Z])".encode())
DATA = re.compile(rb"(?<!end)stream(?:\r?\n|\r)")
OBJECTS = re.compile(rb"[\t\n\f\r ]*\d+[\t\n\f\r ]+\d+[\t\n\f\r ]")
"""How an object stream begins: with the number of its first object, and where that is (ISO 32000-1 7.5.7)."""
FIRST_OBJECT = re.compile(f"/{escapable('First')}[\\0\\s]+\\+?(\\d{{1,9}})".encode())

# The dictionary of an object stream as honest programs write it. Strings, comments, escapes and dictionaries within are
# where a search and a reader part ways, so nothing is believed that has one.
BEHIND = re.compile(rb"([^<>()%#]*+)>>[\0\s]*+stream[\t ]*+(?:\r?\n|\r)")
BEGUN = re.compile(rb"\d[\0\s]+obj[\0\s]*<<([^<>()%#]*+)\Z")
AFTER_ANOTHER = re.compile(
    rb"[\r\n](?:[^%\r\n]*>>|[\t ]*endstream)?[\t ]*endobj\s+"
    rb"(?:startxref\s+\d+\s+)?(?:%[^()<>\r\n]*+[\r\n]\s*+){0,4}+\d+\s+\d+\s+obj\s*<<[^<]*\Z"
)
"""That it begins behind the end of another: readers pass over stray words between keys, even over `9 0 obj <<`."""
FILTER = re.compile(rb"/Filter[\0\s]*(?:/FlateDecode|\[[\0\s]*/FlateDecode[\0\s]*\])(?![\w+-])")
PARAMETERS = re.compile(f"/{escapable('DecodeParms')}".encode())
NO_PARAMETERS = re.compile(rb"/DecodeParms[\0\s]*(?:null|\[[\0\s]*null[\0\s]*\])(?!\w)")


def pdf_action(content: bytes, bounds: Bounds) -> str:
    """What a PDF does by itself, looked for in its objects and, within bounds, in packed ones."""
    if found := _named(content):
        return found
    triggers = Triggers(bounds)
    triggers.see(content)
    found = _Packed(content, bounds, triggers).action() or triggers.result(content)
    return found or (TOO_MUCH if min(bounds.streams, bounds.unpacked) <= 0 else "")


def _named(piece: bytes) -> str:
    for at in range(0, len(piece), STEP):
        if found := PDF_NAMES.search(piece, at, at + STEP + OVERLAP):
            return PDF_ACTIVE[found.lastgroup or ""]
    return ""


class _Packed:
    """The object streams of a file."""

    def __init__(self, content: bytes, bounds: Bounds, triggers: Triggers) -> None:
        self._content, self._bounds, self._triggers = content, bounds, triggers

    def action(self) -> str:
        """What one of them does, or that one cannot be looked into."""
        at = 0
        while min(self._bounds.streams, self._bounds.unpacked) > 0 and (mark := MARK.search(self._content, at)):
            self._bounds.streams -= 1
            behind = BEHIND.match(self._content, mark.end(), mark.end() + DICTIONARY)
            if mark["named"] or behind:
                found, at = self._stream(mark, behind), (behind or mark).end()
            else:
                found, at = self._beyond(mark.end())
            if found:
                return found
        return ""

    def _stream(self, mark: re.Match[bytes], behind: re.Match[bytes] | None) -> str:
        """What an object stream does; of a locked file nobody knows without its key."""
        filters = self._filters(mark, behind)
        if behind is None or filters is None:
            return CLOSED
        if not filters:
            return ""  # all in it has been seen
        if _holds_objects(self._content, behind.end()):
            return self._does(behind.end())
        return "" if self._is_locked else CLOSED

    def _filters(self, mark: re.Match[bytes], behind: re.Match[bytes] | None) -> int | None:
        """How often the stream is packed, 0 or 1; None where it is not written as honest programs write one."""
        before = self._content[max(0, mark.start() - BEFORE) : mark.start()]
        begun = BEGUN.search(before)
        if behind is None or begun is None:
            return None
        if self._parameters < mark.start() and not AFTER_ANOTHER.search(before):
            return None
        said, count = FILTER.subn(b"", NO_PARAMETERS.sub(b"", begun[1] + b" " + behind[1]))
        return None if count > 1 or b"/Filter" in said or b"/DecodeParms" in said else count

    def _beyond(self, at: int) -> tuple[str, int]:
        """What may be packed behind a place that tells little, and where to search on: most often it is an outline."""
        places = [data.end() for data in islice(DATA.finditer(self._content, at), DECOYS)]
        held = (place for place in places if _holds_objects(self._content, place))
        found = next(filter(None, map(self._does, held)), "")
        until = places[0] if places else len(self._content)
        named = NAMED.search(self._content, at, until)
        return found, named.start() if named else until

    def _does(self, start: int) -> str:
        try:
            text = b"".join(_unpacked(self._content, start, self._bounds))
        except zlib.error:  # readers show what was packed before it
            return CLOSED
        if not (found := _named(text)):
            self._triggers.see_packed(text, self._first_object(start))
        return found

    def _first_object(self, start: int) -> int:
        """Where in an object stream that begins here the first object is, by the last place that says so."""
        said = FIRST_OBJECT.findall(self._content, max(0, start - 2 * BEFORE), start)
        return int(said[-1]) if said else 0

    @cached_property
    def _is_locked(self) -> bool:
        return LOCKED.search(self._content) is not None

    @cached_property
    def _parameters(self) -> int:
        """Where the file first says how something was packed."""
        found = PARAMETERS.search(self._content)
        return found.start() if found else len(self._content)


def _unpacker() -> zlib._Decompress:
    """Readers do not mind a wrong sum at the end, so it is not looked at, nor the two bytes before."""
    return zlib.decompressobj(wbits=-zlib.MAX_WBITS)


def _holds_objects(content: bytes, start: int) -> bool:
    """Whether an object stream begins here, packed as everybody packs them."""
    try:
        beginning = _unpacker().decompress(content[start + 2 : start + PEEK], PEEK)
    except zlib.error:
        return False
    return OBJECTS.match(beginning) is not None


def _unpacked(content: bytes, start: int, bounds: Bounds) -> Iterator[bytes]:
    """What is packed here, in pieces; what is read counts like what is written, where it is more."""
    view, unpack = memoryview(content), _unpacker()
    start += 2
    while bounds.unpacked > 0 and start < len(view) and not unpack.eof:
        packed = view[start : start + PACKED]
        piece = unpack.decompress(packed, min(STEP, bounds.unpacked))
        read = len(packed) - len(unpack.unconsumed_tail) - len(unpack.unused_data)
        bounds.unpacked -= max(read, len(piece))
        start += read
        yield piece
