"""What cards, lists and dialogs call things: one table per closed list of the model."""

from __future__ import annotations

from handlers.model.account import Factor
from handlers.model.address_change import ChangeState
from handlers.model.case import Reason, State
from handlers.model.evidence import Weight
from handlers.model.grant import GrantKind
from handlers.model.mail import FileVerdict, Grade, Intent
from handlers.model.outbox import AlertKind
from handlers.model.paper import Outcome, Scan
from handlers.model.service import PieceName, Statement, Subject
from handlers.paperwork import attached
from handlers.rules import proposals

ASKED: dict[Intent, str] = {
    "password_reset": "Password reset",
    "hosting_password": "Hosting password",
    "access_code": "Access code",
    "second_factor": "Second factor",
    "address_change": "Change of address",
    "close_account": "Closing the account",
    "reactivate_account": "Reopening the account",
    "documents": "Documents",
    "other": "Something else",
}
UNCLEAR = "Unclear request"
"""What stands in the place of a wish that the desk is not sure of."""

CHOSEN: dict[str, str] = {intent: f"{said[:1].lower()}{said[1:]}" for intent, said in ASKED.items()}
"""A wish that staff chose, within a sentence."""

STATES: dict[State, tuple[str, str, str]] = {
    "new": ("🆕", "New", "nobody has taken this yet"),
    "claimed": ("🙋", "Taken", "somebody is on it"),
    "issued": ("📨", "Sent", "the customer has a letter and has not used it yet"),
    "opened": ("👀", "Opened", "the customer is on the page"),
    "redeemed": ("✅", "Done", "the customer has what was asked for"),
    "expired": ("⌛", "Expired", "not used in time"),
    "undelivered": ("📪", "Not delivered", "the letter did not arrive"),
    "refused": ("⛔", "Refused", "staff closed it"),
    "waiting": ("⏳", "Waiting", "the customer has to send something"),
    "review": ("🔎", "To review", "documents are there to be judged"),
    "pending": ("👥", "Pending", "it needs other people's approval, or the customer's time to object"),
    "cancelled": ("↩️", "Cancelled", "the customer took the request back"),
    "frozen": ("🧊", "Frozen", "somebody said “it was not me”; nothing goes out"),
}
"""An emoji, the word, and what it means right now."""

GRADES: dict[Grade, str] = {
    "proven": "📬 {} {}",
    "partial": "📬 {} {}",
    "unproven": "❔ {} {}",
    "failed": "🚫 *{}* {}",
    "unknown": "❔ {} {}",
}
"""How what a mail proves of its domain, and what follows, stand on a card."""

WEIGHTS: dict[Weight, tuple[str, str]] = {
    "for": ("✅", "For"),
    "against": ("⚠️", "Against"),
    "neutral": ("ℹ️", "Worth knowing"),
}
GRANTS: dict[GrantKind, str] = {
    "link": "Reset link",
    "code": "One-time code",
    "temporary": "Temporary password",
    "address": "Code that confirms the new address",
    "second_factor": "Link that resets the second factor",
    "reactivation": "Link that reopens the account",
}
MAILED: dict[GrantKind, tuple[str, ...]] = {
    "link": ("link.issued",),
    "code": ("code.issued", "code.resent"),
    "temporary": ("temporary.issued",),
    "address": ("action.proposed",),
    "second_factor": ("second_factor.reset_issued",),
    "reactivation": ("reactivation.issued",),
}
"""The events that mail one."""

DONE: dict[GrantKind, str] = {
    "link": "the customer has a new password",
    "code": "the customer has a new password",
    "temporary": "the customer has a new password",
    "address": "the account has its new address",
    "second_factor": "the second factor is reset",
    "reactivation": "the account is open again",
}
"""What a case that is done came to, by what the customer used."""

