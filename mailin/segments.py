"""The spool's files: segments of mails one after another, big mails as files of their own, and the ids that are done.

A record in a segment is a header with lengths and checksums, the header's own checksum, the envelope as JSON, and the
content, unless the content is a file of its own (magic `FILE`). All here blocks; the spool calls it from threads.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

_HEADER = struct.Struct(">4sIIII")  # magic, bytes and CRC-32 of the envelope, bytes and CRC-32 of the content
_CHECK = struct.Struct(">I")
_START = _HEADER.size + _CHECK.size
_INLINE, _FILE = b"MAIL", b"FILE"
_MOST_VECTORS = 512  # in one system call

BEGUN = ".begun"
"""What the name of a file ends in that is not whole yet; one that a crash left is nobody's."""


class Record(NamedTuple):
    """A whole record found in a segment; `content_at` is where the inline content starts."""

    envelope: bytes
    content_at: int
    content_bytes: int
    apart: bool
    crc: int


class Damage(NamedTuple):
    """A part of a segment that cannot be trusted, and why."""

    start: int
    end: int
    reason: str


class Segment:
    """A segment that is being written."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.path = segment_path(folder, number)
        # O_DSYNC makes one system call of write and sync: one wait for the interpreter's lock less per batch.
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_DSYNC | os.O_CLOEXEC
        self._file = os.open(self.path, flags, 0o600)
        self.size = 0
        self.is_spoiled = False  # what is at its end is not known: nothing may be written after it
        sync_folder(folder)

    def notice_deletion(self) -> None:
        """What is written to a file that was deleted is gone: write no more to it."""
        if os.fstat(self._file).st_nlink == 0:
            self.is_spoiled = True

    def append(self, pieces: Sequence[bytes]) -> None:
        """Write the pieces durably, all or none; raises OSError."""
        size = self.size
        try:
            for start in range(0, len(pieces), _MOST_VECTORS):
                size += self._write(pieces[start : start + _MOST_VECTORS])
        except OSError:
            self.is_spoiled = self.size > 0
            os.ftruncate(self._file, self.size)
            raise
        self.size = size

    def _write(self, pieces: Sequence[bytes]) -> int:
        wanted = sum(map(len, pieces))
        written = os.writev(self._file, pieces)
        while written < wanted:  # The disk filled up in the middle: the next write says why.
            written += os.write(self._file, b"".join(pieces)[written:])
        return wanted

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def segment_path(folder: Path, number: int) -> Path:
    """Where the segment with this number is."""
    return folder / f"{number:08d}.mails"


def done_path(folder: Path, number: int) -> Path:
    """Where the ids of the segment's done mails are, one a line."""
    return folder / f"{number:08d}.done"


def large_path(folder: Path, id: str) -> Path:
    """Where the content of a mail is that is too big to be held in memory."""
    return folder / "large" / f"{id}.eml"


def numbers(folder: Path) -> list[int]:
    """The numbers of the segments in the folder, oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.mails"))


def head(envelope: bytes, content_bytes: int, crc: int, apart: bool) -> bytes:
    """What a record begins with; the content follows, unless it is `apart`."""
    header = _HEADER.pack(_FILE if apart else _INLINE, len(envelope), crc32(envelope), content_bytes, crc)
    return header + _CHECK.pack(crc32(header)) + envelope


def scan(path: Path) -> Iterator[Record | Damage]:
    """What a segment holds, in order.

    A record cut short at the end was never acknowledged: it is left out. Anything else that does not check is
    reported, never guessed at: a record alone where its header can be trusted, else all that follows.
    """
    with path.open("rb") as file:
        size, at = os.fstat(file.fileno()).st_size, 0
        while size - at >= _START:
            start = file.read(_START)
            magic, envelope_bytes, envelope_crc, content_bytes, crc = _HEADER.unpack_from(start)
            if crc32(start[: _HEADER.size]) != _CHECK.unpack_from(start, _HEADER.size)[0]:
                yield Damage(at, size, "the header of a mail is damaged on disk")
                return
            content_at = at + _START + envelope_bytes
            end = content_at + (content_bytes if magic == _INLINE else 0)
            if end > size:
                return
            envelope, content = file.read(envelope_bytes), file.read(end - content_at)
            if crc32(envelope) != envelope_crc or (magic == _INLINE and crc32(content) != crc):
                yield Damage(at, end, "a mail is damaged on disk")
            else:
                yield Record(envelope, content_at, content_bytes, magic == _FILE, crc)
            at = end


def read_done(path: Path) -> set[str]:
    """The ids marked done beside a segment; a torn last line marks nothing."""
    if not path.exists():
        return set()
    lines = path.read_text("ascii", errors="replace").split("\n")
    return set(lines[:-1])


def mark_done(path: Path, id: str) -> None:
    """Add an id to the done ones. Not synced: a mail handed out once more after a crash does no harm."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, f"{id}\n".encode("ascii"))
    finally:
        os.close(file)


def delete(folder: Path, number: int) -> None:
    """Delete a segment whose mails are all done, and the marks after it."""
    segment_path(folder, number).unlink(missing_ok=True)
    done_path(folder, number).unlink(missing_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """Keep content durably in a new file, all of it or none; raises OSError."""
    begun = path.with_name(path.name + BEGUN)
    file = os.open(begun, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with open(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(file)
        begun.rename(path)
    except OSError:
        begun.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
