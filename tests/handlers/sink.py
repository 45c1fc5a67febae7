"""A real SMTP server on loopback that keeps what it takes, and answers as a test wants it to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from handlers.configuration.endpoints import Relay
from handlers.vault import Secret


@dataclass
class Sink:
    """What arrived, in order; `replies` are answers in place of 250, by recipient, "MAIL" or "DATA".

    A recipient of a domain in `slow` is answered only after so many seconds.
    """

    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    logins: list[bytes] = field(default_factory=list)
    hang: asyncio.Event | None = None
    connections: int = 0
    port: int = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.slow.get(address.rpartition("@")[2], 0.0))
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hang:
            await self.hang.wait()
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        login = cast("LoginPassword", data)
        self.logins.append(login.login)
        return AuthResult(success=login.password == b"right horse", handled=False)

    def mails(self) -> list[EmailMessage]:
        """The letters as a mail program reads them."""
        return [message_from_bytes(cast("bytes", one.original_content), policy=default) for one in self.envelopes]

    def relay(self, user: str = "", password: str = "") -> Relay:
        """The setting that leads here."""
        secret = Secret(password) if password else None
        return Relay(scheme="smtp", host="127.0.0.1", port=self.port, user=user, password=secret)


@asynccontextmanager
async def open_sink(tls: ssl.SSLContext | None = None, utf8: bool = False) -> AsyncIterator[Sink]:
    """A sink on a free port; with `tls` it offers STARTTLS, with `utf8` SMTPUTF8."""
    sink = Sink()

    def session() -> SMTP:
        sink.connections += 1
        return SMTP(
            sink,
            hostname="relay.example",
            loop=asyncio.get_running_loop(),
            tls_context=tls,
            enable_SMTPUTF8=utf8,
            authenticator=sink.authenticate,
            auth_require_tls=False,
        )

    async with serving(session) as port:
        sink.port = port
        yield sink


@asynccontextmanager
async def serving(protocol: Callable[[], asyncio.BaseProtocol]) -> AsyncIterator[int]:
    """A server of that protocol on a free loopback port."""
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    try:
        port: int = server.sockets[0].getsockname()[1]
        yield port
    finally:
        server.close()
        await server.wait_closed()
