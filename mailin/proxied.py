"""The PROXY protocol, versions 1 and 2: a load balancer before us says whose connection this is.

aiosmtpd reads the header. It is generous in trifles (`TCPx4`, `2_5` for a port), which does no harm: only networks the
operator named are listened to. It holds to the lengths, and takes nothing that comes after the header.
"""

from __future__ import annotations

import asyncio
from ipaddress import IPv4Address, IPv6Address

from aiosmtpd.proxy_protocol import AF, PROTO, V2_CMD, ProxyData, get_proxy


class NoHeader(Exception):
    """What came is no header, or came too slowly; the text says what was wrong."""


async def read_client(reader: asyncio.StreamReader, seconds: float) -> str | None:
    """The client's address, or None when the connection is the balancer's own (a health check); raises NoHeader."""
    try:
        async with asyncio.timeout(seconds):
            header = await get_proxy(reader)
    except TimeoutError:
        raise NoHeader("it took too long") from None
    if not header.valid:
        raise NoHeader(header.error)
    return _client(header)


def _client(header: ProxyData) -> str | None:
    if header.command == V2_CMD.LOCAL or header.family in (AF.UNSPEC, AF.UNIX):
        return None
    if header.protocol != PROTO.STREAM or not isinstance(header.src_addr, IPv4Address | IPv6Address):
        raise NoHeader("the connection is no TCP connection")
    return str(header.src_addr)
