"""What the SMTP dialogue tells about a mail, beside the mail itself."""

from __future__ import annotations

from datetime import datetime
from typing import NewType

from handlers.model.document import Value

SpoolId = NewType("SpoolId", str)


class Envelope(Value, frozen=True):
    """Who handed us a mail, for whom, and how.

    `id` is the spool's, in order of arrival and never given twice; `received_at` is UTC; `peer` is the address of the
    machine that connected; `helo` is what it called itself; `mail_from` is empty for the null sender; `size` in bytes.
    """

    id: SpoolId
    received_at: datetime
    peer: str
    helo: str
    mail_from: str
    rcpt_tos: tuple[str, ...]
    tls: bool
    smtputf8: bool
    size: int
