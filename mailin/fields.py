"""The one place where a header block is cut into fields, for who reads a mail and for who checks its signatures.

Two that cut differently can be told two different things: a From that is none to the one who hashes, and is From to
the one who reads, makes a mail of anybody's out of one that somebody else signed (T1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

HEADER_BYTES = 128 * 1024
HEADER_COUNT = 500
VALUE_BYTES = 64 * 1024
LINE_BYTES = VALUE_BYTES + 100

FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)", re.DOTALL)
PLAIN = re.compile(rb"[!-9;-~]{1,100}:")
BEGIN = re.compile(rb"(?:>?From [^\n]*+\n)?(?:[ \t\r\n]|[!-9;-~]{1,100}[ \t]*+:)")
MBOX = (b"From ", b">From ")
NO_HEADER = "a line among the headers is no header"


class Cut(NamedTuple):
    """A field: its name in lower case, its value on one line, and all of its bytes with CRLF line ends."""

    name: str
    value: bytes
    raw: bytes


class Block(NamedTuple):
    """A header block, where the body begins, and the defects that were seen.

    `odd` is whether another program may find other fields in it: nothing that was found out about such a mail by
    somebody else, or by a signature, need be about what is read here.
    """

    fields: tuple[Cut, ...]
    body_start: int
    defects: list[str]
    odd: bool = False


def block(raw: bytes, start: int, end: int, most: int = HEADER_BYTES) -> Block:
    """The header block that begins at `start`; reads `most` bytes of it."""
    stop, body_start = _end_of_headers(raw, start, end)
    last = min(stop + 1, start + most, end)  # with the end of the last line
    if start < stop and not BEGIN.match(raw, start, last):
        return Block((), start, ["no headers"])
    lines = raw[start:last].replace(b"\r\n", b"\n").split(b"\n")
    is_mbox = lines[0].startswith(MBOX)
    found = _Found(odd=stop - start > most or (is_mbox and FIELD.match(lines[0]) is not None))
    if stop - start > most:
        found.defects.append("headers too large, read in part")
    for one in _unfolded(lines[1:] if is_mbox else lines):
        if not found.take(one):
            break
    return Block(tuple(found.fields), body_start, found.defects, found.odd)


class _Found:
    """What was found so far."""

    def __init__(self, *, odd: bool) -> None:
        self.fields: list[Cut] = []
        self.defects: list[str] = []
        self.odd = odd

    def take(self, lines: list[bytes]) -> bool:
        """Take the lines of one field; False once there are too many."""
        line = b"".join(lines)
        match = FIELD.fullmatch(line[:LINE_BYTES])
        # A colon behind a fold or blanks (RFC 5322 4.5 allows it, nobody writes it) is not a field to everybody.
        self.odd |= bool(line) and (not PLAIN.match(lines[0]) or len(line) > LINE_BYTES)
        if match is None:
            if line.strip():
                self._blame(NO_HEADER)
            return True
        if len(self.fields) == HEADER_COUNT:
            self.odd = True
            self._blame("too many headers, read in part")
            return False
        if len(match[2]) >= VALUE_BYTES:
            self.odd = True
            self._blame("a header is too long, cut")
        raw = b"\r\n".join(lines) + b"\r\n"
        self.fields.append(Cut(match[1].decode("ascii").lower(), match[2][:VALUE_BYTES], raw))
        return True

    def _blame(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)


def _end_of_headers(raw: bytes, start: int, end: int) -> tuple[int, int]:
    if raw.startswith(b"\n", start) or raw.startswith(b"\r\n", start):
        return start, start + (1 if raw.startswith(b"\n", start) else 2)
    limit = min(end, start + 4 * HEADER_BYTES)
    ends = [(at, at + len(gap)) for gap in (b"\n\n", b"\n\r\n") if (at := raw.find(gap, start, limit)) >= 0]
    return min(ends) if ends else (limit, limit)


def _unfolded(lines: list[bytes]) -> Iterator[list[bytes]]:
    """The lines of each field together."""
    current: list[bytes] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"} and current:
            current.append(line)
            continue
        if current:
            yield current
        current = [line]
    if current:
        yield current
