"""Sign-ins on the portal."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Work

Stage = Literal["factor", "code", "closed", "change", "open"]
"""What a sign-in still asks for: the second factor, a code by mail, a yes to reopening, a new password; or nothing."""


class Session(Work, frozen=True, kw_only=True):
    """A sign-in, begun or complete; in queue `sessions`, due when it ends.

    `token` is the keyed digest of the browser's cookie. `credentials` is the account's number: a session made under
    an older one is dead. `code` is the digest of the digits that were mailed, until `code_until` (UTC).
    `temporary` names the grant of a temporary password, which opens nothing but the page that changes it.
    """

    TABLE: ClassVar = "sessions"
    INDEXES: ClassVar = (("account",),)
    UNIQUE: ClassVar = (("token",),)

    token: str
    account: str
    service: str
    language: str
    stage: Stage
    credentials: int
    begun_at: datetime
    code: str = ""
    code_sent_at: datetime | None = None
    code_until: datetime | None = None
    tries: int = 0
    resends: int = 0
    temporary: str = ""


class Device(Work, frozen=True, kw_only=True):
    """A browser that once proved itself with a code for an account; due in queue `devices` when it is forgotten.

    `token` is the keyed digest of its cookie.
    """

    TABLE: ClassVar = "devices"
    INDEXES: ClassVar = (("account",),)
    UNIQUE: ClassVar = (("token",),)

    token: str
    account: str
    proved_at: datetime
