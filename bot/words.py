"""What cards, lists and dialogs call things: one table per closed list of the model."""

from __future__ import annotations

from typing import NamedTuple

from handlers.model.case import Action, Reason, State
from handlers.model.evidence import EvidenceKind, Weight
from handlers.model.grant import GrantKind
from handlers.model.mail import Intent

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
STATES: dict[State, tuple[str, str, str]] = {
    "new": ("🆕", "New", "nobody has taken this yet"),
    "claimed": ("🙋", "Taken", "somebody is on it"),
    "issued": ("📨", "Sent", "waiting for the customer"),
    "opened": ("👀", "Opened", "the customer is on the page"),
    "redeemed": ("✅", "Done", "the customer has a new password"),
    "expired": ("⌛", "Expired", "not used in time"),
    "undelivered": ("📪", "Not delivered", "the letter did not arrive"),
    "refused": ("⛔", "Refused", "staff closed it"),
    "waiting": ("⏳", "Waiting", "the customer has to send something"),
    "review": ("🔎", "To review", "documents are there to be judged"),
    "pending": ("👥", "Proposed", "waiting for approval, or for the old address to object"),
    "cancelled": ("↩️", "Cancelled", "the customer took it back"),
    "frozen": ("🧊", "Frozen", "somebody said that it was not them"),
}
"""An emoji, the word, and what it means right now."""

EVIDENCE: dict[EvidenceKind, str] = {
    "login_known": "The login named is one of ours.",
    "address_on_file": "The mail came from the address on file.",
    "address_named": "The address on file was named, but the request came from elsewhere.",
    "login_and_address_agree": "Login and address belong to the same account.",
    "login_unknown": "No account has the login named.",
    "address_not_on_file": "The address used is not the one on file.",
    "login_and_address_disagree": "The login belongs to one account, the address to another.",
    "several_accounts": "Several accounts match; none was chosen.",
    "typed_on_portal": "Typed on the portal: anybody could have.",
    "not_the_owner": "The writer says that the account is somebody else's.",
    "sender_unproven": "A sender's address can be forged.",
    "reply_elsewhere": "Replies would go to another address than the sender's.",
    "recently_changed": "The password was changed within the last 24 hours.",
    "password_known": "The customer gave the account's password at sign-in.",
    "documents_accepted": "All the documents that were asked for were accepted.",
    "document_reused": "The same document was sent for another account.",
    "new_address_doubtful": "The new address looks like the one on file, and is not.",
    "account_closed": "The account is closed: signing in reopens it.",
    "account_purged": "An account with these particulars was deleted with its data; nothing can be brought back.",
}
NO_ACCOUNT: dict[EvidenceKind, str] = {"address_not_on_file": "No account has this address."}
"""What a kind says instead when the case has no account."""

STRONGER: dict[EvidenceKind, EvidenceKind] = {"login_known": "login_and_address_agree"}
"""What need not be said when the other is: it follows from it."""

FOOTNOTES: tuple[EvidenceKind, ...] = ("sender_unproven",)
"""What is true of nearly every case: it stands at the end, small."""

WEIGHTS: dict[Weight, tuple[str, str]] = {
    "for": ("✅", "For"),
    "against": ("⚠️", "Against"),
    "neutral": ("ℹ️", "Worth knowing"),
}
GRANTS: dict[GrantKind, str] = {
    "link": "Reset link",
    "code": "One-time code",
    "temporary": "Temporary password",
    "address": "Code for the new address",
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
LANGUAGES = {"fr": "French", "en": "English", "tr": "Turkish"}
KINDS = {"individual": "private person", "company": "company", "association": "association"}


class Button(NamedTuple):
    """A button's label, what a screen reader says (75 characters at most), and what has to be confirmed, if anything.

    `{to}` in the question is the masked address that a letter would go to.
    """

    label: str
    spoken: str
    question: str = ""


BUTTONS: dict[Action, Button] = {
    "send_link": Button(
        "Send reset link",
        "Send a reset link to the address on file",
        "A reset link goes to {to}, the address on file. A mail cannot be taken back; an older link or code dies.",
    ),
    "send_code": Button(
        "Send one-time code",
        "Send a one-time code to the address on file",
        "A one-time code goes to {to}, the address on file. A mail cannot be taken back; an older link or code dies.",
    ),
    "claim": Button("Take this case", "Take this case, so that others leave it to you"),
    "refuse": Button("Refuse…", "Refuse this request or just close it; asks for the reason first"),
}
"""The actions that have a button; what is not built has none."""

PLACES: dict[Action, int] = {"claim": 1, "refuse": 2}
"""What stands behind the remedies, which keep the order that policy gives them."""

TAKE_OVER = Button("Take over", "Take this case over from whoever has it")
AGAIN: dict[GrantKind, tuple[Action, Button]] = {
    "link": ("send_link", BUTTONS["send_link"]._replace(label="Send another link")),
    "code": ("send_code", BUTTONS["send_code"]._replace(label="Send another code")),
}
"""What the remedy that was used last is called from then on."""
