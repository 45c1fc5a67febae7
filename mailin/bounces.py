"""What a delivery report says: for whom the letter was, what became of it (RFC 3464, RFC 6533), and the server's words.

Reports in a form of their own (qmail, Exim, providers' plain mails) are read for an SMTP reply with its enhanced status
code (RFC 3463), else for the words that say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from handlers.model.mail import Bounce
from mailin.attachments import decoded
from mailin.charsets import decode_body
from mailin.lexicon import patterns
from mailin.markup import text_of_html
from mailin.mime import Outline, Part, read_headers
from mailin.text import fold, one_line
from mailin.words import ADDRESS, header_words, mailbox

STATUS_BYTES = 32 * 1024
TEXT_BYTES = 32 * 1024
TEXT_LENGTH = 6000  # a report says early what happened; the returned letter comes behind
RECIPIENTS = 100  # of one report
SAID_LENGTH = 200
STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
RETURNED_TYPES = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
CLASSES = {"failed": "5", "delayed": "4", "delivered": "2", "relayed": "2", "expanded": "2"}
"""What an action makes of a status: a server that gave up after days reports a failure with the code it waited for."""

BLANK = re.compile(r"\n[ \t]*\n")
FIELD = re.compile(
    r"^((?:original|final)-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.*(?:\n[ \t]+.*)*)", re.I | re.M
)
STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
REPLY = re.compile(r"(?<![\d.])([245])\d\d[ \-]{1,3}#?(?:\1(\.\d{1,3}\.\d{1,3})(?![.\d]))?")
LONE_STATUS = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?![\d.]*\d)")
UTF8_LETTER = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 3
COPY = re.compile(
    r"\n[ \t>*_-]*(?:below this line is a copy|this is a copy of|-+ ?original message"
    r"|original message (?:headers|follows)|message original"
    r"|en-tetes? (?:du|de) message|orijinal (?:ileti|mesaj)|received: from )"
)
_WORDS = patterns("bounces.toml")
_LATER = patterns("robots.toml")["delay"]
_ARRIVED = patterns("robots.toml")["arrived"]


class _Fate(NamedTuple):
    """What became of the letter for one recipient."""

    status: str
    recipient: str
    said: str


def bounce_of(raw: bytes, mail: Outline, subject: str, ours: Sequence[str]) -> Bounce:
    """What a mail that is a bounce says of the worst of its recipients; empty where it says nothing.

    The class of `status` tells what became of the letter: 5 it failed, 4 it is late, 2 it arrived or went on.
    `recipient` is the address the letter was for, rather than one it was passed on to. `ours` are our mailboxes.
    """
    text = _text(raw, mail)
    fates = _fates(_status_text(raw, mail) or (text if "final-recipient" in text.lower() else ""))
    found = max(fates, key=lambda fate: "245".find(fate.status[:1])) if fates else _from_text(subject, text)
    recipient = found.recipient or _recipient(raw, mail, text, {address.lower() for address in ours})
    return Bounce(status=found.status, recipient=recipient[:320], said=one_line(found.said)[:SAID_LENGTH])


def _status_text(raw: bytes, mail: Outline) -> str:
    part = next((leaf for leaf in mail.leaves if leaf.type in STATUS_TYPES), None)
    return _decode(raw, part, STATUS_BYTES) if part else ""


def _decode(raw: bytes, part: Part, most: int) -> str:
    text = decode_body(b"".join(decoded(raw, part, most)), part.parameters.get("charset", ""))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(raw: bytes, mail: Outline) -> str:
    """What the report says to people, without the letter that it returns."""
    pieces = []
    for kind in ("text/plain", "text/html"):
        parts = [leaf for leaf in mail.leaves if leaf.type == kind and leaf.disposition != "attachment"][:2]
        pieces = [_decode(raw, leaf, TEXT_BYTES) for leaf in parts]
        pieces = [text_of_html(piece) if kind == "text/html" else piece for piece in pieces]
        if any(piece.strip() for piece in pieces):
            break
    text = "\n".join(pieces)
    copied = COPY.search(fold(text))
    return text[: copied.start() if copied else TEXT_LENGTH][:TEXT_LENGTH]


def _fates(text: str) -> list[_Fate]:
    """The recipients of a delivery status, each with its fields; the first block is of the report as a whole."""
    blocks = (dict(reversed(FIELD.findall(block))) for block in BLANK.split(text)[: 2 * RECIPIENTS])
    fates = ({name.lower(): " ".join(value.split()) for name, value in block.items()} for block in blocks)
    return [_fate(fields) for fields in fates if "action" in fields or "status" in fields]


def _fate(fields: dict[str, str]) -> _Fate:
    said = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    action = fields.get("action", "").lower().split(" ")[0]
    named = STATUS.search(fields.get("status", ""))
    status = named[0] if named else ""
    if not status or status.endswith(".0.0"):
        better = _code(said, CLASSES.get(action, status[:1]))
        status = better if better and not better.endswith(".0.0") else status or better
    if action in CLASSES:
        status = CLASSES[action] + (status[1:] or ".0.0")
    given = (fields.get(name, "") for name in ("original-recipient", "final-recipient"))
    recipient = next((address for address in map(_recipient_of, given) if address), "")
    return _Fate(status, recipient, said)


def _recipient_of(field: str) -> str:
    """The address of `rfc822;marie@clients.example`; sent as UTF-8 or as xtext, as some servers leave it."""
    kind, semicolon, value = field.partition(";")
    address = (value if semicolon else kind).strip().strip("<>")
    address = UTF8_LETTER.sub(lambda match: chr(int(match[1], 16) % 0x110000), address)
    return mailbox(address.replace("+2B", "+").replace("+3D", "="))[1]


def _from_text(subject: str, text: str) -> _Fate:
    """What a report without fields says: its subject and its words."""
    folded = fold(f"{subject}\n{text}")
    level = "4" if _LATER.search(folded) else "2" if _ARRIVED.search(folded) else "5"
    status = _code(text, level) or _code(subject, level)
    return _Fate(level + status[1:] if status else "" if level == "5" else f"{level}.0.0", "", _said(text))


def _code(text: str, level: str) -> str:
    """The enhanced status code that a text has or means, of this class where it has none; or an empty string."""
    for match in REPLY.finditer(text):
        if match[2]:
            return match[1] + match[2]
    lone = LONE_STATUS.search(text)
    if lone:
        return lone[1]
    folded = fold(text)
    meant = next((code for code, words in _WORDS.items() if words.search(folded)), "")
    return f"{level or '5'}.{meant}" if meant else ""


def _said(text: str) -> str:
    """The server's words in a text: from its reply to the end of the paragraph, else the first line that says why."""
    reply = REPLY.search(text)
    if reply:
        line = text[text.rfind("\n", 0, reply.start()) + 1 :].partition("\n")[0]
        behind = text[reply.end() :].partition("\n\n")[0]
        return reply[0] + behind if any(map(str.isalpha, behind.partition("\n")[0])) else line
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return next((line for line in lines if any(words.search(fold(line[:400])) for words in _WORDS.values())), "")


def _recipient(raw: bytes, mail: Outline, text: str, own: set[str]) -> str:
    """The recipient that a report names elsewhere: in a field, in its words, or in the letter that it returns."""
    return next((address for address in _named(raw, mail, text) if not _is_a_servers(address, own)), "")


def _named(raw: bytes, mail: Outline, text: str) -> Iterator[str]:
    yield mailbox(mail.headers.first("x-failed-recipients"))[1]
    yield from (mailbox(match[0].strip(".'`"))[1] for match in ADDRESS.finditer(text))
    for leaf in mail.leaves:
        if leaf.type in RETURNED_TYPES:
            headers, _, _ = read_headers(raw, leaf.start, leaf.end)
            yield mailbox(header_words(headers.first("to")))[1]


def _is_a_servers(address: str, own: set[str]) -> bool:
    local, _, domain = address.lower().partition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return not address or plain in own or patterns("robots.toml")["daemon"].fullmatch(fold(local)) is not None
