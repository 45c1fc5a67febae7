"""A change of the registered address, from proposal to the end of the days in which it can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Work

ChangeState = Literal["proposed", "waiting", "changed", "final", "stopped", "undone", "refused"]


class AddressChange(Work, frozen=True, kw_only=True):
    """The change that case `id` asks for; in queue `address_changes`, due when its wait or its days of grace end.

    `proposed` until the new address is confirmed and enough staff agreed, `waiting` until the old one had its time to
    object, `changed` while it can be undone, then `final`. `credentials` is the account's number when it was proposed:
    any other change of its credentials since then puts an end to this one.
    """

    TABLE: ClassVar = "address_changes"
    INDEXES: ClassVar = (("account",),)

    account: str
    service: str
    state: ChangeState = "proposed"
    old: str
    new: str
    new_key: str
    credentials: int
    approvals_needed: int
    proposed_at: datetime
    confirmed_at: datetime | None = None
    agreed_at: datetime | None = None
    changed_at: datetime | None = None
