"""Fuzzes the SMTP dialogue: one session in memory, played from the input's bytes and held against a witness.

The first byte chooses what the door is like. Then comes what the client says, in which four control characters, for
which SMTP has no use, mean something here: RS cuts (the client waits for the replies), GS lets 40 seconds pass, FS ends
the client's side, US hangs up.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP
from structlog.testing import capture_logs

from handlers.clock import system_clock
from mailin import aside, replies
from mailin.dialogue import Dialogue
from mailin.door import Door, Limits
from mailin.draft import Draft
from mailin.envelope import Envelope, SpoolId
from mailin.receiving import Receiving
from mailin.spool import Room, Spool
from tests.fuzz.wires import Loop, Wire
from tests.fuzz.witness import Mail, Witness

HOSTNAME = "mx.desk.example"
MAILBOX = "support@shop.example"
TLS, NEEDS_TLS, NARROW, ANYBODY, IPV6, BALANCED = 1, 2, 4, 8, 16, 32  # bits of the first byte
_CUT = re.compile(rb"([\x1c-\x1f])")
_WIDE_LIMITS = Limits(mail_bytes=16_384)
_NARROW_LIMITS = Limits(
    mail_bytes=64,
    recipients=2,
    commands=24,
    vain_commands=12,
    errors=3,
    session_seconds=120.0,
    mails_per_network=3,
    mails_per_sender=2,
)
_BALANCER = ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")
_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
_loop = Loop()
logging.getLogger("mail.debug").setLevel(logging.ERROR)  # aiosmtpd tells of every PROXY header


class Shelf(Spool):
    """A spool in memory: what it accepted is in `mails`."""

    def __init__(self) -> None:
        self._folder, self._run, self._count = Path("/nonexistent"), 1, 0
        self._most, self._bytes, self._shelf = Room(), 0, aside.Shelf(self._folder)
        self._kept, self._receiving = {}, Receiving(self._most.bytes)
        self.mails: list[tuple[Envelope, bytes]] = []

    async def accept(self, envelope: Envelope, draft: Draft) -> SpoolId:
        """Keep a mail."""
        self.mails.append((envelope, b"".join(draft.pieces)))
        self._receiving.end(draft.network, draft.size)
        return envelope.id


class Play:
    """One session: a door of its own, a client that says what it is told, and what came of it."""

    def __init__(self, kind: int, accepts: Any = None) -> None:
        self.shelf = Shelf()
        limits = _NARROW_LIMITS if kind & NARROW else _WIDE_LIMITS
        anybody = bool(kind & ANYBODY)
        self.door = Door(
            HOSTNAME,
            lambda address: anybody or address.lower() == MAILBOX,
            self.shelf,
            system_clock,
            limits=limits,
            tls=(lambda: _CONTEXT) if kind & (TLS | NEEDS_TLS) else None,
            tls_required=bool(kind & NEEDS_TLS),
            postmasters={"postmaster": MAILBOX},
            balancers=_BALANCER if kind & BALANCED else (),
        )
        self._balanced, self._vain = bool(kind & BALANCED), limits.vain_commands
        stock = _stock()
        self.session = Dialogue(self.door, stock)
        self.wire = Wire(_loop, self.session, "2001:db8::7" if kind & IPV6 else "192.0.2.7")
        self.chunks: list[bytes] = []

    async def client(self, script: bytes) -> None:
        """Say the script, and hang up."""
        await asyncio.sleep(0.001)
        for part in _CUT.split(script):
            match part:
                case b"\x1e" | b"":
                    pass
                case b"\x1d":
                    await asyncio.sleep(40)
                case b"\x1c":
                    self.wire.feed_eof()
                    await asyncio.sleep(0.001)
                    break
                case b"\x1f":
                    break
                case _:
                    self.chunks.append(part)
                    self.wire.feed(part)
                    await asyncio.sleep(0.001)
        self.answered = not self.wire.is_over
        self.wire.abort()
        await asyncio.sleep(0.001)

    def check(self) -> None:
        """Whether the session kept every promise; raises AssertionError."""
        own = {replies.greeting(HOSTNAME), replies.hello(HOSTNAME), *map(self.door.extensions, (False, True))}
        said = bytes(self.wire.said)
        witness = Witness(list(self.chunks), said, frozenset(map(bytes, own)), self._vain, self._balanced)
        witness.read()
        assert witness.mails == [_told(*mail) for mail in self.shelf.mails], "not the mails that were accepted"
        assert not (witness.over and self.answered), "said goodbye and stayed"
        assert self.shelf.pending_bytes == sum(len(content) for _, content in self.shelf.mails), "room is lost"
        assert self.door.guests.count == 0, "a session that never ends"
        assert not _loop.failures, _loop.failures


def _told(envelope: Envelope, content: bytes) -> Mail:
    assert envelope.helo, "a mail from somebody who did not say who"
    assert envelope.size == len(content), "a size that is not the mail's"
    return Mail(envelope.mail_from, len(envelope.rcpt_tos), content, envelope.tls)


def _stock() -> dict[str, Any]:
    if not _made:
        _made.update(vars(SMTP(None, hostname=HOSTNAME, loop=_loop)))
    return _made


_made: dict[str, Any] = {}


async def _play(data: bytes) -> Play:
    play = Play(data[0])
    await play.client(data[1:])
    return play


def fuzz(data: bytes) -> None:
    """Play one session; raises AssertionError when a promise is broken."""
    if not data:
        return
    _loop.failures.clear()
    with capture_logs() as logs:
        play = _loop.run_until_complete(_play(data))
    assert not [line for line in logs if line["log_level"] == "error"], logs
    play.check()
