"""The audit trail's entries and the closed list of their names."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from handlers.model.document import Document

EVENTS = {
    "trail.begun": "began the trail",
    "case.opened": "asked for help",
    "case.continued": "wrote again",
    "case.claimed": "claimed the case",
    "case.noted": "noted why",
    "case.refused": "refused the request",
    "action.denied": "was refused an action",
    "link.issued": "sent a reset link",
    "link.opened": "began on the reset page",
    "link.expired": "saw the reset link run out unused",
    "code.issued": "sent a one-time code",
    "code.resent": "asked for a new code",
    "code.wrong": "typed a wrong code",
    "code.verified": "typed the right code",
    "code.expired": "saw the code run out unused",
    "grant.replaced": "replaced an older grant",
    "password.changed": "set a new password",
    "letter.sent": "handed a letter to the relay",
    "letter.failed": "could not deliver a letter",
    "letter.bounced": "reported that a letter came back",
    "mail.ignored": "left a machine's mail unanswered",
    "mail.set_aside": "set a mail aside that could not be processed",
    "portal.unmatched": "found no account for a request on the portal",
    "accounts.added": "added an account",
    "accounts.updated": "brought an account up to date",
    "accounts.imported": "imported accounts",
    "lookup.made": "looked something up",
}
"""Every event's name and what it says after a person's name; names are never reused."""

STEPS = frozenset(EVENTS) - {
    "trail.begun",
    "action.denied",
    "letter.sent",
    "mail.ignored",
    "mail.set_aside",
    "portal.unmatched",
    "accounts.added",
    "accounts.updated",
    "accounts.imported",
    "lookup.made",
}
"""The events that stand on a case's history as well."""


class AuditEntry(Document, frozen=True, kw_only=True):
    """One event, chained to the one before: `digest` is a keyed digest over this entry and the one before's `digest`.

    `id` is the entry's number, zero-padded to 12 digits; `key` names the key the digest was made with.
    """

    TABLE: ClassVar = "audit"
    INDEXES: ClassVar = (("case",), ("account",))

    event: str
    at: datetime
    by: str
    name: str
    case: str = ""
    account: str = ""
    service: str = ""
    detail: str = ""
    key: str
    before: str
    digest: str


class AuditHead(Document, frozen=True, kw_only=True):
    """The end of the chain: how many entries there are and the last one's digest, sealed with a digest of its own."""

    TABLE: ClassVar = "audit_head"

    count: int
    last: str
    key: str
    digest: str
