"""What an action issues to the customer."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Document

GrantKind = Literal["link", "code", "temporary", "address", "second_factor", "reactivation"]
GrantState = Literal["issued", "opened", "redeemed", "replaced", "withdrawn", "dead"]


class Grant(Document, frozen=True, kw_only=True):
    """What was issued to a customer, as the store knows it: only digests of what the customer holds.

    `token` is the digest of the address's raw part, `code` of the digits, or the argon2 hash of a temporary password.
    `credentials` is the account's number when the grant was issued, `by` the id of who issued it. It dies at
    `expires_at` (UTC), when used, replaced, tried `tries_allowed` times wrongly, or when the account's credentials
    change. The digests are made for the grant's kind: a link is no code.
    """

    TABLE: ClassVar = "grants"
    INDEXES: ClassVar = (("account",),)
    UNIQUE: ClassVar = (("token",),)

    kind: GrantKind
    state: GrantState = "issued"
    service: str
    account: str
    case: str
    token: str
    code: str = ""
    credentials: int
    by: str
    issued_at: datetime
    expires_at: datetime
    tries: int = 0
    tries_allowed: int = 0
    resends: int = 0
    resends_allowed: int = 0
    redeemed_at: datetime | None = None
    language: str
