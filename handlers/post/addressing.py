"""Our own addresses and Message-IDs: a case or a letter with a keyed tag, so that replies and bounces find it.

A case number alone is never enough (DESIGN 4.8): it is on paper and in subjects, where anybody can read it. The tag
belongs to one service, one case or letter and one use, and cannot be guessed. Mail systems may change the case of
letters on the way, so everything that carries meaning here is read in lower case.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Literal

from handlers.configuration.services import own_mailbox
from handlers.desk import Desk
from handlers.model.document import Value
from handlers.model.outbox import Letter
from handlers.model.service import Service

Kind = Literal["plain", "reply", "bounce"]

_LETTER = {"reply": "c", "bounce": "b"}
_KINDS: dict[str, Kind] = {"c": "reply", "b": "bounce"}
_SHORT = 16
"""Characters of an address's tag: 80 bits, and room is left for the mailbox's own name."""

_OURS = re.compile(r"(?P<box>.+)\+(?P<kind>[cb])-(?P<about>[a-z][0-9a-z]{1,30})-(?P<tag>[a-z2-7]{16})", re.ASCII)
_MESSAGE_ID = re.compile(
    r"<?(?P<case>[a-z][0-9a-z]{1,30})\.(?P<letter>[a-z2-7]{20})\.(?P<tag>[a-z2-7]{20})@.+", re.ASCII
)
NO_CASE = "a0"
"""Stands in the Message-ID of an acknowledgement in the place of a case."""

_LONGEST = 320  # a local part of 64, an @ and a domain of 255 (RFC 5321 4.5.3.1)


class Addressed(Value, frozen=True, kw_only=True):
    """Whom an address of ours means: a service's mailbox, a case's address for replies, or a letter's for bounces."""

    service: Service
    kind: Kind
    case_id: str = ""
    letter_id: str = ""


def reply_address(desk: Desk, service: Service, case_id: str) -> str:
    """Where the customer's answers to a letter go: a mailbox of the service's with the case and its tag."""
    return _tagged(desk, service, case_id, "reply")


def answer_address(desk: Desk, service: Service, letter: Letter) -> str:
    """Where answers to a letter go. An acknowledgement names no case: which one a mail went to tells what we know."""
    plain = letter.kind == "acknowledgement" or not letter.case
    return service.mailboxes[0] if plain else reply_address(desk, service, letter.case)


def bounce_address(desk: Desk, service: Service, letter_id: str) -> str:
    """Where a letter that cannot be delivered comes back to (VERP): the letter itself, and not any of its case."""
    return _tagged(desk, service, letter_id, "bounce")


def message_id(desk: Desk, service: Service, letter: Letter) -> str:
    """The letter's Message-ID, in angle brackets: the same at every attempt, so that a second one is recognised."""
    own = desk.vault.tag("letter", letter.id)
    case = NO_CASE if letter.kind == "acknowledgement" or not letter.case else _compact(letter.case)
    _, sender = parseaddr(service.sender)
    return f"<{case}.{own}.{desk.vault.tag('message id', f'{case} {own}')}@{sender.rpartition('@')[2]}>"


def read_address(desk: Desk, address: str) -> Addressed | None:
    """Whom a recipient means, or None when it is not ours; costs one digest per key at most and never raises."""
    if len(address) > _LONGEST:
        return None
    service = desk.services.by_mailbox(address)
    if service:
        return Addressed(service=service, kind="plain")
    local, _, domain = address.lower().rpartition("@")
    found = _OURS.fullmatch(local)
    service = desk.services.by_mailbox(f"{found['box']}@{domain}") if found else None
    if found is None or service is None:
        return None
    kind = _KINDS[found["kind"]]
    if not desk.vault.tag_matches(f"{kind} address", f"{service.id} {found['about']}", found["tag"], _SHORT):
        return None
    id = _id(found["about"])
    named = {"letter_id": id} if kind == "bounce" else {"case_id": id}
    return Addressed(service=service, kind=kind, **named)


def read_message_id(desk: Desk, text: str) -> str | None:
    """The case of one of our own Message-IDs, with or without angle brackets, or None when we did not write it."""
    found = _MESSAGE_ID.fullmatch(text.lower()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    ours = desk.vault.tag_matches("message id", f"{found['case']} {found['letter']}", found["tag"])
    return _id(found["case"]) if ours else None


def accepts(desk: Desk, address: str) -> bool:
    """Whether mail to `address` is ours to take: a configured mailbox, or a reply or bounce address we made."""
    return read_address(desk, address) is not None


def _tagged(desk: Desk, service: Service, id: str, kind: Literal["reply", "bounce"]) -> str:
    local, _, domain = (own_mailbox(service) or service.mailboxes[0]).rpartition("@")
    about = _compact(id)
    tag = desk.vault.tag(f"{kind} address", f"{service.id} {about}", _SHORT)
    return f"{local}+{_LETTER[kind]}-{about}-{tag}@{domain}"


def _compact(id: str) -> str:
    """`R-7F3K2M` as `r7f3k2m`; raises ValueError for what would not come back as it was."""
    compact = id.replace("-", "").lower()
    if _id(compact) != id:
        raise ValueError("An id is a capital letter, a hyphen, and capital letters and digits.")
    return compact


def _id(compact: str) -> str:
    return f"{compact[:1]}-{compact[1:]}".upper()
