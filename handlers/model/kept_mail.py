"""What came in by mail for a case, as it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from handlers.model.document import Document, Value, Work
from handlers.model.mail import Attachment, Automatic, Language, Origin, Trick


class LeftOut(Value, frozen=True, kw_only=True):
    """A file that was not taken, and why, for staff."""

    name: str
    why: str


class Written(Value, frozen=True, kw_only=True):
    """A mail as its writer sent it; `text` is without quotes and signature, `whole` with them.

    `returned` is the return path where its domain is not the sender's, `left_out` the attachments that were not taken.
    """

    sender: str
    sender_name: str = ""
    returned: str = ""
    reply_to: str = ""
    subject: str = ""
    language: Language = ""
    text: str = ""
    whole: str = ""
    hidden_lines: int = 0
    origin: Origin | None = None
    tricks: tuple[Trick, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    defects: tuple[str, ...] = ()
    automatic: Automatic | None = None


class Mail(Document, frozen=True, kw_only=True):
    """One mail of `case`, which came at `at` (UTC); `sealed` is the encrypted `Written`.

    `others` says that somebody else than the case's own writer sent it: nothing of it is believed (T19). The id is the
    case's with a number that grows.
    """

    TABLE: ClassVar = "mails"
    INDEXES: ClassVar = (("case",),)

    case: str
    at: datetime
    others: bool = False
    sealed: str


class Unchecked(Work, frozen=True, kw_only=True):
    """The mail of the case with this id, whose sender is checked again when due; `sealed` is what that takes.

    `domain` and `network` are tags of those whose share of the places it takes; "" is nobody's.
    """

    TABLE: ClassVar = "unchecked"
    INDEXES: ClassVar = (("domain",), ("network",))

    domain: str = ""
    network: str = ""
    sealed: str
