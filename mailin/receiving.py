"""The share of the spool's room that mails may take while they are still being received."""

from __future__ import annotations

from collections import Counter

from mailin.errors import SpoolFull
from mailin.guests import wider

SMALL_MAIL = 64 * 1024
"""Bytes of each mail that are not counted here, so that a genuine small mail always finds the room the others left."""

_NETWORKS = 4  # how many it takes to use up the share; half as many wider ones


class Receiving:
    """Counts, by network, what mails in DATA have beyond SMALL_MAIL bytes each.

    A client decides how long it keeps a mail in that state, so all of them have half of the room at most, those of
    one network a quarter of that half, and those of the wider network around it half of it.
    """

    def __init__(self, room: int) -> None:
        self._most = room // 2
        self._by_network: Counter[str] = Counter()
        self._by_wider: Counter[str] = Counter()

    def grow(self, network: str, old: int, new: int) -> None:
        """A mail from `network` grows from `old` to `new` bytes; raises SpoolFull."""
        more = _counted(new) - _counted(old)
        if not more:
            return
        if self._by_network.total() + more > self._most:
            raise SpoolFull(f"The mails being received have all their {self._most} bytes.")
        share = self._most // _NETWORKS
        for counted, key, most in self._shares(network):
            if counted[key] + more > most * share:
                raise SpoolFull(f"The mails being received from one network have all its {most * share} bytes.")
        for counted, key, _ in self._shares(network):
            counted[key] += more

    def end(self, network: str, size: int) -> None:
        """A mail of `size` bytes is no longer being received."""
        for counted, key, _ in self._shares(network):
            counted[key] -= _counted(size)
            if not counted[key]:
                del counted[key]

    def _shares(self, network: str) -> tuple[tuple[Counter[str], str, int], ...]:
        return (self._by_network, network, 1), (self._by_wider, wider(network), 2)


def _counted(size: int) -> int:
    return max(0, size - SMALL_MAIL)
