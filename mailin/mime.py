"""A mail cut into headers and parts, bounded before anything is decoded.

The standard library parses a whole mail, attachments line by line, before one can look at it: 40 ms for a megabyte and
recursion as deep as the sender likes. Here parts are spans of the raw bytes, found by searching for their boundaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from mailin.charsets import decode_loose
from mailin.fields import HEADER_BYTES, block
from mailin.words import header_words

PART_HEADERS_BYTES = 256 * 1024  # of all parts together
DEPTH = 10
PARTS = 100
SEARCH_STEP = 1 << 20

PARAMETER = re.compile(r""";\s*([\w*.%-]{1,60})\s*=\s*("(?:[^"\\]|\\.){0,2000}"|[^;\s]{0,2000})""")
UNQUOTED = re.compile(r"[^;\"]{0,300}")
FILE_NAMES = ("filename", "name")
MIME_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


@dataclass(frozen=True)
class Headers:
    """The fields of one header block, in order; values are unfolded and decoded loosely once they are asked for."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def every(self, name: str) -> list[str]:
        """All values of the field called `name` (lower case), still with encoded words."""
        return [decode_loose(value).strip() for value in self._values.get(name, ())]

    def first(self, name: str) -> str:
        """The first value of the field called `name` (lower case), or an empty string."""
        values = self._values.get(name)
        return decode_loose(values[0]).strip() if values else ""

    def names(self) -> set[str]:
        """The lower-case names of all fields."""
        return set(self._values)

    @cached_property
    def _values(self) -> dict[str, list[bytes]]:
        values: dict[str, list[bytes]] = {}
        for name, value in self.fields:
            values.setdefault(name, []).append(value)
        return values


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a mail: what its headers say, and where its still encoded body lies in the raw bytes.

    A leaf of something wrapped up in another leaf brings the bytes its place is in as `data`; `within` says what it
    was wrapped up in, where it is a file of that and not the mail's own.
    """

    type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    encoding: str
    start: int
    end: int
    parents: tuple[str, ...] = ()
    data: bytes | None = field(default=None, repr=False)
    within: str = ""


@dataclass(slots=True)
class Outline:
    """A mail's headers, its leaves in order, and what was wrong with its form."""

    headers: Headers
    body_start: int
    leaves: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    parts: int = 0
    header_bytes: int = 0  # of the parts that were read
    text_bytes: int = 0  # of the text parts that were read
    text_letters: int = 0  # of what they say
    opened: list[Part] | None = None  # the leaves with those of what was wrapped up, once somebody asked

    def blame(self, defect: str) -> None:
        """Note a defect once."""
        if defect not in self.defects:
            self.defects.append(defect)

    def take_part(self) -> bool:
        """Count one part more, with or without children; False when there are too many or their headers too much."""
        self.parts += 1
        return self.parts <= PARTS and self.header_bytes < PART_HEADERS_BYTES


def outline(raw: bytes) -> Outline:
    """Cut a mail into headers and leaves; costs a scan for boundaries, never a copy of the bodies."""
    headers, body_start, defects = read_headers(raw, 0, len(raw))
    found = Outline(headers, body_start, defects=defects)
    found.type, found.parameters = content_type(headers.first("content-type"))
    _descend(raw, headers, body_start, len(raw), (), found)
    return found


def read_headers(raw: bytes, start: int, end: int, most: int = HEADER_BYTES) -> tuple[Headers, int, list[str]]:
    """The header block that begins at `start`, where the body begins, and its defects; reads `most` bytes of it."""
    found = block(raw, start, end, most)
    return Headers(tuple((one.name, one.value) for one in found.fields)), found.body_start, found.defects


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """Type and parameters of a Content-Type field; what cannot be read is `text/plain` (RFC 2045 5.2)."""
    kind = value.partition(";")[0].strip().lower()
    if not MIME_TYPE.fullmatch(kind):
        kind = "text/plain"
    return kind, parameters(value)


