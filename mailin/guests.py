"""Who is at the door: the sessions now, in all and by network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from mailin.networks import ByNetwork, network_of, wider
from mailin.replies import GIVE_WAY, MAKE_ROOM, SHUTTING_DOWN, TOO_MANY_FROM_YOU, TOO_MANY_SESSIONS, Reply

_LOOK_EVERY = 1.0  # seconds
_CROWD = 10
"""Whoever holds more than this part of the places is a crowd: one of it gives way to who holds half as many at most."""


class Hold(NamedTuple):
    """What a session would lose by leaving: the mail it is receiving, or nothing; and what speaks for its leaving.

    `seconds` it has been silent, or that its mail takes longer than it would at a brisk rate.
    """

    in_mail: bool
    seconds: float


class Guest(Protocol):
    """A session."""

    def silent_seconds(self) -> float:
        """How long it has not got on with a mail; 0 while it waits for us."""

    def hold(self) -> Hold | None:
        """What leaving now would cost; None while it waits for us, or leaves, or must not be asked to."""

    def depart(self) -> None:
        """End as soon as a mail that is being received is answered."""

    def leave(self, last_words: Reply) -> None:
        """End now."""


class Guests:
    """Counts sessions; `most` at once, `most_per_address` of one network, and of the wider one around it half of all.

    When all places are taken, one that was silent for `patience` seconds or more makes room, and it is the most silent
    of the wider network that has most places: who opens connections and sends no mails shuts nobody out. Where nobody
    is silent, a crowd gives way: who sends little mails, or slow ones, shuts nobody out either.
    """

    def __init__(self, most: int, most_per_address: int, patience: float = 10.0) -> None:
        self._most, self._most_per_address, self._patience = most, most_per_address, patience
        self._most_around = max(most_per_address, most // 2)
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

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return len(self._present) >= self._most

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
        if self._places.around(network) > self._most_around:
            return None if self._neighbour_gone(network) else TOO_MANY_FROM_YOU
        if len(self._present) <= self._most or self._silent_gone() or self._crowd_gone(network):
            return None
        return TOO_MANY_SESSIONS

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

    def _neighbour_gone(self, network: str) -> bool:
        """Whether a crowd in the wider network around this one gave way to it: one address must not be all of them."""
        around = wider(network)
        neighbours = [guest for guest, where in self._present.items() if wider(where) == around]
        return self._gives_way(neighbours, self._places.own, network)

    def _crowd_gone(self, network: str) -> bool:
        """Whether a wider network that holds many places gave way to this one, which holds few."""
        return self._gives_way(self._present, self._places.around, network)

    def _gives_way(self, guests: Iterable[Guest], places: Callable[[str], int], network: str) -> bool:
        few = max(self._most // _CROWD, 2 * places(network) - 1)
        crowd = {guest: held for guest in guests if (held := places(self._present[guest])) > few}
        costs = {guest: hold for guest in crowd if (hold := guest.hold())}
        if not costs:
            return False
        # Between two mails nothing is lost: its sender hears 421 and comes again.
        max(costs, key=lambda guest: (crowd[guest], not costs[guest].in_mail, costs[guest].seconds)).leave(GIVE_WAY)
        return True

    def _silent_gone(self) -> bool:
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
