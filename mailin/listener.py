"""The SMTP door: listens, and gives each client a session of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP

from mailin.dialogue import Dialogue
from mailin.door import Door


class Listener:
    """Takes mail for a `Door` in the running loop, from `start` to `stop`."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._stock: dict[str, Any] = dict(vars(SMTP(None, hostname=door.hostname, loop=door.loop)))
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; answers the address and port in use (`port` 0 takes a free one). Raises OSError."""
        self._server = await self._door.loop.create_server(self._session, host, port, backlog=128)
        address = self._server.sockets[0].getsockname()
        return address[0], address[1]

    async def stop(self) -> None:
        """Take no more sessions, let mails that are being received finish, say goodbye; takes at most three seconds."""
        if self._server is not None:
            self._server.close()
        await self._door.guests.see_out(self._door.limits.goodbye_seconds)

    def _session(self) -> Dialogue:
        return Dialogue(self._door, self._stock)
