"""One request for recovery, from first mail to end."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Document, Value, Work
from handlers.model.evidence import Evidence
from handlers.model.mail import Intent, Origin

Action = Literal[
    "claim",
    "send_link",
    "send_code",
    "send_temporary_password",
    "request_documents",
    "review_documents",
    "change_address",
    "reset_second_factor",
    "reactivate_account",
    "approve",
    "refuse",
    "freeze",
    "reveal",
    "show_mail",
    "choose_intent",
]
State = Literal[
    "new",
    "claimed",
    "waiting",
    "review",
    "pending",
    "issued",
    "opened",
    "redeemed",
    "expired",
    "undelivered",
    "refused",
    "cancelled",
    "frozen",
]
Way = Literal["mail", "portal"]
"""How something of a customer's comes to us."""

Reason = Literal[
    "not_the_owner",
    "no_account",
    "not_a_recovery",
    "insufficient_evidence",
    "documents_in_doubt",
    "account_purged",
    "suspicious",
    "other",
]


class Step(Value, frozen=True, kw_only=True):
    """Who did what to a case when (UTC); `event` is one of `handlers.model.audit.EVENTS`."""

    event: str
    by: str
    name: str
    at: datetime
    detail: str = ""


class Approval(Value, frozen=True, kw_only=True):
    """Who agreed to a proposal, and when (UTC)."""

    by: str
    name: str
    at: datetime


class Proposal(Value, frozen=True, kw_only=True):
    """An action that others than `by` have to approve before it is done."""

    action: Action
    by: str
    name: str
    at: datetime
    approvals: tuple[Approval, ...] = ()


class Case(Document, frozen=True, kw_only=True):
    """One request for recovery; `version` is raised by every change, so that a card drawn earlier can be told stale.

    `asked` is the reader's guess with its `confidence`, or what staff chose. `text` is what the customer wrote, already
    bounded; it is never logged and only shown shortened and masked. `requester_key` is the comparison form of
    `requester`, marked where the mail proved not to be theirs; `origin` is what the newest of their mails proved.
    `new_address` is the one that shall replace the registered one, as parsed; `numbers` are those of a customer,
    contract or order that the writer names; `papers` counts the files that nobody has judged yet. A case that waits for
    the customer does so until `deadline` (UTC). `frozen_by` is the id of who froze it.
    """

    TABLE: ClassVar = "cases"
    INDEXES: ClassVar = (("state",), ("account",), ("service", "requester_key"))

    service: str
    source: Way
    state: State = "new"
    version: int = 1
    asked: Intent
    confidence: float = 1.0
    language: str
    account: str | None = None
    requester: str
    requester_key: str
    origin: Origin | None = None
    subject: str = ""
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    claimed_by: str = ""
    claimed_name: str = ""
    new_address: str = ""
    numbers: tuple[str, ...] = ()
    papers: int = 0
    grant: str | None = None
    proposal: Proposal | None = None
    deadline: datetime | None = None
    frozen_by: str = ""
    reason: Reason | None = None
    history: tuple[Step, ...] = ()
    opened_at: datetime
    changed_at: datetime


class Received(Work, frozen=True, kw_only=True):
    """A mail that went to `case`, under the digest of sender and Message-ID; forgotten when due in queue `received`."""

    TABLE: ClassVar = "received"

    case: str
