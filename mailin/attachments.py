"""Files that came along: named, measured and judged by their first bytes, never opened."""

from __future__ import annotations

import binascii
import hashlib
import re
import string
from collections.abc import Iterator

from handlers.model.mail import Attachment, FileVerdict
from handlers.rules import files
from mailin.mime import Part
from mailin.text import one_line

CHUNK = 60 * 1024  # a multiple of 4, so that base64 without line ends can be cut anywhere
NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/"))

PAPERS = files.ACCEPTED | {"image/tiff", "image/gif"}
PROGRAMS = {"application/x-dosexec", "application/x-elf", "text/x-script"}
DANGEROUS_NAME = re.compile(
    r".*\.(?:exe|scr|com|pif|bat|cmd|ps1|vb[es]?|jse?|wsf?|wsh|hta|msi|jar|lnk|iso|img|vhdx?|dll|cpl|reg|chm|docm|xlsm|pptm|one|html?|svg|xll|apk)",
    re.IGNORECASE,
)
SAME = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/heif": "image/heic",
    "application/x-pdf": "application/pdf",
}


def attachment(raw: bytes, part: Part) -> Attachment:
    """What can be said of one file; reads it once, in pieces."""
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in decoded(raw, part):
        digest.update(piece)
        size += len(piece)
        head += piece[: files.HEAD - len(head)]
    name = safe_name(part.filename)
    seen = files.kind(head)
    kind = seen or part.type
    return Attachment(
        name=name, type=kind, bytes=size, sha256=digest.hexdigest(), verdict=_verdict(name, part.type, seen)
    )


def safe_name(name: str) -> str:
    """A file name without path, control characters and tricks; `unnamed` when nothing is left."""
    return files.safe_name(one_line(name))


def _verdict(name: str, declared: str, seen: str) -> FileVerdict:
    if seen in PROGRAMS or DANGEROUS_NAME.fullmatch(name):
        return "dangerous"
    if seen in PAPERS:
        fits = declared in {"application/octet-stream", "text/plain", seen} or SAME.get(declared) == seen
        return "plausible" if fits else "mismatch"
    return "mismatch" if declared in PAPERS or declared in SAME else "unknown"


def decoded(raw: bytes, part: Part, limit: int | None = None) -> Iterator[bytes]:
    """The decoded bytes of a part in pieces, of `limit` encoded bytes at most; what is broken is left out."""
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
