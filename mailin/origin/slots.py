"""Places for questions to the DNS: bounded, and shared so that one domain's silent servers never take them all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

AT_ONCE = 256
OF_ONE_DOMAIN = 16
WAITING = 2000
WAITING_OF_ONE_DOMAIN = 200
SHORT = 3
"""So many letters has the second part of a name at most where a registry sells the third, as under `co.uk`."""

REVERSE = {"in-addr": 4, "ip6": 10}
"""Parts of a name that say whose an address is: 16 bits of an old one, 32 of a new one."""


class Full(Exception):
    """So many questions wait that nobody will be asked this one in time."""


class Slots:
    """The places of a desk; each domain waits for its own first, so that its queue stands in nobody's way."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._queues: dict[str, _Queue] = {}
        self._waiting = 0

    @asynccontextmanager
    async def place(self, name: str) -> AsyncIterator[None]:
        """A place to ask for `name` from; raises Full at once where too many wait for one."""
        domain = owner_of(name)
        queue = self._queues.get(domain) or _Queue()
        if self._waiting >= WAITING or queue.members >= OF_ONE_DOMAIN + WAITING_OF_ONE_DOMAIN:
            raise Full(domain)
        self._queues[domain] = queue
        queue.members += 1
        try:
            async with self._both(queue):
                yield
        finally:
            queue.members -= 1
            if not queue.members:
                del self._queues[domain]

    @asynccontextmanager
    async def _both(self, queue: _Queue) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            self._waiting += 1
            try:
                await held.enter_async_context(queue.room)
                await held.enter_async_context(self._room)
            finally:
                self._waiting -= 1
            yield


class _Queue:
    """The questions of one domain, and how many there are."""

    def __init__(self) -> None:
        self.room = asyncio.Semaphore(OF_ONE_DOMAIN)
        self.members = 0


def owner_of(name: str) -> str:
    """About whose name it is: its last two parts, or three where the second is short."""
    parts = name.split(".")
    if parts[-1] == "arpa" and len(parts) > 1:
        return ".".join(parts[-REVERSE.get(parts[-2], 2) :])
    is_short = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= SHORT
    return ".".join(parts[-3 if is_short else -2 :])
