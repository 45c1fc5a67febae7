"""Mails that wait: for the earlier one of their sender, and how many may wait for anything at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Turn:
    """The place of one mail behind the one before it of the same sender."""

    def __init__(self, before: asyncio.Event | None) -> None:
        self._before = before

    @property
    def has_come(self) -> bool:
        """Whether nothing earlier is under way."""
        return self._before is None or self._before.is_set()

    async def comes(self) -> None:
        """Wait until the earlier one is handed over or set aside."""
        if self._before is not None:
            await self._before.wait()


class Turns:
    """The newest mail under way of each sender; there are never more senders in here than mails under way."""

    def __init__(self) -> None:
        self._newest: dict[str, asyncio.Event] = {}

    @contextmanager
    def behind(self, sender: str) -> Iterator[Turn]:
        """A turn behind the mails of this sender that came before, until the block ends; the null sender is nobody."""
        if not sender:
            yield Turn(None)
            return
        before, ended = self._newest.get(sender), asyncio.Event()
        self._newest[sender] = ended
        try:
            yield Turn(before)
        finally:
            ended.set()
            if self._newest[sender] is ended:
                del self._newest[sender]


class Waiting:
    """The mails that wait for one thing beside those at work, and how much memory they take."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._mails = self._bytes = 0
        self._room = asyncio.Event()

    def is_full(self, size: int = 0) -> bool:
        """Whether there is no room for one of so many bytes."""
        return self._mails >= self._most or self._bytes + size > self._most_bytes

    async def has_room(self) -> None:
        """Wait until there is some."""
        while self.is_full():
            self._room.clear()
            await self._room.wait()

    @contextmanager
    def holds(self, size: int) -> Iterator[None]:
        """Count one while the block runs, whether there is room or not."""
        self._mails += 1
        self._bytes += size
        try:
            yield
        finally:
            self._mails -= 1
            self._bytes -= size
            self._room.set()
