"""Whether the relay takes letters from anybody; while it does not, since when, why, and how long to leave it alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from handlers.desk import Desk

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=1)
"""While the relay is down, one letter tries it at least this often: links live for minutes."""

SILENT_DOMAINS = 3
"""One domain's slow server makes a relay break off; that it breaks off for this many in a row is the relay's fault."""

log = structlog.get_logger()


class Outage:
    """What the letters in hand tell of the relay; all times are the desk's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._why = ""
        self._since: datetime | None = None
        self._silent: set[str] = set()
        self._over = asyncio.Event()

    def __bool__(self) -> bool:
        return self._since is not None

    def __str__(self) -> str:
        return f"{self._why} (since {self._since:%H:%M:%S} UTC)" if self._since else ""

    @property
    def pause(self) -> timedelta:
        """How long to leave the relay alone: as long again as it has been down, within bounds."""
        lasted = self._desk.now() - self._since if self._since else FIRST_PAUSE
        return min(max(lasted, FIRST_PAUSE), LONGEST_PAUSE)

    def begin(self, why: str) -> None:
        """The relay let nobody in. Said once, when it begins."""
        self._why = why
        if self._since is None:
            self._since = self._desk.now()
            self._over.clear()
            log.warning("relay.down", why=why)

    def broke_off(self, domain: str, why: str) -> None:
        """The relay let us in, and did not answer about a letter to `domain` ("" for one that strangers can cause)."""
        if domain:
            self._silent.add(domain)
        if len(self._silent) >= SILENT_DOMAINS:
            self.begin(why)
        else:
            self._end()

    def answered(self) -> None:
        """The relay took a letter, or said why not."""
        self._silent.clear()
        self._end()

    async def rest(self) -> None:
        """Wait until the relay is worth another try, or somebody else found it up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pause.total_seconds()):
                await self._over.wait()

    def _end(self) -> None:
        if self._since:
            log.info("relay.up", down_since=self._since.isoformat())
        self._since, self._why = None, ""
        self._over.set()
