"""What a mail holds: the words its writer wrote, and the files that came along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from handlers.model.mail import Attachment
from mailin.attachments import attachment, decoded
from mailin.charsets import charset_known, decode_body
from mailin.markup import text_of_html
from mailin.mime import Outline, Part
from mailin.quotes import Visible, visible
from mailin.text import clean, unflow

TEXT_BYTES = 192 * 1024  # encoded bytes of a text part that are looked at
TEXT_PARTS = 5
TEXT_LENGTH = 20_000
READ_LENGTH = 60_000  # characters in which quotes are looked for
ATTACHMENTS = 50
BODY_TYPES = {"text/plain", "text/html", "text/enriched"}
ENCRYPTED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


class Contents(NamedTuple):
    """The visible text with the count of hidden lines, and the files."""

    shown: Visible
    files: tuple[Attachment, ...]


def contents(raw: bytes, mail: Outline) -> Contents:
    """The visible text, and every leaf that is not part of it; what is wrong is noted on the outline."""
    bodies = [leaf for leaf in mail.leaves if _is_body(leaf)]
    files = _files(mail)
    if len(files) > ATTACHMENTS:
        mail.blame("too many attachments, the rest not read")
    if any(leaf.type in ENCRYPTED for leaf in files) or "encrypted" in mail.type:
        mail.blame("encrypted, not read")
    return Contents(_shown(raw, mail, bodies), tuple(attachment(raw, leaf) for leaf in files[:ATTACHMENTS]))


def file_bytes(raw: bytes, mail: Outline, wanted: int) -> Iterator[bytes]:
    """The decoded bytes, in pieces, of the file at `wanted` in what `contents` lists; none when there is none."""
    files = _files(mail)[:ATTACHMENTS]
    return decoded(raw, files[wanted]) if 0 <= wanted < len(files) else iter(())


def _files(mail: Outline) -> list[Part]:
    return [leaf for leaf in mail.leaves if not _is_body(leaf)]


def _is_body(leaf: Part) -> bool:
    return leaf.type in BODY_TYPES and leaf.disposition != "attachment" and not leaf.filename


def _shown(raw: bytes, mail: Outline, bodies: list[Part]) -> Visible:
    """What the writer wrote: in plain text if the mail has it, else in HTML."""
    plain = [leaf for leaf in bodies if leaf.type != "text/html"][:TEXT_PARTS]
    html = [leaf for leaf in bodies if leaf.type == "text/html"][:TEXT_PARTS]
    from_plain = [visible(_plain(raw, mail, leaf)) for leaf in plain]
    if not any(part.text for part in from_plain) and html:
        return _joined([_from_html(_decode(raw, mail, leaf)) for leaf in html])
    return _joined(from_plain)


def _plain(raw: bytes, mail: Outline, leaf: Part) -> str:
    text = clean(_decode(raw, mail, leaf))
    if leaf.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, leaf.parameters.get("delsp", "").lower() == "yes")
    if len(text) > READ_LENGTH:
        mail.blame("the text is too long, cut")
    return text[:READ_LENGTH]


def _from_html(html: str) -> Visible:
    text, hidden = text_of_html(html)
    shown = visible(clean(text)[:READ_LENGTH])  # entities may spell what was cleaned from the source
    return Visible(shown.text, shown.hidden_lines + hidden)


def _decode(raw: bytes, mail: Outline, leaf: Part) -> str:
    charset = leaf.parameters.get("charset", "")
    if not charset_known(charset):
        mail.blame("an unknown charset, guessed")
    if leaf.end - leaf.start > TEXT_BYTES:
        mail.blame("the text is too long, cut")
    return decode_body(b"".join(decoded(raw, leaf, TEXT_BYTES)), charset)


def _joined(parts: Sequence[Visible]) -> Visible:
    text = "\n\n".join(part.text for part in parts if part.text)
    return Visible(text[:TEXT_LENGTH], sum(part.hidden_lines for part in parts))
