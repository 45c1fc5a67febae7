"""What is wrapped up in a mail: attached mails, `winmail.dat`, signed wrappers; their files, each with its bytes.

One list, made once for a mail: a file's place in it is how the desk asks for its bytes later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailin import cms, tnef
from mailin.attachments import decoded
from mailin.charsets import decode_loose
from mailin.mime import MIME_TYPE, Outline, Part, outline
from mailin.words import header_words
from mailin.written import Writings

BODY_TYPES = {"text/plain", "text/html", "text/enriched"}
DEPTH = 3  # mails in mails
MAILS = 10
OPENED_BYTES = 32 * 1024 * 1024  # of all wrappers together
MAIL_TYPES = {"message/rfc822", "message/global", "message/news"}
TNEF_TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
CMS_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
NAMED = {
    "message/partial": "a piece of a mail that came in pieces (message/partial)",
    "message/external-body": "a file that lies elsewhere (message/external-body), not fetched",
}
ENCRYPTED = "encrypted, cannot be read"
UNKNOWN = "application/octet-stream"
BINHEX_TYPE = "application/mac-binhex40"
UU_ENCODINGS = {"x-uuencode", "uuencode", "x-uue"}


def is_body(leaf: Part) -> bool:
    """Whether a leaf is text that the writer may have written, and no file."""
    return leaf.type in BODY_TYPES and leaf.disposition != "attachment" and not leaf.filename and not leaf.within


def opened(raw: bytes, mail: Outline) -> list[Part]:
    """The mail's leaves, with those of what is wrapped up in them behind each; what cannot be read is blamed."""
    if mail.opened is None:
        room = _Room()
        parts = (part for leaf in mail.leaves for part in _opened(raw, mail, leaf, room, 0))
        mail.opened = [one for part in parts for one in _with_written(raw, mail, part, room)]
        if "multipart/encrypted" in (mail.type, *(kind for leaf in mail.leaves for kind in leaf.parents)):
            mail.blame(ENCRYPTED)
    return mail.opened


class _Room:
    """How much more may be opened."""

    def __init__(self) -> None:
        self.mails = MAILS
        self.bytes = OPENED_BYTES
        self.writings = Writings()

    def take(self, size: int) -> bool:
        """Take the room for so many bytes, if it is there."""
        self.bytes -= size
        return self.bytes >= 0


def _opened(raw: bytes, mail: Outline, leaf: Part, room: _Room, depth: int) -> Iterator[Part]:
    if leaf.type in NAMED:
        mail.blame(NAMED[leaf.type])
    if leaf.type in MAIL_TYPES:
        yield from _mail(raw, mail, leaf, room, depth)
    elif leaf.type in TNEF_TYPES or leaf.filename.lower() == "winmail.dat":
        yield from _tnef(raw, mail, leaf, room)
    elif leaf.type in CMS_TYPES:
        yield from _cms(raw, mail, leaf, room, depth)
    elif leaf.type == BINHEX_TYPE:
        yield leaf
        yield from _written(raw, mail, leaf, room, "a BinHex file")
    elif leaf.encoding in UU_ENCODINGS and not is_body(leaf):
        files = [replace(one, filename=leaf.filename) for one in _written(raw, mail, leaf, room, leaf.within)]
        yield from files or [leaf]
    else:
        yield leaf


def _with_written(raw: bytes, mail: Outline, part: Part, room: _Room) -> Iterator[Part]:
    """The part, and the files that are written into it as letters, where it is text."""
    yield part
    if is_body(part) and part.type != "text/html":
        yield from _written(raw, mail, part, room, "the text")


def _written(raw: bytes, mail: Outline, leaf: Part, room: _Room, within: str) -> Iterator[Part]:
    for name, content in room.writings.read(_bytes(raw, leaf, room)):
        yield replace(_made(UNKNOWN, content, {}), filename=decode_loose(name) or "unnamed", within=within)
    if room.writings.files <= 0:
        mail.blame("too many files written into the text, the rest not read")


def _bytes(raw: bytes, leaf: Part, room: _Room) -> bytes:
    """The decoded bytes of a wrapper; none when there is no room for them."""
    return b"".join(decoded(raw, leaf)) if room.take(leaf.end - leaf.start) else b""


def _mail(raw: bytes, mail: Outline, leaf: Part, room: _Room, depth: int) -> Iterator[Part]:
    """An attached mail under its subject, and the files it brings; its text is not the writer's."""
    room.mails -= 1
    data = _bytes(raw, leaf, room) if room.mails >= 0 and depth < DEPTH else b""
    if not data:
        if leaf.end > leaf.start:
            mail.blame("attached mails that were not opened: too many or too deep")
        yield leaf
        return
    inner = outline(data)
    subject = header_words(inner.headers.first("subject"))
    yield replace(leaf, filename=leaf.filename or f"{subject or 'mail'}.eml")
    if "multipart/report" in leaf.parents:  # a letter that came back: its files are ours
        return
    within = "an attached mail"
    for one in inner.leaves:
        own = replace(one, data=data if one.data is None else one.data, within=one.within or within)
        if not _is_text(own):
            yield from _opened(data, mail, own, room, depth + 1)


def _is_text(leaf: Part) -> bool:
    return is_body(replace(leaf, within=""))


def _tnef(raw: bytes, mail: Outline, leaf: Part, room: _Room) -> Iterator[Part]:
    """`winmail.dat` and its files; its text where the mail has no other."""
    found = tnef.opened(_bytes(raw, leaf, room))
    yield replace(leaf, type="application/ms-tnef" if found else UNKNOWN)
    if found is None:
        mail.blame("a winmail.dat that cannot be read")
        return
    if not found.is_whole:
        mail.blame("a winmail.dat that is damaged: what it holds is not all shown")
    if not leaf.within and not any(is_body(one) and one.end - one.start > 2 for one in mail.leaves):
        kind, text = ("text/plain", found.text) if found.text else ("text/html", found.html)
        if text:
            yield _made(kind, text, {"charset": found.charset})
    for file in found.files:
        kind = file.type.lower() if MIME_TYPE.fullmatch(file.type.lower()) else UNKNOWN
        made = _made(kind, file.content, {})
        yield replace(made, filename=header_words(file.name) or "unnamed", within="winmail.dat")


def _made(kind: str, data: bytes, parameters: dict[str, str]) -> Part:
    return Part(kind, parameters, "", "", "binary", 0, len(data), (), data)


def _cms(raw: bytes, mail: Outline, leaf: Part, room: _Room, depth: int) -> Iterator[Part]:
    """A signed wrapper's own leaves, which are the mail's; of any other, the wrapper."""
    kind, data = cms.opened(_bytes(raw, leaf, room))
    if not data or depth >= DEPTH:
        mail.blame(ENCRYPTED if kind in ("", "enveloped") else f"{kind} (S/MIME), cannot be read")
        yield leaf
        return
    inner = outline(data)
    for defect in inner.defects:
        if defect != "no headers":
            mail.blame(defect)
    for one in inner.leaves:
        own = replace(one, data=data, within=leaf.within, parents=(*leaf.parents, *one.parents))
        yield from _opened(data, mail, own, room, depth + 1)


def files(leaves: Sequence[Part]) -> list[Part]:
    """Those of the leaves that are files."""
    return [leaf for leaf in leaves if not is_body(leaf)]
