"""The journal's lines: one commit each, and how much of a journal can be trusted after a crash.

    <crc32, 8 hex digits> <commit> <batch> {"table":{"id":{document} or null}}\\n

`commit` counts up by one from line to line. `batch` is the first commit of the write the line went out with; a write
starts only after the one before it was synced. So an intact line whose batch is above N proves that commit N was
durable, and that is what tells damage from a write that a crash cut short (`docs/decisions/journal.md`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from zlib import crc32

_LINE = re.compile(rb"([0-9a-f]{8}) (\d+) (\d+) (\{.*\})", re.DOTALL)
_SECTOR = 512


class Line:
    """One commit: its number, the first commit of its write, and the changes as JSON."""

    __slots__ = ("batch", "body", "commit")

    def __init__(self, commit: int, batch: int, body: bytes) -> None:
        self.commit = commit
        self.batch = batch
        self.body = body


class Broken(Exception):
    """A durable commit cannot be read any more; `offset` is where its line starts, `commit` its number."""

    def __init__(self, offset: int, commit: int) -> None:
        super().__init__(f"commit {commit} at byte {offset}")
        self.offset = offset
        self.commit = commit


def write(commit: int, batch: int, body: bytes) -> bytes:
    """The line of one commit."""
    text = b"%d %d %b" % (commit, batch, body)
    return b"%08x %b\n" % (crc32(text), text)


def read(raw: bytes) -> Line | None:
    """The commit of a line without its line end, or None if the line is not whole."""
    found = _LINE.fullmatch(raw)
    if found is None or int(found[1], 16) != crc32(raw[9:]):
        return None
    return Line(int(found[2]), int(found[3]), found[4])


def replay(data: bytes, first: int, keep: Callable[[Line], None]) -> int:
    """Give `keep` every commit of a journal that starts with commit `first`; returns where the trusted part ends.

    What follows it is a write that a crash cut short and nobody was told about. Raises Broken if it is more than that.
    """
    data = data.rstrip(b"\0")
    at, commit = 0, first
    while at < len(data):
        stop = data.find(b"\n", at)
        line = read(data[at:stop] if stop >= 0 else data[at:])
        if line is None or line.commit != commit:
            break
        keep(line)
        at = stop + 1 if stop >= 0 else len(data)
        commit += 1
    if at < len(data) and not _cut_short(data[at:], at, commit):
        raise Broken(at, commit)
    return at


def _cut_short(rest: bytes, at: int, commit: int) -> bool:
    """Whether `rest`, which lies at byte `at` where `commit` should be, can be a write that never came to its end."""
    later = (read(raw) for raw in rest.split(b"\n")[1:])
    if any(line is not None and line.batch > commit for line in later):
        return False
    if b"\n" not in rest:
        return read(rest[:-1]) is None  # otherwise the line is whole and only its end was changed
    return any(_is_lost_sector(at + hole.start(), at + hole.end(), at) for hole in re.finditer(rb"\0+", rest))


def _is_lost_sector(start: int, stop: int, at: int) -> bool:
    """Whether the zeros from `start` to `stop` are what a power cut leaves of a write to preallocated space."""
    return stop % _SECTOR == 0 and (start % _SECTOR == 0 or start == at)
