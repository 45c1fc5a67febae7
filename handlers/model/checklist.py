"""What a customer has to do after a change, and how far they are."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from handlers.model.document import Work
from handlers.model.outbox import LetterKind


class Checklist(Work, frozen=True, kw_only=True):
    """The steps of `kind`'s after-care for an account, of which the first `done` are ticked off.

    The steps themselves stand in the service file. Forgotten when due in queue `checklists`.
    """

    TABLE: ClassVar = "checklists"
    INDEXES: ClassVar = (("account",),)

    account: str
    kind: LetterKind
    begun_at: datetime
    done: int = 0
