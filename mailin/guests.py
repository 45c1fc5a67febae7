"""Who is at the door: the sessions now, in all and by network."""

from __future__ import annotations

import asyncio
from typing import Protocol

from mailin.networks import ByNetwork, network_of
from mailin.replies import MAKE_ROOM, SHUTTING_DOWN, TOO_MANY_FROM_YOU, TOO_MANY_SESSIONS, Reply

_LOOK_EVERY = 1.0  # seconds


class Guest(Protocol):
    """A session."""

    def silent_seconds(self) -> float:
        """How long it has not got on with a mail; 0 while it waits for us."""

    def depart(self) -> None:
        """End as soon as a mail that is being received is answered."""

    def leave(self, last_words: Reply) -> None:
        """End now."""


class Guests:
    """Counts sessions; `most` at once, `most_per_address` of one IPv4 address or one IPv6 /64 network.

    When all places are taken, one that was silent for `patience` seconds or more makes room, and it is the most silent
    of the wider network that has most places: who opens connections and sends no mails shuts nobody out.
    """

    def __init__(self, most: int, most_per_address: int, patience: float = 10.0) -> None:
        self._most, self._most_per_address, self._patience = most, most_per_address, patience
        self._look_again = 0.0  # before that it is not worth it
        self._present: dict[Guest, str] = {}
        self._places = ByNetwork()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closing = False

    @property
    def count(self) -> int:
        """How many sessions there are."""
        return len(self._present)

    @property
    def is_busy(self) -> bool:
        """Whether more than half of the places are taken."""
        return 2 * len(self._present) > self._most

    def arrive(self, guest: Guest) -> None:
        """Count a session in before it is known whose it is; `enter` may follow, and `exit` when it ends."""
        self._count(guest, "")

    def enter(self, guest: Guest, address: str) -> Reply | None:
        """Count a session in, or say why it cannot be had. Whatever the answer, `exit` when it ends."""
        if guest in self._present:
            self._uncount(guest)
        network = network_of(address)
        self._count(guest, network)
        if self._closing:
            return SHUTTING_DOWN
        if self._places.own(network) > self._most_per_address:
            return TOO_MANY_FROM_YOU
        return None if len(self._present) <= self._most or self._room_made() else TOO_MANY_SESSIONS

    def exit(self, guest: Guest) -> None:
        """Count a session out."""
        self._uncount(guest)
        if not self._present:
            self._empty.set()

    def _count(self, guest: Guest, network: str) -> None:
        self._present[guest] = network
        self._places.add(network, 1)
        self._empty.clear()

    def _uncount(self, guest: Guest) -> None:
        self._places.add(self._present.pop(guest), -1)

    def _room_made(self) -> bool:
        """Whether somebody was sent away for the one who came; a flood does not make us look at everybody each time."""
        now = asyncio.get_running_loop().time()
        if now < self._look_again:
            return False
        silent = {guest: guest.silent_seconds() for guest in self._present}
        left = self._patience - max(silent.values())
        if left > 0:
            # A mail that is taken back makes its session silent from before it, so a look is due sooner.
            self._look_again = now + min(left, _LOOK_EVERY)
            return False
        patient = [guest for guest, seconds in silent.items() if seconds >= self._patience]
        places = {guest: self._places.around(self._present[guest]) for guest in patient}
        max(patient, key=lambda guest: (places[guest], silent[guest])).leave(MAKE_ROOM)
        return True

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
