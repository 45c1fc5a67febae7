"""Files that came along: named, measured and judged by their bytes, never opened."""

from __future__ import annotations

import binascii
import hashlib
import re
import string
from collections.abc import Iterator, Sequence

import msgspec

from handlers.model.mail import Attachment
from handlers.rules import files
from mailin.bounds import Bounds
from mailin.inspection import judged
from mailin.mime import Part
from mailin.text import one_line

CHUNK = 60 * 1024  # a multiple of 4, so that base64 without line ends can be cut anywhere
NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/"))
LOOKED_INTO = files.FILE_BYTES  # of a larger file, which nobody takes, only beginning and end are
ENDS = 512 * 1024
NUMBER = re.compile(r"(?=\.\w{1,8}$|$)")


def attachment(raw: bytes, part: Part, bounds: Bounds) -> Attachment:
    """What can be said of one file; reads it once, in pieces."""
    digest, size = hashlib.sha256(), 0
    kept = bytearray()
    for piece in decoded(raw, part):
        digest.update(piece)
        size += len(piece)
        kept += piece
        if size > LOOKED_INTO and len(kept) > 3 * ENDS:
            del kept[ENDS:-ENDS]
    name = safe_name(part.filename)
    found = judged(name, part.type, bytes(kept), bounds, is_whole=len(kept) == size)
    why = "; ".join(filter(None, (found.why, part.within and f"it came inside {part.within}")))
    return Attachment(name=name, type=found.type, bytes=size, sha256=digest.hexdigest(), verdict=found.verdict, why=why)


def told_apart(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """The files, those whose name another before them has with a number: `photo (2).jpg`."""
    taken: dict[str, int] = {}
    told: list[Attachment] = []
    for one in attachments:
        count = taken[one.name.casefold()] = taken.get(one.name.casefold(), 0) + 1
        name = one.name if count == 1 else NUMBER.sub(f" ({count})", one.name, count=1)
        told.append(one if count == 1 else msgspec.structs.replace(one, name=name))
    return tuple(told)


def safe_name(name: str) -> str:
    """A file name without path, control characters and tricks; `unnamed` when nothing is left."""
    return files.safe_name(one_line(name))


def decoded(raw: bytes, part: Part, limit: int | None = None) -> Iterator[bytes]:
    """The decoded bytes of a part in pieces, of `limit` encoded bytes at most; what is broken is left out."""
    raw = raw if part.data is None else part.data
    end = part.end if limit is None else min(part.end, part.start + limit)
    if part.encoding == "base64":
        yield from _base64(raw, part.start, end)
    elif part.encoding == "quoted-printable":
        for start, stop in _line_steps(raw, part.start, end):
            yield binascii.a2b_qp(raw[start:stop])
    else:
        for start in range(part.start, end, CHUNK):
            yield raw[start : min(end, start + CHUNK)]


def _base64(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    for at in range(start, end, CHUNK):
        letters = rest + raw[at : min(end, at + CHUNK)].translate(None, NOT_BASE64)
        whole = len(letters) - len(letters) % 4
        rest = letters[whole:]
        yield binascii.a2b_base64(letters[:whole])
    if len(rest) > 1:
        yield binascii.a2b_base64(rest + b"==")


def _line_steps(raw: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of about a chunk that end with a line, as quoted-printable must not be cut inside one."""
    while start < end:
        line_end = raw.find(b"\n", min(end, start + CHUNK), end)
        stop = end if line_end < 0 else line_end + 1
        yield start, stop
        start = stop
