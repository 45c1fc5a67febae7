"""What an archive's table of contents says, so that a bomb costs no more than its table, and files within bounds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from mailin.bounds import Bounds

ENTRIES = 2000
NAMES = 256 * 1024  # bytes of a table that are read
NAME = 300  # bytes at either end of a name; no file system takes longer ones
COMMENT = 65_535  # the longest that may stand behind the end record
END = struct.Struct("<4s4H2LH")
ENTRY = struct.Struct("<4s6H3L5H2L")
END_SIGN, ENTRY_SIGN = b"PK\x05\x06", b"PK\x01\x02"
LOCAL = struct.Struct("<4s22x2H")
LOCAL_SIGN = b"PK\x03\x04"
STORED, DEFLATED = 0, 8
PACKED = 64 << 10  # bytes unpacked at once
ENCRYPTED = 1
BLOCK = 512  # of a tar archive
RATIO = 200  # what text compresses to at most is a tenth of this
BOMB_BYTES = 50_000_000
MOST_BYTES = 2_000_000_000


class Entry(NamedTuple):
    """A file in a ZIP archive: the bytes it takes and holds, how it is packed, and where it begins."""

    name: str
    packed: int
    unpacked: int
    encrypted: bool
    method: int
    start: int


class Table(NamedTuple):
    """The names in an archive, the bytes they would unpack to, and whether any is encrypted or the table is cut."""

    names: tuple[str, ...]
    unpacked: int = 0
    packed: int = 0
    encrypted: bool = False
    cut: bool = False
    entries: tuple[Entry, ...] = ()

    @property
    def bomb(self) -> bool:
        """Whether it would unpack to more than any honest file."""
        return self.unpacked > MOST_BYTES or (
            self.unpacked > BOMB_BYTES and self.unpacked > RATIO * max(1, self.packed)
        )


def zip_end(content: bytes) -> int:
    """Where the end record of a ZIP archive stands that reaches exactly to the end of `content`; -1 when none does."""
    at = len(content)
    for _ in range(20):
        at = content.rfind(END_SIGN, max(0, len(content) - COMMENT - END.size), at)
        if at < 0 or at + END.size <= len(content) == at + END.size + END.unpack_from(content, at)[-1]:
            return at
    return -1


def zip_table(content: bytes) -> Table | None:
    """The central directory of a ZIP archive, of which `content` is at least the end; None when it has none."""
    at = zip_end(content)
    if at < 0:
        return None
    *_, count, size, directory, _ = END.unpack_from(content, at)
    start = at - size
    if start < 0 or size == 0xFFFFFFFF:
        return None
    # What stands before an archive moves all of it: places are counted from where the table is, not from where it says.
    entries = tuple(_entries(content[start : min(at, start + NAMES)], start - directory))
    return Table(
        tuple(entry.name for entry in entries),
        sum(entry.unpacked for entry in entries),
        sum(entry.packed for entry in entries),
        any(entry.encrypted for entry in entries),
        len(entries) < count or size > NAMES,
        entries,
    )


def _entries(table: bytes, moved: int) -> Iterator[Entry]:
    """Each entry of the table of an archive that begins at `moved`."""
    at = 0
    for _ in range(ENTRIES):
        if len(table) < at + ENTRY.size or not table.startswith(ENTRY_SIGN, at):
            return
        fields = ENTRY.unpack_from(table, at)
        flags, method, packed, unpacked, name, extra, comment = *fields[3:5], *fields[8:10], *fields[10:13]
        written = table[at + ENTRY.size : at + ENTRY.size + name]
        short = written if len(written) <= 2 * NAME else written[:NAME] + written[-NAME:]
        encrypted, start = bool(flags & ENCRYPTED), moved + fields[-1]
        yield Entry(short.decode("utf-8", "replace"), packed, unpacked, encrypted, method, start)
        at += ENTRY.size + name + extra + comment


def zip_file(content: bytes, entry: Entry, bounds: Bounds) -> bytes | None:
    """What a file in a ZIP archive holds, as far as the bounds go; None when it cannot be unpacked."""
    if entry.start < 0 or entry.start + LOCAL.size > len(content) or entry.encrypted:
        return None
    sign, name, extra = LOCAL.unpack_from(content, entry.start)
    if sign != LOCAL_SIGN or entry.method not in (STORED, DEFLATED):
        return None
    bounds.streams -= 1
    start = entry.start + LOCAL.size + name + extra
    packed = memoryview(content)[start : start + entry.packed]
    return bounds.unpack(bytes(packed)) if entry.method == STORED else _inflated(packed, bounds)


def _inflated(packed: memoryview, bounds: Bounds) -> bytes | None:
    """What is packed here; what is read counts like what is written, where it is more."""
    unpack, pieces, at = zlib.decompressobj(-zlib.MAX_WBITS), list[bytes](), 0
    try:
        while bounds.unpacked > 0 and at < len(packed) and not unpack.eof:
            some = packed[at : at + PACKED]
            piece = unpack.decompress(some, bounds.unpacked)
            read = len(some) - len(unpack.unconsumed_tail) - len(unpack.unused_data)
            bounds.unpacked -= max(read, len(piece))
            at += read
            pieces.append(piece)
    except zlib.error:
        return None
    return b"".join(pieces)


def tar_table(content: bytes) -> Table:
    """The names in a tar archive, found by going from header to header."""
    names: list[str] = []
    at = 0
    while len(names) < ENTRIES and len(content) >= at + BLOCK and content[at : at + 1] > b"\0":
        names.append(content[at : at + 100].split(b"\0")[0].decode("utf-8", "replace"))
        digits = content[at + 124 : at + 136].strip(b"\0 ")
        size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0
        at += BLOCK + -(-size // BLOCK) * BLOCK
    return Table(tuple(names), cut=at < len(content) - 4 * BLOCK and len(names) == ENTRIES)
