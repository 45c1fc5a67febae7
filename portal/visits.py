"""Who is at the portal: the connections now, and which of them has to go when there are too many.

Nobody is turned away at the door: whoever comes last is let in, and the connection whose last request began the longest
ago is closed instead. A stranger who opens connections and says nothing pushes out mostly his own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Protocol, cast

import structlog
from aiohttp import web

from portal.security import Handler

log = structlog.get_logger("portal")

MOST = 512
MOST_OF_ONE = 64
"""Browsers open six at once; an office behind one address has more."""

TELL_AFTER = 5.0
"""Seconds for which connections that had to go are counted before a log line tells of them."""


class Visitor(Protocol):
    """A connection, of which no more need be known."""

    def abort(self) -> None:
        """End now, whatever was still to be said."""


class Visits:
    """Bounds connections: `most` at once, `most_of_one` from one public IPv4 address or IPv6 /64 network.

    Private addresses have no bound of their own: behind one of them is our web server, with everybody's connections.
    """

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._present: dict[Visitor, str] = {}
        """From the one whose last request began the longest ago to the latest, each with its network."""
        self._gone = 0

    @property
    def count(self) -> int:
        """How many connections there are."""
        return len(self._present)

    def enter(self, visitor: Visitor, address: str) -> None:
        """Count a connection in, and close another one if that makes too many."""
        network = self._present[visitor] = network_of(address)
        same = [one for one, its in self._present.items() if network and its == network]
        if len(same) > self._most_of_one:
            self._send_away(same[0])
        elif len(self._present) > self._most:
            self._send_away(next(iter(self._present)))

    def renew(self, visitor: Visitor) -> None:
        """A request begins on this connection: it is the last that has to go."""
        if visitor in self._present:
            self._present[visitor] = self._present.pop(visitor)

    def exit(self, visitor: Visitor) -> None:
        """Count a connection out, unless it was sent away."""
        self._present.pop(visitor, None)

    def _send_away(self, visitor: Visitor) -> None:
        del self._present[visitor]
        visitor.abort()
        if not self._gone:
            asyncio.get_running_loop().call_later(TELL_AFTER, self._tell)
        self._gone += 1

    def _tell(self) -> None:
        log.warning("portal.crowded", closed=self._gone, open=self.count)
        self._gone = 0


VISITS = web.AppKey("visits", Visits)


def network_of(address: str) -> str:
    """What one stranger owns: an IPv4 address or an IPv6 /64 network; nothing for an address that is not public."""
    if not address:
        return ""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if not ip.is_global:
        return ""
    return str(int(ip) >> 64 if isinstance(ip, IPv6Address) else ip)


@web.middleware
async def attend(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the visits of each request."""
    if request.transport is not None:
        request.app[VISITS].renew(request.transport)
    return await handler(request)


class Visit(asyncio.Protocol):
    """One connection: counted in and out, and otherwise left to the web server's own protocol, which `server` makes."""

    def __init__(self, server: Callable[[], asyncio.Protocol], visits: Visits) -> None:
        self._within, self._visits = server(), visits
        self._visitor: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self._visitor = cast(asyncio.Transport, transport)
        self._within.connection_made(transport)
        # A client that is gone already has no name any more.
        address, *_ = transport.get_extra_info("peername") or ("",)
        self._visits.enter(self._visitor, address)

    def connection_lost(self, exc: Exception | None) -> None:
        """It went, or was sent."""
        if self._visitor:
            self._visits.exit(self._visitor)
        self._within.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """It said something."""
        self._within.data_received(data)

    def eof_received(self) -> bool | None:
        """It has nothing more to say."""
        return self._within.eof_received()

    def pause_writing(self) -> None:
        """It reads too slowly."""
        self._within.pause_writing()

    def resume_writing(self) -> None:
        """It reads again."""
        self._within.resume_writing()
