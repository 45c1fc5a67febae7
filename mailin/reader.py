"""A mail's raw bytes become an `InboundMail`: what it says, bounded before it is parsed, whatever it is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from handlers.model.mail import Attachment, Claims, InboundMail, Language, ServiceNames
from mailin.attachments import attachment, decoded
from mailin.charsets import charset_known, decode_loose
from mailin.claims import claims_of
from mailin.intent import intent_of
from mailin.language import language_of
from mailin.markup import text_of_html
from mailin.mime import Outline, Part, outline
from mailin.quotes import Visible, visible
from mailin.robots import automatic
from mailin.text import clean, unflow
from mailin.words import header_words, mailbox, message_ids

# Larger mails are better read in a thread: their attachments are decoded and hashed, 5 ms for a megabyte.
INLINE_BYTES = 64 * 1024
TEXT_BYTES = 192 * 1024  # encoded bytes of a text part that are looked at
TEXT_PARTS = 5
TEXT_LENGTH = 20_000
READ_LENGTH = 60_000  # characters in which quotes are looked for
ATTACHMENTS = 50
REFERENCES = 50
RECIPIENTS = 100
MISSING = "missing"
BODY_TYPES = {"text/plain", "text/html", "text/enriched"}


def understand(
    raw: bytes,
    *,
    services: Sequence[ServiceNames],
    received_at: datetime,
    mail_from: str | None = None,
    recipients: Sequence[str] = (),
) -> InboundMail:
    """All that a mail says. Never raises: what cannot be read becomes a value with defects.

    `mail_from` is the envelope sender ("" for bounces); None means that it is not known, and Return-Path is believed.
    Read mails above `INLINE_BYTES` in a thread.
    """
    try:
        return _understand(raw, services, received_at, mail_from, recipients)
    except Exception as error:  # a stranger's bytes must not stop the desk; the kind of the error is shown to staff
        return _unreadable(raw, received_at, mail_from or "", recipients, type(error).__name__)


def _understand(
    raw: bytes, services: Sequence[ServiceNames], at: datetime, mail_from: str | None, recipients: Sequence[str]
) -> InboundMail:
    mail = outline(raw)
    headers = mail.headers
    name, address = _sender(mail)
    returned = _return_path(mail) if mail_from is None else mail_from
    subject = header_words(headers.first("subject"))
    ours = [box for service in services for box in service.mailboxes]
    shown, files = _contents(raw, mail)
    sent_to = tuple(recipients)[:RECIPIENTS] or _addressed(mail)
    claims = claims_of(subject, shown.text, services, sent_to)
    wish = intent_of(subject, shown.text)
    return InboundMail(
        message_id=_message_id(raw, mail, address),
        received_at=at,
        mail_from=clean(returned or "")[:320],
        recipients=tuple(clean(recipient)[:320] for recipient in recipients)[:RECIPIENTS],
        from_address=address,
        from_name=name,
        reply_to=mailbox(headers.first("reply-to"))[1],
        subject=subject,
        automatic=automatic(mail, address, returned, subject, ours),
        origin=None,
        language=_language(mail, subject, shown.text, services, claims),
        intent=wish.intent,
        confidence=wish.confidence,
        because=wish.because,
        claims=claims,
        text=shown.text,
        hidden_lines=shown.hidden_lines,
        attachments=files,
        defects=tuple(mail.defects[:20]),
        references=_references(mail),
    )


def _sender(mail: Outline) -> tuple[str, str]:
    values = mail.headers.every("from")
    if len(values) > 1:
        mail.blame("several From fields, the first one read")
    name, address = mailbox(values[0]) if values else ("", "")
    if not address:
        mail.blame("no sender address" if values else "no From field")
    return name, address


def _return_path(mail: Outline) -> str | None:
    value = mail.headers.first("return-path").strip()
    if not value:
        return None
    return "" if value == "<>" else mailbox(value)[1] or None


def _addressed(mail: Outline) -> tuple[str, ...]:
    fields = [value for name in ("delivered-to", "x-original-to", "to", "cc") for value in mail.headers.every(name)]
    found = [mailbox(piece)[1] for value in fields[:10] for piece in value[:4000].split(",")[:20]]
    return tuple(address for address in found if address)


def _message_id(raw: bytes, mail: Outline, address: str) -> str:
    found = message_ids(mail.headers.first("message-id"))
    given = clean(found[0]) if found else mail.headers.first("message-id").strip()
    if given and " " not in given and len(given) <= 250 and given.isprintable():
        return given
    mail.blame("no Message-ID")
    digest = hashlib.sha256()
    for value in (address, mail.headers.first("date"), mail.headers.first("subject")):
        digest.update(value.encode("utf-8", "replace") + b"\0")
    digest.update(memoryview(raw)[mail.body_start :])
    return f"sha256-{digest.hexdigest()}@{MISSING}"


def _references(mail: Outline) -> tuple[str, ...]:
    ids = message_ids(mail.headers.first("references")) + message_ids(mail.headers.first("in-reply-to"))
    return tuple(dict.fromkeys(clean(found) for found in ids))[-REFERENCES:]


def _language(mail: Outline, subject: str, text: str, services: Sequence[ServiceNames], claims: Claims) -> Language:
    house: Language = next((service.language for service in services if service.id == claims.service), "")
    return language_of(f"{subject}\n{text}", mail.headers.first("content-language"), house)


def _contents(raw: bytes, mail: Outline) -> tuple[Visible, tuple[Attachment, ...]]:
    """The visible text, and every leaf that is not part of it."""
    bodies = [
        leaf
        for leaf in mail.leaves
        if leaf.type in BODY_TYPES and leaf.disposition != "attachment" and not leaf.filename
    ]
    files = [leaf for leaf in mail.leaves if leaf not in bodies]
    if len(files) > ATTACHMENTS:
        mail.blame("too many attachments, the rest not read")
    if (
        any(leaf.type in {"application/pkcs7-mime", "application/x-pkcs7-mime"} for leaf in files)
        or "encrypted" in mail.type
    ):
        mail.blame("encrypted, not read")
    return _shown(raw, mail, bodies), tuple(attachment(raw, leaf) for leaf in files[:ATTACHMENTS])


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
    return decode_loose(b"".join(decoded(raw, leaf, TEXT_BYTES)), charset)


def _joined(parts: Sequence[Visible]) -> Visible:
    text = "\n\n".join(part.text for part in parts if part.text)
    return Visible(text[:TEXT_LENGTH], sum(part.hidden_lines for part in parts))


def _unreadable(raw: bytes, at: datetime, mail_from: str, recipients: Sequence[str], reason: str) -> InboundMail:
    return InboundMail(
        message_id=f"sha256-{hashlib.sha256(raw).hexdigest()}@{MISSING}",
        received_at=at,
        mail_from=clean(mail_from)[:320],
        recipients=tuple(clean(recipient)[:320] for recipient in recipients)[:RECIPIENTS],
        from_address="",
        from_name="",
        reply_to="",
        subject="",
        automatic=None,
        origin=None,
        language="",
        intent="other",
        confidence=0.0,
        because=(),
        claims=Claims(),
        text="",
        hidden_lines=0,
        attachments=(),
        defects=(f"cannot be read ({reason})",),
        references=(),
    )