def parameters(value: str) -> dict[str, str]:
    """The parameters of a structured field, continuations and charsets of RFC 2231 resolved."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    fields = ";" + value.partition(";")[2][:4000]
    for match in islice(PARAMETER.finditer(fields), 50):
        name, text = match[1].lower(), match[2]
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        elif name in FILE_NAMES:  # with blanks and no quotes around them, as some programs write it
            text = fields[match.start(2) : match.end(2) + len(UNQUOTED.match(fields, match.end(2))[0])]  # type: ignore[index]
        base, star, part = name.partition("*")
        if star:
            number = part.rstrip("*")
            pieces.setdefault(base, []).append((int(number) if number.isdecimal() else 0, name.endswith("*"), text))
        else:
            plain.setdefault(name, text)
    return plain | {name: _rfc2231(sorted(texts, key=lambda piece: piece[0])) for name, texts in pieces.items()}


def _rfc2231(pieces: list[tuple[int, bool, str]]) -> str:
    """The pieces of a value in order; the charset stands before the first, and only those with a star are encoded."""
    charset, quote, rest = pieces[0][2].partition("'")
    marked = bool(quote) and "'" in rest and pieces[0][1]
    first = rest.partition("'")[2] if marked else pieces[0][2]
    texts = [(pieces[0][1], first), *((encoded, text) for _, encoded, text in pieces[1:])]
    data = b"".join(_unpercent(text) if encoded else text.encode("utf-8", "replace") for encoded, text in texts)
    return decode_loose(data, charset if marked else "utf-8")


def _unpercent(text: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), text.encode("utf-8", "replace"))


def _descend(raw: bytes, headers: Headers, start: int, end: int, parents: tuple[str, ...], found: Outline) -> None:
    kind, values = content_type(headers.first("content-type"))
    boundary = values.get("boundary", "")
    if not kind.startswith("multipart/"):
        found.leaves.append(_leaf(headers, kind, values, start, end, parents))
        return
    if not boundary or len(boundary) > 200:
        found.blame("a multipart without a usable boundary")
        found.leaves.append(_leaf(headers, "text/plain", values, start, end, parents))
        return
    if len(parents) >= DEPTH:
        found.blame("parts nested too deeply, not read")
        return
    _children(raw, boundary.encode("utf-8", "replace"), (start, end), (*parents, kind), found)


def _children(raw: bytes, boundary: bytes, span: tuple[int, int], parents: tuple[str, ...], found: Outline) -> None:
    for start, end, closed in _spans(raw, boundary, *span):
        if not found.take_part():
            found.blame("too many parts, the rest not read")
            return
        if not closed:
            found.blame("a multipart is cut off")
        headers, body, defects = read_headers(raw, start, end, PART_HEADERS_BYTES - found.header_bytes)
        found.header_bytes += min(body - start, PART_HEADERS_BYTES - found.header_bytes)
        for defect in defects:
            if defect != "no headers":
                found.blame(defect)
        _descend(raw, headers, min(body, end), end, parents, found)


def _spans(raw: bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Where the parts between the boundary's delimiter lines lie, and whether the part had an end."""
    delimiter = b"--" + boundary
    at = start if raw.startswith(delimiter, start) else _delimiter_line(raw, delimiter, start, end)
    while at >= 0:
        after = at + len(delimiter)
        line_end = raw.find(b"\n", after, min(after + 1000, end))
        if raw.startswith(b"--", after) or line_end < 0:
            return
        following = _delimiter_line(raw, delimiter, line_end, end)
        stop = end if following < 0 else following - 1
        yield line_end + 1, max(line_end + 1, stop - (raw[stop - 1 : stop] == b"\r")), following >= 0
        at = following


def _delimiter_line(raw: bytes, delimiter: bytes, start: int, end: int) -> int:
    """Where the next line begins that is this delimiter, and not that of a boundary it is the beginning of."""
    at = _find(raw, b"\n" + delimiter, start, end)
    if at < 0:
        return -1
    # The first find is nearly always right, and fast; of the others there may be millions.
    whole = re.compile(rb"\n" + re.escape(delimiter) + rb"(?![^-\r\n \t])").search(raw, at, end)
    return whole.start() + 1 if whole else -1


def _find(raw: bytes, needle: bytes, start: int, end: int) -> int:
    """`bytes.find` in steps, so that other threads get their turn during a search through megabytes."""
    while start < end:
        at = raw.find(needle, start, min(end, start + SEARCH_STEP + len(needle)))
        if at >= 0:
            return at
        start += SEARCH_STEP
    return -1


def _leaf(headers: Headers, kind: str, values: dict[str, str], start: int, end: int, parents: tuple[str, ...]) -> Part:
    disposition = headers.first("content-disposition")
    filename = parameters(disposition).get("filename") or values.get("name", "")
    encoding = headers.first("content-transfer-encoding").split(";")[0].strip().lower()
    return Part(
        type=kind,
        parameters=values,
        disposition=disposition.partition(";")[0].strip().lower(),
        filename=header_words(filename),
        encoding=encoding,
        start=start,
        end=end,
        parents=parents,
    )
