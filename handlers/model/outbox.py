"""What leaves the house, committed with the fact that caused it and delivered afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Document, Work

LetterKind = Literal[
    "acknowledgement",
    "reset",
    "code",
    "changed",
    "refused",
    "delegate",
    "confirm_address",
    "address_asked",
    "address_agreed",
    "address_changed",
    "address_registered",
    "frozen",
    "lifted",
    "documents",
    "recovery_asked",
    "information",
    "profile",
    "closed",
    "reactivation",
    "reactivated",
    "purged",
    "sign_in_code",
    "temporary_password",
    "hosting_changed",
    "second_factor_code",
    "second_factor_changed",
    "second_factor_reset",
]
AlertKind = Literal["frozen", "document_reused", "approval_wanted"]


class Letter(Work, frozen=True, kw_only=True):
    """A letter to a customer, waiting in `urgent` or `letters`; dead ones have no `due` and say why in `failure`.

    `sealed` is the encrypted secret, opened only when the letter is written out, and dropped with the letter. A letter
    about an account alone has no `case`; `detail` is what else its words depend on, such as the pieces still missing.
    After `until` (UTC) it is of no use and not sent any more.
    """

    TABLE: ClassVar = "letters"
    INDEXES: ClassVar = (("case",), ("account",))

    kind: LetterKind
    service: str
    case: str = ""
    account: str = ""
    to: str
    language: str
    detail: str = ""
    grant: str = ""
    until: datetime | None = None
    sealed: str = ""
    in_reply_to: str = ""
    written_at: datetime
    failure: str = ""


class Sent(Work, frozen=True, kw_only=True):
    """The letter `id` about `case` left the house at `at` (UTC): until it is forgotten in queue `sent`, it may bounce.

    `told` is what its bounces have said already: a delay, or that it came back.
    """

    TABLE: ClassVar = "sent"

    kind: LetterKind
    service: str
    case: str
    grant: str = ""
    at: datetime
    told: Literal["", "delayed", "bounced"] = ""


class CardRefresh(Work, frozen=True, kw_only=True):
    """The card of case `id` has to show `version`; waits in queue `cards`, several refreshes of a case are one."""

    TABLE: ClassVar = "card_refreshes"

    version: int


class Card(Document, frozen=True, kw_only=True):
    """Where the card of case `id` is in Slack, and which version of the case it shows."""

    TABLE: ClassVar = "cards"

    channel: str
    ts: str
    version: int


class Alert(Work, frozen=True, kw_only=True):
    """Staff must be told now, not only when they look at the card of `case`; waits in queue `alerts`."""

    TABLE: ClassVar = "alerts"

    kind: AlertKind
    case: str


class PortalRequest(Work, frozen=True, kw_only=True):
    """What somebody typed on `/lost/<service>`, waiting in queue `requests`; answered out of their sight."""

    TABLE: ClassVar = "portal_requests"

    service: str
    login: str
    address: str
    language: str


class Expiry(Work, frozen=True, kw_only=True):
    """The grant `id` falls due in queue `expiries`, so that its case says so; validity never depends on this."""

    TABLE: ClassVar = "expiries"


class SetAside(Document, frozen=True, kw_only=True):
    """A mail that could not be taken in, by its number in the spool, and why; staff see that it is there."""

    TABLE: ClassVar = "set_aside"

    why: str
    at: datetime
