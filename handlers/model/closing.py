"""What closing an account leaves behind."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from handlers.model.document import Document, Work


class Purge(Work, frozen=True, kw_only=True):
    """The closed account `id` is deleted when due in queue `purges`, unless it was reactivated."""

    TABLE: ClassVar = "purges"


class Sweep(Work, frozen=True, kw_only=True):
    """The store's files are to forget what was deleted, when due in queue `sweeps`; and again once `letters` are out.

    `letters` are the ids of those last letters that may still lie in the outbox, with an address in them.
    """

    TABLE: ClassVar = "sweeps"

    letters: tuple[str, ...] = ()


class Reminder(Work, frozen=True, kw_only=True):
    """The case `id` (queue `reminders`) or the letter (`dead_letters`) is looked at when due: its time may be over."""

    TABLE: ClassVar = "reminders"


class Tombstone(Document, frozen=True, kw_only=True):
    """That the account `id` existed and its data is gone: keyed digests of its login and address, nothing to read."""

    TABLE: ClassVar = "tombstones"
    INDEXES: ClassVar = (("login",), ("address",))

    service: str
    login: str
    address: str
    closed_at: datetime
    purged_at: datetime
