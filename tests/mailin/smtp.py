"""A real door on a free port, and a client that says exactly what it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

from handlers.clock import system_clock
from mailin.door import Door, Limits
from mailin.envelope import Envelope
from mailin.listener import Listener
from mailin.spool import Room, Spool, Spooled

HOSTNAME = "mx.desk.example"
MAILBOX = "support@shop.example"
SENDER = "claire@customer.example"


def is_mailbox(address: str) -> bool:
    """The only mailbox of these tests."""
    return address == MAILBOX


LOOPBACK = ("127.0.0.0/8",)
"""Networks of load balancers: that of these tests' clients."""


class Client:
    """One connection; what it says goes out as it is, and `hear` reads one reply, all its lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> bytes:
        """The next reply; empty when the server hung up."""
        reply = b""
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 10)
            reply += line
            if line[3:4] != b"-":
                return reply

    async def say(self, line: str) -> bytes:
        """Send a command and hear the reply."""
        await self.send(line.encode() + b"\r\n")
        return await self.hear()

    async def begin(self, sender: str = SENDER, *recipients: str) -> bytes:
        """Everything up to DATA; the reply to DATA."""
        await self.say("EHLO client.example")
        await self.say(f"MAIL FROM:<{sender}>")
        for recipient in recipients or (MAILBOX,):
            await self.say(f"RCPT TO:<{recipient}>")
        return await self.say("DATA")

    async def mail(self, content: bytes, sender: str = SENDER) -> bytes:
        """Send a whole mail, whose dots are already stuffed; the reply to its end."""
        await self.begin(sender)
        await self.send(content + b"\r\n.\r\n")
        return await self.hear()

    async def is_hung_up(self) -> bool:
        """Whether the server closed the connection, having said nothing more."""
        return await asyncio.wait_for(self.reader.read(1), 10) == b""

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()


class House:
    """A listener that runs, and its spool."""

    def __init__(self, listener: Listener, door: Door, port: int) -> None:
        self.listener, self.spool, self.guests, self.port = listener, door.spool, door.guests, port
        self._clients: list[Client] = []

    async def connect(self, greeted: bool = True, address: str = "127.0.0.1") -> Client:
        """A new connection from one of this machine's addresses, its greeting heard unless told otherwise."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0)))
        self._clients.append(client)
        if greeted:
            await client.hear()
        return client

    async def spooled(self) -> list[Spooled]:
        """All that was accepted, taken out of the spool."""
        mails = []
        while self.spool.pending:
            mails.append(await self.spool.next())
            await self.spool.done(mails[-1].envelope.id)
        return mails

    async def close(self) -> None:
        """Hang up all connections, stop the listener, close the spool."""
        for client in self._clients:
            await client.close()
        await self.listener.stop()
        await self.spool.close()


@asynccontextmanager
async def house(
    folder: Path,
    *,
    limits: Limits | None = None,
    accepts: Callable[[str], bool] = is_mailbox,
    tls: ssl.SSLContext | Callable[[], ssl.SSLContext] | None = None,
    tls_required: bool = False,
    most: Room | None = None,
    postmasters: dict[str, str] | None = None,
    balancers: tuple[str, ...] = (),
    host: str = "127.0.0.1",
) -> AsyncIterator[House]:
    """A door on a free port with its spool in `folder`."""
    spool = await Spool.open(folder / "spool", most)
    limits = limits or Limits(goodbye_seconds=0.3)
    door = Door(
        HOSTNAME,
        accepts,
        spool,
        system_clock,
        limits=limits,
        tls=(lambda: tls) if isinstance(tls, ssl.SSLContext) else tls,
        tls_required=tls_required,
        postmasters=postmasters or {},
        balancers=tuple(map(ip_network, balancers)),
    )
    listener = Listener(door)
    _, port = await listener.start(host, 0)
    opened = House(listener, door, port)
    try:
        yield opened
    finally:
        await opened.close()


async def arrive(desk: House, address: str) -> tuple[Client, bytes]:
    """A client at that address, behind a load balancer, and the first thing it hears."""
    client = await desk.connect(greeted=False)
    family, server = ("TCP6", "2001:db8::1") if ":" in address else ("TCP4", "192.0.2.1")
    await client.send(f"PROXY {family} {address} {server} 40000 25\r\n".encode())
    return client, await client.hear()


async def keep(
    spool: Spool, content: bytes, helo: str = "client.example", mailbox: str = MAILBOX, sender: str = SENDER
) -> Envelope:
    """Accept a mail without any dialogue."""
    draft = spool.draft()
    for start in range(0, len(content), 100_000):
        await draft.write(content[start : start + 100_000])
    envelope = Envelope(
        id=draft.id,
        received_at=system_clock(),
        peer="192.0.2.7",
        helo=helo,
        mail_from=sender,
        rcpt_tos=(mailbox,),
        tls=False,
        smtputf8=False,
        size=draft.size,
    )
    await spool.accept(envelope, draft)
    return envelope
