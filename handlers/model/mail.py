"""What a customer's mail says, as the doors hand it to the handlers: values only, bounded and safe to show."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from handlers.model.account import AccountKind
from handlers.model.document import Value

Intent = Literal[
    "password_reset",
    "hosting_password",
    "access_code",
    "second_factor",
    "address_change",
    "close_account",
    "reactivate_account",
    "documents",
    "other",
]
Language = Literal["fr", "en", "tr", ""]
AutomaticKind = Literal["bounce", "auto_reply", "list", "loop", "no_reply"]
Result = Literal["pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror"]
"""What a check of a sender says, in the words of RFC 8601."""

Grade = Literal["proven", "partial", "unproven", "failed", "unknown"]
"""What the checks together are worth: `handlers.rules.origins` says which give which."""

Via = Literal["direct", "border", "arc"]
"""Who looked: we ourselves, our own border server, or a trusted forwarder whose seals hold."""

Unseen = Literal["", "file", "border", "border_spf"]
"""Why nobody saw who handed a mail in: it is a file, or our border server said nothing, or nothing of that."""

Trick = Literal["address_in_name", "mixed_scripts", "like_our_domain", "return_elsewhere"]
"""What a sender line does to pass for another's: seen in the mail alone, without knowing whose account it is about."""

FileVerdict = Literal["plausible", "mismatch", "dangerous", "unknown"]


class ServiceNames(Value, frozen=True, kw_only=True):
    """By which names and mailboxes customers reach a service; `language` is its own, when nothing better is known."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    language: Language = ""


class Automatic(Value, frozen=True, kw_only=True):
    """No person wrote this mail, and nothing may answer it (RFC 3834); `why` names the sign."""

    kind: AutomaticKind
    why: str


class Origin(Value, frozen=True, kw_only=True):
    """What the mail proves about the domain it says it comes from, and nothing about who wrote it.

    `spf` and `dkim` are the best results of any domain, `aligned` says whether one that passed is From's own domain.
    `domain` is that of From, `spf_domain` and `dkim_domain` those the results are about; empty where there is none.
    `unseen` is why nobody checked who handed it in, where nothing proves it; `border` is our border server's name then.
    """

    spf: Result
    dkim: Result
    dmarc: Result
    aligned: bool
    grade: Grade
    domain: str = ""
    spf_domain: str = ""
    dkim_domain: str = ""
    via: Via = "direct"
    unseen: Unseen = ""
    border: str = ""


class Bounce(Value, frozen=True, kw_only=True):
    """What a delivery report says of one letter: the enhanced status code (RFC 3463) or "", and the server's words."""

    status: str = ""
    recipient: str = ""
    said: str = ""


class Claims(Value, frozen=True, kw_only=True):
    """What the writer says about the account; claims, never facts, and never taken from quoted text.

    `service` is a service id, `new_address` the address that shall replace the registered one, `numbers` are those of
    customers, contracts and orders. `not_owner` is true when the writer says that the account is somebody
    else's (O2.11).
    """

    service: str | None = None
    logins: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    new_address: str | None = None
    account_kind: AccountKind | None = None
    not_owner: bool = False


class Attachment(Value, frozen=True, kw_only=True):
    """A file that came along: a safe name, the type its bytes show, size and SHA-256 of the decoded bytes.

    The verdict judges type only: `plausible` for the documents customers send, `mismatch` when the bytes are something
    else than declared, `dangerous` for what can run, `unknown` otherwise. None of them means that it was scanned. `why`
    says for staff what was found, where the verdict is not `plausible`.
    """

    name: str
    type: str
    bytes: int
    sha256: str
    verdict: FileVerdict
    why: str = ""


class InboundMail(Value, frozen=True, kw_only=True):
    """A mail, understood.

    `message_id` is without angle brackets; a missing one is made from sender, date, subject and body
    (`sha256-<hex>@missing`), so that the same mail gets the same id. `mail_from` is the envelope sender, "" for
    bounces; `recipients` the envelope recipients. `text` is what the writer wrote, without quotes and signature;
    `hidden_lines` counts the lines left out, `whole` is the text with them. `references` are the message ids this mail
    answers, oldest first. `origin` is None when nobody checked. `bounce` is what a delivery report says.
    """

    message_id: str
    received_at: datetime
    mail_from: str
    recipients: tuple[str, ...]
    from_address: str
    from_name: str
    reply_to: str
    subject: str
    automatic: Automatic | None
    origin: Origin | None
    language: Language
    intent: Intent
    confidence: float
    because: tuple[str, ...]
    claims: Claims
    text: str
    hidden_lines: int
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]
    references: tuple[str, ...]
    whole: str = ""
    tricks: tuple[Trick, ...] = ()
    bounce: Bounce | None = None
