"""A client's connection and its life: from greeting to goodbye, within limits of time and number."""

from __future__ import annotations

import asyncio
import ssl
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP

from mailin import replies
from mailin.door import Door
from mailin.guests import Hold
from mailin.lines import Hangup, Lines, LineTooLong
from mailin.networks import network_of
from mailin.proxied import NoHeader, read_client
from mailin.replies import Reply

_log = structlog.get_logger(__name__)
_LINGER = 1.0  # seconds a client has to read our last words


class Connection(SMTP):
    """aiosmtpd's protocol with a conversation of ours: `_obey` answers a command, `_forget_session` begins anew."""

    transport: asyncio.Transport | None

    def __init__(self, door: Door, stock: dict[str, Any]) -> None:
        """`stock` is what a stock SMTP holds: it inspects itself at length when it is made, so it is made only once."""
        self.__dict__.update(stock)
        self._door = door
        self._lines = Lines(door.loop)
        asyncio.StreamReaderProtocol.__init__(self, self._lines, self._cb_client_connected, door.loop)
        self._peer = self._network = ""
        self._is_own = self._tls = self._left = self._is_visit = False
        self._commands = self._errors = 0
        self._idle = self._ours = False
        # When, and at which command, the session last got on with a mail; and the same before the mail it began.
        self._progress = self._before_mail = 0.0, 0
        self._last_words: Reply | None = None
        # Replies to commands that came together go out together, where RFC 2920 3.2 lets them (`_grouped`).
        self._unsent, self._grouped = b"", False
        self._deadline = self._end = 0.0
        self._data_began, self._data_bytes = 0.0, 0

    # --- the connection ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        now = self._door.loop.time()
        self._end, self._progress = now + self._door.limits.session_seconds, (now, 0)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        super().connection_made(transport)

    def eof_received(self) -> bool:
        """The client will say no more, but may wait for our replies to what it said."""
        self._lines.feed_eof()
        return not self._tls and not self._left

    def silent_seconds(self) -> float:
        """How long the client has not got on with a mail, whatever else it said; 0 while we work, or it leaves."""
        return 0.0 if self._ours or self._left else self._door.loop.time() - self._progress[0]

    def hold(self) -> Hold | None:
        """What leaving now would cost; this machine's own mail server brings everybody's mail, and is not asked to."""
        if self._ours or self._left or self._is_own or not self._network:
            return None
        now, began = self._door.loop.time(), self._data_began
        if not began:
            return Hold(in_mail=False, seconds=now - self._progress[0])
        return Hold(in_mail=True, seconds=now - began - self._data_bytes / self._door.limits.brisk_rate)

    def depart(self) -> None:
        """End as soon as a mail that is being received is answered."""
        self._last_words = replies.SHUTTING_DOWN
        if self._idle:
            self.leave(replies.SHUTTING_DOWN)

    def leave(self, last_words: Reply) -> None:
        """End now."""
        if self.transport is not None and not self._left:
            self.transport.write(self._unsent + last_words)
            self._close()

    def _close(self) -> None:
        transport = self.transport
        if transport is None or self._left:
            return
        self._left = True
        # Closed with something unread, TCP would take back what the client has not yet heard of our last words.
        unread = self._lines.has_more and not self._tls
        if unread:
            self._lines.ignore()
            transport.write_eof()
        else:
            transport.close()
        # A client that does not read, or does not answer the end of TLS, would keep the connection for ever.
        if unread or self._tls or transport.get_write_buffer_size():
            self._door.loop.call_later(_LINGER, transport.abort)

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Give the client `duration` seconds from now; moving a deadline is cheaper than a timer for every command."""
        self._leave_at(self._door.loop.time() + (duration or self._door.limits.command_seconds))

    def _leave_at(self, deadline: float) -> None:
        self._deadline = min(deadline, self._end)
        timer = self._timeout_handle
        if timer is not None and timer.when() > self._deadline:
            timer.cancel()
            timer = None
        if timer is None:
            self._timeout_handle = self._door.loop.call_at(self._deadline, self._timeout_cb)

    def _get_on(self, *, buys_time: bool = True) -> None:
        """The command under way brings a mail further."""
        self._progress = self._door.loop.time() if buys_time else self._progress[0], self._commands + 1

    def _begin_mail(self) -> None:
        """A mail begins, and that is progress unless `_take_back` follows."""
        self._before_mail = self._progress
        self._get_on()

    def _take_back(self) -> None:
        """The mail that was begun is none: who begins one again and again would keep a place for ever."""
        self._progress = self._before_mail

    @contextmanager
    def _working(self) -> Iterator[None]:
        """How long the disk takes is no silence of the client."""
        began, self._ours = self._door.loop.time(), True
        try:
            yield
        finally:
            self._ours = False
            moment, command = self._progress
            self._progress = moment + self._door.loop.time() - began, command

    def _begin_data(self) -> None:
        """From now on the client's time is that of a mail."""
        self._get_on()
        self._data_began, self._data_bytes = self._door.loop.time(), 0
        self._count_data(0)

    def _count_data(self, size: int) -> None:
        """What arrives wins the time it may take at the least rate."""
        self._data_bytes += size
        limits = self._door.limits
        # A byte now and then is not progress either; below the least rate silence grows.
        moment = min(self._door.loop.time(), self._progress[0] + size / limits.least_rate)
        self._progress = moment, self._progress[1]
        seconds = max(limits.slow_seconds, self._data_bytes / limits.least_rate)
        self._leave_at(self._data_began + min(seconds, limits.data_seconds))

    def _end_data(self) -> None:
        """The mail has come; how long the disk takes is not the client's fault."""
        self._leave_at(self._data_began + self._door.limits.data_seconds)
        self._data_began = 0.0

    def _timeout_cb(self) -> None:
        loop = self._door.loop
        if loop.time() < self._deadline:
            self._timeout_handle = loop.call_at(self._deadline, self._timeout_cb)
        else:
            self.leave(replies.TOO_SLOW)

    async def _say(self, reply: Reply) -> None:
        if self.transport is None or self._left:
            raise Hangup
        self._errors += reply.refuses and reply != replies.TOO_MANY_RECIPIENTS
        self._unsent += reply
        if self._grouped and self._lines.has_line:
            return
        self.transport.write(self._unsent)
        self._unsent = b""
        await self._writer.drain()

    # --- the conversation ---

    async def _handle_client(self) -> None:
        guests = self._door.guests
        guests.arrive(self)
        try:
            if self._door.is_balancer(self._peer):
                await self._learn_peer()
            self._network, self._is_own = network_of(self._peer), self._door.is_own(self._peer)
            refusal = self._refused_visit() or guests.enter(self, self._peer)
            await self._say(refusal or self._door.greeting)
            if refusal is None:
                self._begin_visit()
                await self._converse()
        except ConnectionError:
            pass  # The client is gone, and so is a mail it had not finished.
        except NoHeader as error:
            _log.warning("smtp.no_header", balancer=self._peer, why=str(error))
        finally:
            guests.exit(self)
            if self._timeout_handle is not None:
                self._timeout_handle.cancel()
            self._close()

    def _refused_visit(self) -> Reply | None:
        """Why a newcomer is not let in: its network comes again and again without a mail, and places are few."""
        door = self._door
        if self._is_own or not door.guests.is_busy or door.paces.visits.allows(self._network):
            return None
        return replies.TOO_MANY_VISITS

    def _begin_visit(self) -> None:
        """A visit until it brings a mail."""
        if not self._is_own:
            self._is_visit = True
            self._door.paces.visits.count(self._network)

    def _end_visit(self) -> None:
        """It brought one."""
        if self._is_visit:
            self._is_visit = False
            self._door.paces.visits.give_back(self._network)

    async def _learn_peer(self) -> None:
        """A load balancer says whose connection it is, before anything else is said."""
        client = await read_client(self._lines, self._door.limits.header_seconds)
        if client is not None:
            self._peer = client
        self._reset_timeout()

    async def _converse(self) -> None:
        while self._last_words is None:
            self._idle, self._grouped = True, False
            try:
                line = await self._lines.line()
            except LineTooLong:
                await self._say(replies.LINE_TOO_LONG)
            else:
                self._idle = False
                await self._obey(line)
            self._reset_timeout()
            self._count_command()
        self._grouped = False
        await self._say(self._last_words)

    def _count_command(self) -> None:
        self._commands += 1
        limits, vain = self._door.limits, self._commands - self._progress[1]
        if self._last_words is None and self._errors > limits.errors:
            self._last_words = replies.TOO_MANY_ERRORS
        elif self._last_words is None and (self._commands >= limits.commands or vain >= limits.vain_commands):
            self._last_words = replies.TOO_MANY_COMMANDS

    def _give_way(self) -> None:
        """A mail is over: who has had a place for long leaves it to others, where there is none for them."""
        limits = self._door.limits
        began = self._end - limits.session_seconds
        if self._door.guests.is_full and not self._is_own and self._door.loop.time() - began > limits.full_seconds:
            self._last_words = self._last_words or replies.GIVE_WAY

    async def _encrypt(self, context: ssl.SSLContext) -> None:
        if self.transport is None:
            raise Hangup
        # What came in the clear after STARTTLS may be an attacker's (RFC 3207 4.2); nothing is awaited from here until
        # the transport belongs to TLS, so none can follow.
        self._lines.forget()
        seconds = min(self._door.limits.handshake_seconds, self._door.limits.command_seconds)
        try:
            transport = await self._door.loop.start_tls(
                self.transport, self, context, server_side=True, ssl_handshake_timeout=seconds
            )
        except OSError as error:
            raise Hangup from error
        if transport is None or self._left:
            raise Hangup
        self.transport = transport
        self._lines.moved_to(transport)
        self._tls = True
        self._forget_session()

    @abstractmethod
    async def _obey(self, line: bytes) -> None:
        """Answer one command line."""

    @abstractmethod
    def _forget_session(self) -> None:
        """Drop what the client said before TLS (RFC 3207 4.2)."""
