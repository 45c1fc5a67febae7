"""Files and text in `winmail.dat` (MS-OXTNEF), which Outlook sends to whom it believes to use Outlook.

Our own reader: the one package for it is old, reads without bounds, and all that is wanted is names and contents.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from mailin.charsets import decode_loose

SIGN = b"\x78\x9f\x3e\x22"
ATTRIBUTES = 2000
PROPERTIES = 500
FILES = 50
BLOCK = 256  # bytes that are summed up at once
NAME_BYTES = 4000
UNICODE_BYTES = 512 * 1024  # more than is ever shown of a text
TEXT, TITLE, DATA, RENDERING, PROPERTIES_OF_MAIL, PROPERTIES_OF_FILE, CODEPAGE = (
    0x0002800C, 0x00018010, 0x0006800F, 0x00069002, 0x00069003, 0x00069005, 0x00069007,
)  # fmt: skip
BODY, HTML, DATA_OBJECT, SHORT_NAME, LONG_NAME, MIME = 0x1000, 0x1013, 0x3701, 0x3704, 0x3707, 0x370E
FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}  # bytes, padding included
STRING, UNICODE, BINARY, OBJECT = 0x1E, 0x1F, 0x102, 0xD
SEVERAL = 0x1000


class File(NamedTuple):
    """A file by its name, its declared type ("" if none) and its bytes."""

    name: str
    type: str
    content: bytes


class Opened(NamedTuple):
    """What a `winmail.dat` holds; `charset` is that of `text` and of `html`; whether all of it could be read."""

    files: tuple[File, ...]
    text: bytes
    html: bytes
    charset: str
    is_whole: bool


def opened(data: bytes) -> Opened | None:
    """The files and the text; None when these bytes are no TNEF. What is cut off or broken is left out."""
    if not data.startswith(SIGN):
        return None
    files: list[dict[int, bytes]] = []
    mail: dict[int, bytes] = {}
    codepage = 1252
    attributes, is_whole = _attributes(data)
    for name, value in attributes:
        if name == RENDERING and len(files) < FILES:
            files.append({})
        elif name in (TITLE, DATA) and files:
            files[-1].setdefault(SHORT_NAME if name == TITLE else DATA_OBJECT, value)
        elif name in (PROPERTIES_OF_FILE, PROPERTIES_OF_MAIL):
            found, said_all = _properties(value)
            is_whole &= said_all
            (mail if name == PROPERTIES_OF_MAIL else files[-1] if files else {}).update(found)
        elif name == TEXT:
            mail.setdefault(BODY, value)
        elif name == CODEPAGE and len(value) >= 4:
            codepage = int.from_bytes(value[:4], "little")
    charset = "utf-8" if codepage == 65001 else f"cp{codepage}"
    return Opened(
        tuple(_file(one, charset) for one in files if DATA_OBJECT in one),
        mail.get(BODY, b"").rstrip(b"\0"),
        mail.get(HTML, b""),
        charset,
        is_whole and all(DATA_OBJECT in one for one in files),
    )


def _file(one: dict[int, bytes], charset: str) -> File:
    name = one.get(LONG_NAME) or one.get(SHORT_NAME, b"")
    return File(_text(name, charset), _text(one.get(MIME, b""), "ascii"), one[DATA_OBJECT])


def _text(value: bytes, charset: str) -> str:
    return decode_loose(value[:NAME_BYTES].split(b"\0")[0], charset)


def _attributes(data: bytes) -> tuple[list[tuple[int, bytes]], bool]:
    """Numbers and values, and whether nothing is cut off or other than its sum says."""
    found: list[tuple[int, bytes]] = []
    at, is_whole = 6, True
    while at + 9 <= len(data) and len(found) < ATTRIBUTES:
        _, name, length = struct.unpack_from("<BII", data, at)
        at += 9
        value = data[at : at + length]
        at += length + 2
        is_whole &= at <= len(data) and _sum(value) == data[at - 2 : at]
        found.append((name, value))
    return found, is_whole and bool(found) and not data[at:].strip(b"\0\r\n")


def _sum(value: bytes) -> bytes:
    """The sum of the bytes, of two bytes, as it stands behind a value; Adler's first half is one more, of so few."""
    blocks = (value[at : at + BLOCK] for at in range(0, len(value), BLOCK))
    return (sum((zlib.adler32(block) & 0xFFFF) - 1 for block in blocks) & 0xFFFF).to_bytes(2, "little")


def _properties(data: bytes) -> tuple[dict[int, bytes], bool]:
    """The strings and bytes among MAPI properties, by their numbers (strings as UTF-8), and whether these are all."""
    found: dict[int, bytes] = {}
    at, count = 4, int.from_bytes(data[:4], "little")
    try:
        for _ in range(min(PROPERTIES, count)):
            kind, name = struct.unpack_from("<HH", data, at)
            at = _named(data, at + 4) if name >= 0x8000 else at + 4
            value, at = _value(data, at, kind)
            if value is not None:
                found.setdefault(name, value)
    except (struct.error, KeyError):  # cut off, or a kind that there is not
        return found, False
    return found, count <= PROPERTIES and at <= len(data) + 3  # some leave the last blanks out


def _named(data: bytes, at: int) -> int:
    """Where the value of a property begins that has a name instead of a number."""
    kind, length = struct.unpack_from("<16xII", data, at)
    return at + 24 + (_padded(length) if kind else 0)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes | None, int]:
    if kind & ~SEVERAL in FIXED:
        size, count = FIXED[kind & ~SEVERAL], 1
        if kind & SEVERAL:
            (count,) = struct.unpack_from("<I", data, at)
            at += 4
        return None, at + size * count
    if kind & ~SEVERAL not in (STRING, UNICODE, BINARY, OBJECT):
        raise KeyError(kind)
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    value: bytes | None = None
    for _ in range(min(count, PROPERTIES)):
        (length,) = struct.unpack_from("<I", data, at)
        piece = data[at + 4 : at + 4 + length]
        value = piece if value is None else value
        at += 4 + _padded(length)
    if value is not None and kind == UNICODE:
        value = value[:UNICODE_BYTES].decode("utf-16-le", "replace").encode()
    return value[16:] if value is not None and kind == OBJECT else value, at


def _padded(length: int) -> int:
    return -(-length // 4) * 4
