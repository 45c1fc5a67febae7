"""What a mail holds: the words its writer wrote, and the files that came along."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from handlers.model.mail import Attachment
from handlers.unseen import LOOSE
from mailin.armour import unarmoured
from mailin.attachments import attachment, decoded, told_apart
from mailin.bounds import Bounds
from mailin.charsets import charset_known, decode_body
from mailin.enclosed import files as files_of
from mailin.enclosed import is_body, opened
from mailin.markup import text_of_html
from mailin.mime import Outline, Part
from mailin.quotes import Visible, same_beginning, sends_to_html, visible
from mailin.text import clean_words, unflow
from mailin.words import header_words, mailbox

TEXT_BYTES = 192 * 1024  # encoded bytes of a text part that are looked at
TEXTS_BYTES = 256 * 1024  # of all of them together
TEXT_PARTS = 5
TEXT_LENGTH = 20_000
READ_LENGTH = 60_000  # characters in which quotes are looked for, in all text parts together
ATTACHMENTS = 50
ANSWER = re.compile(
    r"\s*(?:re|rép|ref|réf|aw|sv|ynt|cvp|yan|odp|antw|rif|res|回复|отв)\s*(?:\[\d+\])?\s?:", re.IGNORECASE
)
FORWARD = re.compile(
    r"\s*(?:fwd?|tr|wg|rv|i|enc|ilt|i̇lt|iletilen|doorst|pd|vs|vb|vl|пересл)\s*(?:\[\d+\])?\s?:", re.IGNORECASE
)
QUOTE_IN_SOURCE = (
    b"gmail_quote", b"yahoo_quoted", b"<blockquote", b"RplyFwdMsg", b"appendonsend", b"moz-cite", b"protonmail_quote",
    b"zwchr", b"border-top:solid",
)  # fmt: skip
SIGNATURE_IN_SOURCE = (b"ignature", b"_-Sgn", b"_rc_sig")


class Contents(NamedTuple):
    """The visible text with the count of hidden lines, and the files."""

    shown: Visible
    files: tuple[Attachment, ...]


def contents(raw: bytes, mail: Outline) -> Contents:
    """The visible text, and every leaf that is not part of it; what is wrong is noted on the outline."""
    leaves = opened(raw, mail)
    bodies, files = [leaf for leaf in leaves if is_body(leaf)], files_of(leaves)
    if len(files) > ATTACHMENTS:
        mail.blame("too many attachments, the rest not read")
    bounds = Bounds()
    listed = told_apart([attachment(raw, leaf, bounds) for leaf in files[:ATTACHMENTS]])
    return Contents(_shown(raw, mail, bodies), listed)


def file_bytes(raw: bytes, mail: Outline, wanted: int) -> Iterator[bytes]:
    """The decoded bytes, in pieces, of the file at `wanted` in what `contents` lists; none when there is none."""
    files = files_of(opened(raw, mail))[:ATTACHMENTS]
    return decoded(raw, files[wanted]) if 0 <= wanted < len(files) else iter(())


class _Group(NamedTuple):
    """Parts that say the same: plain text, and the HTML that is its alternative."""

    plain: list[Part]
    html: list[Part]


def _groups(bodies: list[Part]) -> list[_Group]:
    groups: list[_Group] = []
    for leaf in bodies:
        alternative = "multipart/alternative" in leaf.parents
        joins = groups and alternative and groups[-1].plain and "multipart/alternative" in groups[-1].plain[0].parents
        if leaf.type != "text/html":
            groups.append(_Group([leaf], []))
        elif joins:
            groups[-1].html.append(leaf)
        else:
            groups.append(_Group([], [leaf]))
    return groups


def _shown(raw: bytes, mail: Outline, bodies: list[Part]) -> Visible:
    """What the writer wrote, of each part in plain text if the mail has it, else in HTML."""
    answers, sender = _answers(mail), mailbox(mail.headers.first("from"))[0]
    found: list[Visible] = []
    for group in _groups(bodies)[:TEXT_PARTS]:
        read = partial(visible, answers=answers, sender=sender, first=not any(part.text for part in found))
        found += _read(raw, mail, group, read, answers)
    return _joined(found)


def _answers(mail: Outline) -> bool:
    """Whether the mail says in its headers that it answers another, and does not pass one on."""
    subject = header_words(mail.headers.first("subject"))
    if FORWARD.match(subject):
        return False
    return bool(mail.headers.first("in-reply-to") or mail.headers.first("references") or ANSWER.match(subject))


def _read(raw: bytes, mail: Outline, group: _Group, read: Callable[[str], Visible], answers: bool) -> list[Visible]:
    texts = [read(_plain(raw, mail, leaf)) for leaf in group.plain]
    html = group.html[:TEXT_PARTS]
    if not html or (any(part.text for part in texts) and not sends_to_html(texts[0].text)):
        return [_marked_by(raw, mail, html[0], texts[0], read, answers)] if html and len(texts) == 1 else texts
    marked = [read(_from_html(mail, _decode(raw, mail, leaf))) for leaf in html]
    return marked if any(part.text for part in marked) or not any(part.text for part in texts) else texts


def _marked_by(
    raw: bytes, mail: Outline, leaf: Part, plain: Visible, read: Callable[[str], Visible], answers: bool
) -> Visible:
    """The plain text, cut where the HTML beside it marks a signature, or a quote that the words alone do not show."""
    if leaf.end - leaf.start > _room(mail):
        return plain
    source = (raw if leaf.data is None else leaf.data)[leaf.start : leaf.end]
    if leaf.encoding == "base64":
        source = b"".join(decoded(raw, leaf))
    telling = SIGNATURE_IN_SOURCE + (QUOTE_IN_SOURCE if answers and not plain.quotes else ())
    if not any(mark in source for mark in telling):
        return plain
    html = read(text_of_html(_decode(raw, mail, leaf))[:READ_LENGTH])
    kept = same_beginning(plain.text, html.text)
    if not kept or kept == plain.text:
        return plain
    hidden = sum(1 for line in plain.text[len(kept) :].split("\n") if line.strip())
    return plain._replace(text=kept, hidden_lines=plain.hidden_lines + hidden)


def _plain(raw: bytes, mail: Outline, leaf: Part) -> str:
    text = clean_words(_decode(raw, mail, leaf))
    if leaf.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, leaf.parameters.get("delsp", "").lower() == "yes")
    if len(text) > READ_LENGTH - mail.text_letters:
        mail.blame("the text is too long, cut")
    text, named = unarmoured(_cut(mail, text))
    for defect in named:
        mail.blame(defect)
    return text


def _from_html(mail: Outline, html: str) -> str:
    return _cut(mail, text_of_html(html))


def _cut(mail: Outline, text: str) -> str:
    """As much of a part's text as the parts before it left room for."""
    text = text[: READ_LENGTH - mail.text_letters]
    mail.text_letters += len(text)
    return text


def _decode(raw: bytes, mail: Outline, leaf: Part) -> str:
    charset = leaf.parameters.get("charset", "")
    if not charset_known(charset):
        mail.blame("an unknown charset, guessed")
    size, left = leaf.end - leaf.start, _room(mail)
    if size > left:
        mail.blame("the text is too long, cut")
    mail.text_bytes += min(size, left)
    return decode_body(b"".join(decoded(raw, leaf, left)), charset)


def _room(mail: Outline) -> int:
    """How many encoded bytes of the next text part are looked at."""
    return min(TEXT_BYTES, TEXTS_BYTES - mail.text_bytes)


def _joined(parts: Sequence[Visible]) -> Visible:
    text = "\n\n".join(part.text for part in parts if part.text)
    whole = "\n\n".join(part.whole for part in parts if part.whole)
    hidden = sum(part.hidden_lines for part in parts)
    return Visible(_bounded(text), hidden, _bounded(whole))


def _bounded(text: str) -> str:
    """The beginning of a text, no emoji in two."""
    return LOOSE.sub("", text[:TEXT_LENGTH])
