"""What all sessions at the SMTP door share."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Network, IPv6Network

from handlers.clock import Clock
from handlers.configuration.services import Services
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.document import Value
from handlers.post.addressing import accepts
from handlers.rules.addresses import canonical
from mailin import replies
from mailin.guests import Guests
from mailin.networks import ip_of
from mailin.pace import Paces
from mailin.replies import Reply
from mailin.spool import Spool

ONE_BORDER_SERVER = 20
"""How many connections a mail server opens to us at once (Postfix's smtp_destination_concurrency_limit)."""

LEAST_VISITS = 30
"""So many sessions without a mail may any network have in a minute: monitors, and servers that ask who is there."""


class Limits(Value, frozen=True):
    """What one client may ask of us; times in seconds."""

    mail_bytes: int = 25 * 1024 * 1024
    recipients: int = 20  # per mail
    sessions: int = 200  # at once
    sessions_per_address: int = 20  # at once
    patience_seconds: float = 10.0  # without progress with a mail, while others wait for a place
    mails_per_network: int = 600  # a minute; 0 for no limit, as with the next two
    mails_per_sender: int = 60
    mails_per_mailbox: int = 3000
    visits_per_network: int = 150  # a minute, that bring no mail; counts while half of the places are taken
    commands: int = 1000  # per session
    vain_commands: int = 50  # in a row, without progress with a mail
    errors: int = 10  # per session
    command_seconds: float = 60.0  # from reply to next command
    handshake_seconds: float = 30.0  # for TLS
    header_seconds: float = 5.0  # for a balancer to say whose connection it is
    data_seconds: float = 600.0  # for one mail
    slow_seconds: float = 30.0  # for one mail, however slowly it comes
    least_rate: int = 10_000  # bytes per second, on average, of a mail that takes longer
    brisk_rate: int = 1_000_000  # bytes per second; where a crowd must give way, whose mail comes slower goes first
    session_seconds: float = 3600.0
    full_seconds: float = 120.0  # for a session, then it ends behind a mail, while all places are taken
    goodbye_seconds: float = 1.5  # for running mails when we stop


@dataclass(frozen=True)
class Door:
    """The `hostname` we greet with, whom we accept mail for, and where it is kept.

    `accepts` is asked about each recipient's address as it was given; what is not accepted and is a key of
    `postmasters` goes to that mailbox. `tls` gives the context of the moment; with it STARTTLS is offered, and with
    `tls_required` no mail is taken without it. Connections from `balancers` begin with a PROXY header, no others do.
    """

    hostname: str
    accepts: Callable[[str], bool]
    spool: Spool
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    tls: Callable[[], ssl.SSLContext] | None = None
    tls_required: bool = False
    postmasters: Mapping[str, str] = field(default_factory=dict)
    balancers: tuple[IPv4Network | IPv6Network, ...] = ()
    guests: Guests = field(init=False)
    paces: Paces = field(init=False)
    greeting: Reply = field(init=False)
    hello: Reply = field(init=False)
    loop: asyncio.AbstractEventLoop = field(init=False)

    def __post_init__(self) -> None:
        fixed = object.__setattr__
        limits, loop = self.limits, asyncio.get_running_loop()
        fixed(self, "guests", Guests(limits.sessions, limits.sessions_per_address, limits.patience_seconds))
        paces = Paces(
            network=limits.mails_per_network,
            sender=limits.mails_per_sender,
            mailbox=limits.mails_per_mailbox,
            visits=limits.visits_per_network,
            now=loop.time,
        )
        fixed(self, "paces", paces)
        fixed(self, "greeting", replies.greeting(self.hostname))
        fixed(self, "hello", replies.hello(self.hostname))
        fixed(self, "loop", loop)

    def extensions(self, tls_active: bool) -> Reply:
        """The answer to EHLO."""
        return replies.extensions(self.hostname, self.limits.mail_bytes, self.tls is not None and not tls_active)

    def mailbox(self, recipient: str) -> str | None:
        """The address that takes mail for `recipient`, or None; `<postmaster>` needs no domain (RFC 5321 4.5.1)."""
        if self.accepts(recipient):
            return recipient
        return self.postmasters.get(canonical(recipient) if "@" in recipient else recipient.lower())

    def is_balancer(self, peer: str) -> bool:
        """Whether a PROXY header must come first from this address."""
        return any(ip_of(peer) in network for network in self.balancers)

    def is_own(self, peer: str) -> bool:
        """Whether it is this machine, whose mail server has limits of its own."""
        return bool(peer) and ip_of(peer).is_loopback


def postmasters(services: Services) -> dict[str, str]:
    """Where mail for the postmaster of each of our domains goes: the first mailbox of the first service there."""
    found: dict[str, str] = {}
    for service in services.values():
        first = service.mailboxes[0]
        for mailbox in service.mailboxes:
            found.setdefault(canonical(f"postmaster@{mailbox.rpartition('@')[2]}"), first)
        found.setdefault("postmaster", first)
    return found


def door(settings: Settings, desk: Desk, spool: Spool, tls: Callable[[], ssl.SSLContext] | None) -> Door:
    """The door as the operator set it, for whatever mail is the desk's to take; made inside the running loop."""
    # Mostly all mail comes from one address, our border server; half is plenty for it, and no one address can shut
    # the others out.
    sessions = settings.mail_max_sessions
    limits = Limits(
        mail_bytes=settings.mail_max_bytes,
        recipients=settings.mail_max_recipients,
        sessions=sessions,
        sessions_per_address=min(sessions, max(ONE_BORDER_SERVER, sessions // 2)),
        mails_per_network=settings.mail_max_per_minute,
        # So many that a person who answers, or a server that sends bounces, never meets them; a loop does.
        mails_per_sender=-(-settings.mail_max_per_minute // 10),
        mails_per_mailbox=5 * settings.mail_max_per_minute,
        # Who comes again before the patience ends holds a sixth of that many places: an eighth of all.
        visits_per_network=max(LEAST_VISITS, sessions * 3 // 4),
        command_seconds=settings.mail_timeout_seconds,
    )
    return Door(
        socket.gethostname(),
        partial(accepts, desk),
        spool,
        desk.clock,
        limits,
        tls,
        postmasters=postmasters(desk.services),
        balancers=settings.mail_proxy_from,
    )
