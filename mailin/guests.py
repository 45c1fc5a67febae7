"""Who is at the door: the sessions now, in all and by address."""

from __future__ import annotations

import asyncio
from collections import Counter
from ipaddress import IPv6Address, ip_address
from typing import Protocol

from mailin.replies import SHUTTING_DOWN, TOO_MANY_FROM_YOU, TOO_MANY_SESSIONS, Reply


class Guest(Protocol):
    """A session."""

    def depart(self) -> None:
        """End as soon as a mail that is being received is answered."""

    def leave(self, last_words: Reply) -> None:
        """End now."""


class Guests:
    """Counts sessions; `most` at once, `most_per_address` of one IPv4 address or one IPv6 /64 network."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most, self._most_per_address = most, most_per_address
        self._present: dict[Guest, str] = {}
        self._by_network: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closing = False

    @property
    def count(self) -> int:
        """How many sessions there are."""
        return len(self._present)

    def enter(self, guest: Guest, address: str) -> Reply | None:
        """Count a session in, or say why it cannot be had. Whatever the answer, `exit` when it ends."""
        network = network_of(address)
        self._present[guest] = network
        self._by_network[network] += 1
        self._empty.clear()
        if self._closing:
            return SHUTTING_DOWN
        if len(self._present) > self._most:
            return TOO_MANY_SESSIONS
        return TOO_MANY_FROM_YOU if self._by_network[network] > self._most_per_address else None

    def exit(self, guest: Guest) -> None:
        """Count a session out."""
        network = self._present.pop(guest)
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]
        if not self._present:
            self._empty.set()

    async def see_out(self, seconds: float) -> None:
        """Let nobody in any more; those in the middle of a mail have `seconds` to finish it, the others none."""
        self._closing = True
        for guest in list(self._present):
            guest.depart()
        if not await self._emptied(seconds):
            for guest in list(self._present):
                guest.leave(SHUTTING_DOWN)
            await self._emptied(seconds)

    async def _emptied(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            return False
        return True


def network_of(address: str) -> str:
    """Whom an address belongs to: an IPv6 customer owns at least a /64 network, and could use each of them once."""
    if ":" not in address:
        return address
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or int(ip) >> 64)
