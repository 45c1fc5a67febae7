"""A form that carries files (RFC 7578), taken apart: few parts, short heads, one value a field, nothing nested."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from aiohttp import web

from handlers.rules.files import SUBMISSION_BYTES

MOST_PARTS = 40
MOST_HEAD = 2048
MOST_VALUE = 4096
MOST_WITH_FILES = SUBMISSION_BYTES + 64 * 1024
"""The files of one submission, and what surrounds them."""

# Browsers write a name in UTF-8 as it is, with %22 for a quotation mark (HTML, multipart/form-data encoding).
_HEAD = re.compile(
    rb'^Content-Disposition: form-data; name="([a-z_]{1,40})"(?:; filename="([^"\r\n]*)")?\r?$', re.I | re.M
)
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}")


@dataclass(frozen=True)
class Sent:
    """What a form brought: one value for each field, and the files, each with its field and the name it came under."""

    fields: dict[str, str]
    files: tuple[tuple[str, str, bytes], ...]


def boundary_of(content_type: str) -> bytes | None:
    """What divides the parts of a form with files; None when it is none."""
    header = Message()
    header["Content-Type"] = " ".join(content_type[:300].split())
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or boundary is None or not _BOUNDARY.fullmatch(boundary):
        return None
    return boundary.encode("ascii")


def parts(raw: bytes, boundary: bytes) -> Sent:
    """The form's parts; a file field left empty is none. Raises 400 for what no browser of ours' form sends."""
    first, *pieces = (b"\r\n" + raw).split(b"\r\n--" + boundary, MOST_PARTS + 2)
    if first or not pieces or not pieces[-1].startswith(b"--") or len(pieces) > MOST_PARTS + 1:
        raise web.HTTPBadRequest
    fields: dict[str, str] = {}
    files: list[tuple[str, str, bytes]] = []
    for piece in pieces[:-1]:
        field, name, content = _part(piece)
        if name is not None:
            files += [(field, name, content)] if name or content else []
        elif field in fields or len(content) > MOST_VALUE:
            raise web.HTTPBadRequest
        else:
            fields[field] = _text(content)
    return Sent(fields, tuple(files))


def _part(piece: bytes) -> tuple[str, str | None, bytes]:
    """A part's field, the name of its file if it is one, and what it holds."""
    head, blank, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    found = _HEAD.findall(head[:MOST_HEAD]) if blank and len(head) <= MOST_HEAD else []
    if len(found) != 1:
        raise web.HTTPBadRequest
    is_file = b"filename=" in head
    return _text(found[0][0]), _text(found[0][1]) if is_file else None, content


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise web.HTTPBadRequest from error
