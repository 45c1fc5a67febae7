"""A mail's raw bytes become an `InboundMail`: what it says, bounded before it is parsed, whatever it is made of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from handlers.model.mail import Claims, InboundMail, Language, ServiceNames
from mailin.bounces import bounce_of
from mailin.claims import claims_of
from mailin.contents import contents
from mailin.intent import intent_of
from mailin.language import language_of
from mailin.mime import Outline, outline
from mailin.robots import automatic
from mailin.text import clean
from mailin.tricks import tricks
from mailin.words import header_words, mailbox, message_ids, several_mailboxes

REFERENCES = 50
RECIPIENTS = 100
BECAUSE_LENGTH = 80  # of each of the words that decided, which are the writer's
SURE = 0.6  # a wish less likely may be guessed from a machine's words
MISSING = "missing"
ANSWER = re.compile(r"\s*(?:re|ref|rép|fwd?|tr|ynt|cvp|ilt|i̇lt|iletilen|aw|sv)\s*(?:\[\d+\])?\s?:", re.IGNORECASE)


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
    Long HTML takes 10 ms, a megabyte of attachments 5 ms; the desk does it in a process apart (`mailin.apart`).
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
    shown, files = contents(raw, mail)
    sent_to = tuple(recipients)[:RECIPIENTS] or _addressed(mail)
    own_subject = _own_subject(mail, subject)
    wish = intent_of(own_subject, shown.text)
    changes = wish.intent == "address_change"
    claims = claims_of(own_subject, shown.text, services, sent_to, address, changes)
    reply_to = mailbox(headers.first("reply-to"))[1]
    robot = automatic(
        mail,
        sender=address,
        reply_to=reply_to,
        mail_from=returned,
        subject=subject,
        text=shown.text,
        whole=shown.whole,
        asks=wish.intent != "other" and wish.confidence >= SURE,
        ours=ours,
    )
    return InboundMail(
        message_id=_message_id(raw, mail, address),
        received_at=at,
        mail_from=clean(returned or "")[:320],
        recipients=tuple(clean(recipient)[:320] for recipient in recipients)[:RECIPIENTS],
        from_address=address,
        from_name=name,
        reply_to=reply_to,
        subject=subject,
        automatic=robot,
        origin=None,
        language=_language(mail, own_subject, shown.text, services, claims),
        intent=wish.intent,
        confidence=wish.confidence,
        because=tuple(words[:BECAUSE_LENGTH] for words in wish.because),
        claims=claims,
        text=shown.text,
        hidden_lines=shown.hidden_lines,
        whole=shown.whole,
        attachments=files,
        defects=tuple(mail.defects[:20]),
        references=_references(mail),
        tricks=tricks(name, address, returned or "", services),
        bounce=bounce_of(raw, mail, subject, ours) if robot and robot.kind == "bounce" else None,
    )


def _own_subject(mail: Outline, subject: str) -> str:
    """The subject, unless it is that of the mail which is answered: then somebody else wrote it."""
    answers = mail.headers.first("in-reply-to") or mail.headers.first("references")
    return "" if answers and ANSWER.match(subject) else subject


def _sender(mail: Outline) -> tuple[str, str]:
    values = mail.headers.every("from")
    if len(values) > 1 or any(map(several_mailboxes, values)):
        mail.blame("several senders, none believed")
        return "", ""
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
    given = clean(found[0] if found else mail.headers.first("message-id").strip())
    if given and " " not in given and len(given) <= 250 and given.isprintable():
        return given
    mail.blame("no Message-ID")
    digest = hashlib.sha256()
    for value in (address, mail.headers.first("date"), mail.headers.first("subject")):
        digest.update(value.encode("utf-8", "replace") + b"\0")
    digest.update(raw[mail.body_start :].translate(None, b" \t\r\n"))  # servers on the way add and drop blanks
    return f"sha256-{digest.hexdigest()}@{MISSING}"


def _references(mail: Outline) -> tuple[str, ...]:
    ids = message_ids(mail.headers.first("references")) + message_ids(mail.headers.first("in-reply-to"))
    return tuple(dict.fromkeys(clean(found) for found in ids))[-REFERENCES:]


def _language(mail: Outline, subject: str, text: str, services: Sequence[ServiceNames], claims: Claims) -> Language:
    house: Language = next((service.language for service in services if service.id == claims.service), "")
    return language_of(f"{subject}\n{text}", mail.headers.first("content-language"), house)


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
