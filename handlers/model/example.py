"""What staff taught the reader."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from handlers.model.document import Document
from handlers.model.mail import Intent


class Example(Document, frozen=True, kw_only=True):
    """That the mail of `case` asked for `intent`, as staff (`by`) said at `at` (UTC).

    Subject and text have no address, login, number or name of its writer any more. The id begins with the time.
    """

    TABLE: ClassVar = "examples"
    INDEXES: ClassVar = (("case",),)

    case: str
    intent: Intent
    language: str
    subject: str
    text: str
    at: datetime
    by: str
