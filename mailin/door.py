"""What all sessions at the SMTP door share."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from handlers.clock import Clock
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.document import Value
from handlers.post.addressing import accepts
from mailin import replies
from mailin.guests import Guests
from mailin.replies import Reply
from mailin.spool import Spool

ONE_BORDER_SERVER = 20
"""How many connections a mail server opens to us at once (Postfix's smtp_destination_concurrency_limit)."""


class Limits(Value, frozen=True):
    """What one client may ask of us; times in seconds."""

    mail_bytes: int = 25 * 1024 * 1024
    recipients: int = 20  # per mail
    sessions: int = 200  # at once
    sessions_per_address: int = 20  # at once
    commands: int = 1000  # per session
    errors: int = 10  # per session
    command_seconds: float = 60.0  # from reply to next command
    data_seconds: float = 600.0  # for one mail
    slow_seconds: float = 30.0  # for one mail, however slowly it comes
    least_rate: int = 10_000  # bytes per second, on average, of a mail that takes longer
    session_seconds: float = 3600.0
    goodbye_seconds: float = 1.5  # for running mails when we stop


@dataclass(frozen=True)
class Door:
    """The `hostname` we greet with, whom we accept mail for, and where it is kept.

    `accepts` is asked about each recipient's address as it was given. With a `tls` context STARTTLS is offered, and
    with `tls_required` no mail is taken without it.
    """

    hostname: str
    accepts: Callable[[str], bool]
    spool: Spool
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    tls: ssl.SSLContext | None = None
    tls_required: bool = False
    guests: Guests = field(init=False)
    greeting: Reply = field(init=False)
    hello: Reply = field(init=False)
    loop: asyncio.AbstractEventLoop = field(init=False)

    def __post_init__(self) -> None:
        fixed = object.__setattr__
        fixed(self, "guests", Guests(self.limits.sessions, self.limits.sessions_per_address))
        fixed(self, "greeting", replies.greeting(self.hostname))
        fixed(self, "hello", replies.hello(self.hostname))
        fixed(self, "loop", asyncio.get_running_loop())

    def extensions(self, tls_active: bool) -> Reply:
        """The answer to EHLO."""
        return replies.extensions(self.hostname, self.limits.mail_bytes, self.tls is not None and not tls_active)


def door(settings: Settings, desk: Desk, spool: Spool, tls: ssl.SSLContext | None) -> Door:
    """The door as the operator set it, for whatever mail is the desk's to take; made inside the running loop."""
    # Mostly all mail comes from one address, our border server; half is plenty for it, and no one address can shut
    # the others out.
    sessions = settings.mail_max_sessions
    limits = Limits(
        mail_bytes=settings.mail_max_bytes,
        recipients=settings.mail_max_recipients,
        sessions=sessions,
        sessions_per_address=min(sessions, max(ONE_BORDER_SERVER, sessions // 2)),
        command_seconds=settings.mail_timeout_seconds,
    )
    return Door(socket.gethostname(), partial(accepts, desk), spool, desk.clock, limits, tls)
