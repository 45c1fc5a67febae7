"""A customer's second factor, as the store knows it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Document


class SecondFactor(Document, frozen=True, kw_only=True):
    """The second factor of account `id`; asked for at sign-in from `active_since` (UTC) on, None while it is enrolled.

    `sealed` is the encrypted TOTP secret. `last_step` is the newest time step (RFC 6238, 4.2) whose code was used:
    no code of it or of an older one is taken again. `recovery` are keyed digests of the single-use recovery codes.
    `begun_by` is the session that enrols it, and began at `begun_at` (UTC): no other one sees its key. Without one, and
    without `active_since`, it only says that a factor was taken off and the next sign-in leads to a new one.
    """

    TABLE: ClassVar = "second_factors"

    method: Literal["totp", "mail"]
    sealed: str = ""
    begun_by: str = ""
    begun_at: datetime | None = None
    active_since: datetime | None = None
    last_step: int = 0
    recovery: tuple[str, ...] = ()
