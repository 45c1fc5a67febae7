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
    "temporary.issued": "sent a temporary password",
    "temporary.used": "signed in with the temporary password",
    "temporary.expired": "saw the temporary password run out unused",
    "password.changed": "set a new password",
    "information.asked": "asked for account information",
    "information.given": "gave account information",
    "documents.requested": "asked for documents",
    "documents.received": "sent documents",
    "documents.reviewed": "judged the documents",
    "documents.destroyed": "destroyed the documents",
    "document.ticket_issued": "was given a ticket to look at the documents",
    "document.viewed": "looked at the documents",
    "document.reused": "found a document that was sent for another account",
    "action.proposed": "proposed",
    "action.approved": "approved",
    "address.disputed": "named another new address, which was not taken",
    "address.confirmed": "confirmed the new address",
    "address.expired": "saw the new address not confirmed in time",
    "address.waiting": "gave the old address time to object",
    "address.changed": "changed the registered address",
    "address.final": "made the new address final",
    "address.stopped": "stopped the change of address",
    "address.undone": "undid the change of address",
    "address.revealed": "looked at the full addresses",
    "second_factor.reset_issued": "sent a link that resets the second factor",
    "second_factor.reset": "reset the second factor",
    "second_factor.expired": "saw the link that resets the second factor run out unused",
    "reactivation.issued": "sent a link that reopens the account",
    "reactivation.used": "reopened the account",
    "reactivation.expired": "saw the link that reopens the account run out unused",
    "case.cancelled": "cancelled the request",
    "case.frozen": "froze the case",
    "case.lifted": "lifted the freeze",
    "case.settled": "settled the case before the account was deleted",
    "case.forgotten": "forgot what the customer wrote",
    "case.lapsed": "saw the case wait too long for the customer",
    "purge.held": "put off the deletion of the account",
    "account.frozen": "froze the account",
    "account.lifted": "lifted the account's freeze",
    "account.closed": "closed the account",
    "account.reactivated": "reopened the account by signing in",
    "account.purged": "deleted the account and its data",
    "account.signed_in": "signed in",
    "account.sign_in_failed": "failed to sign in",
    "account.code_sent": "was sent a sign-in code",
    "account.password_changed": "changed the password while signed in",
    "account.hosting_changed": "changed the hosting password",
    "account.profile_changed": "changed the account information",
    "account.factor_added": "added a second factor",
    "account.factor_removed": "removed the second factor",
    "account.factor_replaced": "signed in without the second factor, which cannot be checked any more",
    "account.recovery_code_used": "signed in with a recovery code",
    "account.recovery_codes_made": "made new recovery codes",
    "letter.sent": "handed a letter to the relay",
    "letter.failed": "could not deliver a letter",
    "letter.bounced": "reported that a letter came back",
    "letter.delayed": "reported that a letter is delayed",
    "mail.shown": "showed a mail of another sender, not trusted",
    "mail.checked": "found out what the mail proves of its sender",
    "mail.read": "read the whole mails",
    "intent.chosen": "said what the customer wants",
    "mail.ignored": "left a machine's mail unanswered",
    "mail.set_aside": "set a mail aside that could not be processed",
    "portal.unmatched": "found no account for a request on the portal",
    "accounts.added": "added an account",
    "accounts.updated": "brought an account up to date",
    "accounts.imported": "imported accounts",
    "lookup.made": "looked something up",
}
"""Every event's name and what it says after a person's name; names are never reused."""

APART = frozenset(
    {
        "trail.begun",
        "action.denied",
        "letter.sent",
        "mail.read",
        "mail.ignored",
        "mail.set_aside",
        "portal.unmatched",
        "lookup.made",
        "address.revealed",
        "document.ticket_issued",
        "document.viewed",
    }
)
STEPS = frozenset(event for event in EVENTS if event not in APART and not event.startswith(("account.", "accounts.")))
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