REASONS: dict[Reason, str] = {
    "not_the_owner": "The writer is not the owner",
    "no_account": "There is no such account",
    "not_a_recovery": "Handled elsewhere, or not about lost access",
    "insufficient_evidence": "Too little speaks for the writer",
    "documents_in_doubt": "There is a doubt about the documents",
    "account_purged": "The account and its data are deleted",
    "suspicious": "Something looks wrong",
    "other": "Another reason",
}
CHANGES: dict[ChangeState, str] = {
    "proposed": "Change of address proposed",
    "waiting": "Change of address agreed, not done yet",
    "changed": "Address changed",
    "final": "Address changed for good",
    "stopped": "Change of address stopped",
    "undone": "Change of address undone",
    "refused": "Change of address refused",
}
PIECES: dict[PieceName, str] = {
    "identity": "Identity document",
    "kbis": "Register extract (Kbis)",
    "statutes": "Statutes",
    "letter": "Signed letter",
}
SUBJECTS: dict[Subject, str] = {
    "name": "the account holder's name",
    "company": "the company's name",
    "association": "the association's name",
    "president": "the president's name",
}
"""Whose name stands on a document."""

SCANS: dict[Scan, str] = {
    "clean": "scanned, nothing found",
    "infected": "☣️ *infected, do not open*",
    "not_scanned": "*not scanned* for viruses",
}
FILE_VERDICTS: dict[FileVerdict, str] = attached.VERDICTS | {"plausible": "a document by its bytes, not scanned"}
"""What the bytes of an attachment show."""

OUTCOMES: dict[Outcome, str] = {
    "accepted": "accepted",
    "unreadable": "unreadable",
    "incomplete": "incomplete",
    "too_old": "too old",
    "differs": "differs from the record",
    "doubtful": "doubtful",
}
VERDICTS: dict[Outcome, str] = {
    "accepted": "Accepted: readable, whole, and of whom it should be",
    "unreadable": "Unreadable (asked for once more)",
    "incomplete": "Incomplete or not there (asked for once more)",
    "too_old": "Too old (asked for once more)",
    "differs": "Differs from the record or the request (ends the request)",
    "doubtful": "Doubtful (ends the request)",
}
"""What a reviewer chooses from; 75 characters at most."""

STATEMENTS: dict[Statement, str] = {
    "wish": "the wish to have the account back",
    "reason": "the reason",
    "new_address": "the new address",
    "address_change": "that the address shall change",
    "new_access": "that access is asked for",
    "president": "who the president is",
}
FILES = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/heic": "HEIC"}
LANGUAGES = {"fr": "French", "en": "English", "tr": "Turkish"}
KINDS = {"individual": "private person", "company": "company", "association": "association"}

DEEDS: dict[str, str] = dict(proposals.DEEDS.items())
"""What was proposed or approved, in a sentence; also what the history's details say."""

BY_NOBODY = {
    "case.opened": "A mail in the customer's name asked for help",
    "case.continued": "Another mail in the customer's name came",
}
"""What the history says of a mail that its domain disowns: nobody knows who wrote it."""

WITH_DEEDS = ("action.proposed", "action.approved")
TOLD_WHOLE = (
    *("information.asked", "information.given", "documents.received"),
    *("letter.failed", "letter.bounced", "letter.delayed", "mail.shown", "mail.checked"),
)
"""Steps whose details the desk itself wrote, in words for a card."""

ALERTS: dict[AlertKind, str] = {
    "frozen": "🧊 *Frozen:* case {where}. Somebody said “it was not me”. Nothing goes out until somebody "
    "else lifts it.",
    "document_reused": "🚨 *Same document, another account:* case {where}. A document of it was sent for another "
    "account before. Look closely before you go on.",
    "approval_wanted": "👥 *{missing} wanted* for {what}: case {where}. Nobody approves their own case.",
}

FACTORS: dict[Factor, str] = {
    "": "",
    "totp": "second factor: authenticator app",
    "mail": "second factor: code by mail",
    "unusable": "second factor: imported key that cannot be checked",
}
"""What a sign-in asks for besides the password."""
