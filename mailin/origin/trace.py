"""Who handed a mail in, as the mail itself says: for mails in files, whose reader knows where they are from.

The server that took a mail writes it on top; where none did, the topmost lines are the sender's own (T2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailin.origin.content import Content
from mailin.origin.spf import Sender, plain_address

VALUE = 2000
FROM = re.compile(r"from (.*?)(?: by (\S+)|$)", re.IGNORECASE)
ADDRESS = re.compile(r"[\[(](?:ipv6:)?([0-9a-f.:]{3,45})(?:%\w+)?[\])]", re.IGNORECASE)
HELO = re.compile(r"\b(?:helo|ehlo)[= ]([^\s()\[\];]+)", re.IGNORECASE)
RETURNS = re.compile(r"\(envelope-from <([^<>\s]{0,320})>\)", re.IGNORECASE)


def sender_of(content: Content, border: str = "") -> Sender:
    """The sender by the topmost Received field with an address, or by our border's; the return path by its field."""
    mail_from = _return_path(content)
    for value in _received(content):
        found = FROM.match(value)
        if found is None or (border and (found[2] or "").lower().rstrip(";.") != border.lower()):
            continue
        peer = next((one for match in ADDRESS.finditer(found[1]) if (one := plain_address(match[1]))), "")
        if peer:
            helo = HELO.search(found[1])
            returns = RETURNS.search(value)
            return Sender(
                peer=peer,
                helo=(helo[1] if helo else found[1].split()[0]).strip("[]")[:253],
                mail_from=returns[1] if mail_from is None and returns else mail_from,
                is_hearsay=True,
            )
    return Sender(mail_from=mail_from, is_hearsay=True)


def received_at(content: Content) -> datetime | None:
    """When the topmost server took it; None where it does not say."""
    for value in _received(content):
        try:
            at = parsedate_to_datetime(value.rpartition(";")[2].strip())
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return None


def _received(content: Content) -> Iterator[str]:
    for field in content.every(b"received")[:20]:
        yield " ".join(field.text[:VALUE].decode("utf-8", "replace").split())


def _return_path(content: Content) -> str | None:
    found = content.every(b"return-path")
    text = found[0].text.decode("utf-8", "replace") if found else ""
    match = re.fullmatch(r"<?\s*([^<>\s]{0,320})\s*>?", text)
    return match[1] if match and text else None
