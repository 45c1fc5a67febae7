"""What a PDF does when it is opened, where no single name tells: it opens a web page, or its XFA form runs scripts.

A link on a page is the same action as a web page that opens by itself: what refers to it makes the difference.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from mailin.bounds import TOO_MUCH, Bounds
from mailin.pdf_names import CLOSED, LOCKED, escapable

OPENS: Final = "the PDF opens a web page by itself"
SCRIPTS: Final = "the PDF's form runs scripts"
ACTION = 4096  # bytes of an action
NUMBERS = 20_000  # at the beginning of an object stream, two for each object; programs put some hundred into one
ACTIONS = 20  # that are followed from the one that begins

_GAP = r"(?:[\0\s]|%[^\r\n]{0,200}[\r\n])"
_REFERENCE = rf"(\d{{1,10}}){_GAP}++\d{{1,5}}{_GAP}++R"
# An action of the whole document, of a page that is shown, or of something on one (ISO 32000-1 12.6.3).
_BEGINS = "|".join(map(escapable, ("OpenAction", "PO", "PV", "O")))
TRIGGER = re.compile(rf"/(?=[OP]|#[45])(?:{_BEGINS})(?:{_GAP}++{_REFERENCE}|{_GAP}*+(?P<here><<))".encode())
NEXT = re.compile(rf"/{escapable('Next')}{_GAP}*+\[?((?:{_GAP}*+\d{{1,10}}{_GAP}++\d{{1,5}}{_GAP}++R)++)".encode())
REFERENCE = re.compile(_REFERENCE.encode())
PAGE = re.compile(rf"/{escapable('S')}{_GAP}*+/{escapable('URI')}(?![a-zA-Z])".encode())
TOKEN = re.compile(rb"\\.|[()]|<<|>>|%[^\r\n]*", re.DOTALL)
FORM = re.compile(f"/(?=X|#58){escapable('XFA')}".encode())
SCRIPT = re.compile(rb"<(?:[\w.-]{1,40}:)?script(?:\s[^<>]*)?(?<!/)>\s*(?:[^<\s]|<!)", re.IGNORECASE)
"""With something in it: forms of many programs have empty ones."""
ODD_FILTER = re.compile(
    f"/(?:{'|'.join(map(escapable, ('ASCIIHexDecode', 'ASCII85Decode', 'LZWDecode', 'RunLengthDecode')))})".encode()
)
STREAM = re.compile(rb"(?<!end)stream(?:\r?\n|\r)")
PACKED = 64 << 10  # bytes unpacked at once
PEEK = 1024
NO_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1f]|\xff{4}")


class Triggers:
    """What begins by itself in a file and its object streams, each of which is shown to this once."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._is_found = self._is_form = self._is_long = self._is_blind = False
        self._begun: set[int] = set()
        self._pages: set[int] = set()  # packed objects that open web pages

    def see(self, text: bytes) -> None:
        """Look at objects as they stand in the file, or in an object stream."""
        self._is_form |= FORM.search(text) is not None
        for trigger in TRIGGER.finditer(text):
            if not self._take(1):
                return
            if trigger["here"]:
                self._action(text, trigger.start("here"))
            else:
                self._begun.add(int(trigger[1]))

    def see_packed(self, text: bytes, first: int) -> None:
        """Look at an object stream: numbers and places up to `first`, then the objects (ISO 32000-1 7.5.7)."""
        self.see(text)
        if not PAGE.search(text):
            return
        words = text[:first].split(None, NUMBERS)
        told = [int(word) for word in words[:NUMBERS] if word.isdigit() and len(word) <= 10]
        self._is_blind |= len(words) > NUMBERS or len(told) < 2
        places = sorted(zip(told[1::2], told[::2], strict=False))
        for at, (place, number) in enumerate(places, 1):
            end = places[at][0] if at < len(places) else len(text)
            if self._take(1) and PAGE.search(text, first + place, first + end):
                self._pages.add(number)

    def result(self, content: bytes) -> str:
        """What the file whose bytes these are does; "" when it waits to be asked."""
        if self._is_found or self._opens(content):
            return OPENS
        if self._is_long:
            return TOO_MUCH
        return self._form(content) if self._is_form else ""

    def _take(self, elements: int) -> bool:
        self._bounds.elements -= elements
        self._is_long |= self._bounds.elements <= 0
        return not self._is_long

    def _action(self, text: bytes, start: int) -> None:
        """Note what the action does that stands here, and what follows it."""
        end = self._end(text, start)
        self._is_found |= PAGE.search(text, start, end) is not None
        for found in NEXT.finditer(text, start, end):
            self._begun.update(int(one) for one in REFERENCE.findall(found[1]))

    def _end(self, text: bytes, start: int) -> int:
        """Where the dictionary ends that begins here. No honest action is longer than one can look."""
        depth = strings = 0
        for token in TOKEN.finditer(text, start, start + ACTION):
            sign = token[0]
            if not self._take(1):
                break
            if sign in b"()":
                strings = max(0, strings + (1 if sign == b"(" else -1))
            elif not strings and sign in (b"<<", b">>"):
                depth += 1 if sign == b"<<" else -1
                if depth <= 0:
                    return token.end()
        self._is_long = True
        return start + ACTION

    def _opens(self, content: bytes) -> bool:
        """Whether one of the actions that begin opens a web page, or one that follows it does."""
        seen: set[int] = set()
        while (left := self._begun - seen) and not self._is_found:
            if left & self._pages or self._is_blind:
                return True
            if len(seen) >= ACTIONS:
                self._is_long = True
                return False
            number = left.pop()
            seen.add(number)
            for start in self._places(content, number):
                self._action(content, start)
        return self._is_found

    def _places(self, content: bytes, number: int) -> Iterator[int]:
        """Where the dictionaries of this number begin, older ones too."""
        begins = re.compile(rf"{number}{_GAP}++\d{{1,5}}{_GAP}++obj{_GAP}*+(?=<<)".encode())
        for found in begins.finditer(content):
            if not content[found.start() - 1 : found.start()].isdigit() and self._take(1):
                yield found.end()

    def _form(self, content: bytes) -> str:
        """Whether a form of XML runs scripts; which streams it is made of is not asked, as any may be."""
        if SCRIPT.search(content):
            return SCRIPTS
        if LOCKED.search(content):
            return ""
        if ODD_FILTER.search(content):
            return CLOSED
        for found in STREAM.finditer(content):
            if min(self._bounds.streams, self._bounds.unpacked) <= 0:
                return TOO_MUCH
            self._bounds.streams -= 1
            if SCRIPT.search(self._text(content, found.end())):
                return SCRIPTS
        return ""

    def _text(self, content: bytes, start: int) -> bytes:
        """The text that is packed here, without what makes it wide; nothing when it is none."""
        view, unpack, pieces = memoryview(content), zlib.decompressobj(wbits=-zlib.MAX_WBITS), list[bytes]()
        start += 2
        try:
            while self._bounds.unpacked > 0 and start < len(view) and not unpack.eof:
                packed = view[start : start + PACKED]
                piece = unpack.decompress(packed, self._bounds.unpacked if pieces else PEEK)
                if not pieces and NO_TEXT.search(piece):
                    return b""
                read = len(packed) - len(unpack.unconsumed_tail) - len(unpack.unused_data)
                self._bounds.unpacked -= max(read, len(piece))
                start += read
                pieces.append(piece)
        except zlib.error:
            pass  # readers show what was packed before it
        return b"".join(pieces).replace(b"\0", b"")
