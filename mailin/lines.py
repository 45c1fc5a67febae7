"""The client's input, by lines while it commands and by whatever arrived while it sends a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

MOST_LINE = 1024
_BEFORE_END = MOST_LINE - 1  # the reader counts what stands before the line end's last byte
_DATA_AT_ONCE = 64 * 1024


class Hangup(ConnectionError):
    """The client closed its side."""


class LineTooLong(Exception):
    """A line longer than MOST_LINE; it has been read over."""


class Lines(asyncio.StreamReader):
    """aiosmtpd's reader with three things it lacks: whole lines or none, a wide mouth for mails, and forgetting."""

    _buffer: bytearray
    _limit: int
    _paused: bool
    _transport: asyncio.Transport | None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_BEFORE_END, loop=loop)

    async def line(self) -> bytes:
        """The next line with its line end; raises LineTooLong, Hangup."""
        too_long = False
        while True:
            try:
                line = await self.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                raise Hangup from None
            except asyncio.LimitOverrunError as error:
                too_long = True
                await self.readexactly(error.consumed)
                continue
            if too_long:
                raise LineTooLong
            return line

    async def some(self) -> bytes:
        """What has arrived, at least one byte; raises Hangup."""
        data = await self.read(_DATA_AT_ONCE)
        if not data:
            raise Hangup
        return data

    @contextmanager
    def wide(self) -> Iterator[None]:
        """Let more arrive at once: with the limit of lines the transport is paused and resumed every 2 KiB."""
        self._limit = _DATA_AT_ONCE
        try:
            yield
        finally:
            self._limit = _BEFORE_END

    def unread(self, data: bytes) -> None:
        """Put back what belongs to later."""
        self._buffer[:0] = data

    def forget(self) -> None:
        """Drop what has arrived and was not read."""
        self._buffer.clear()

    @property
    def has_more(self) -> bool:
        """Whether something has arrived that was not read."""
        return bool(self._buffer)

    @property
    def has_line(self) -> bool:
        """Whether the next line need not be waited for."""
        return b"\n" in self._buffer

    def ignore(self) -> None:
        """End what is read here, and drop what comes; the transport is read on, so that the client can finish."""
        self.forget()
        self.feed_eof()
        self.feed_data = lambda data: None  # type: ignore[method-assign]
        if self._paused and self._transport is not None:
            self._transport.resume_reading()

    def moved_to(self, transport: asyncio.Transport) -> None:
        """From now on input comes through another transport."""
        self._transport = transport
