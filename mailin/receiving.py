"""The share of the spool's room that mails may take while they are still being received."""

from __future__ import annotations

from mailin.errors import SpoolFull
from mailin.networks import WIDE, ByNetwork

SMALL_MAIL = 64 * 1024
"""Bytes of each mail that are not counted here, so that a genuine small mail always finds the room the others left."""

_NETWORKS = 4  # how many it takes to use up what all may have


class Receiving:
    """Counts, by network, what mails in DATA have beyond SMALL_MAIL bytes each.

    A client decides how long it keeps a mail in that state, so all of them have half of the room at most, those of
    one network a quarter of that half, and those of the wider network around it half of it.
    """

    def __init__(self, room: int) -> None:
        self._most = room // 2
        self._held = ByNetwork()

    def grow(self, network: str, old: int, new: int) -> None:
        """A mail from `network` grows from `old` to `new` bytes; raises SpoolFull."""
        more = _counted(new) - _counted(old)
        if not more:
            return
        share = self._most // _NETWORKS
        if self._held.total() + more > self._most:
            raise SpoolFull(f"The mails being received have all their {self._most} bytes.")
        if self._held.own(network) + more > share:
            raise SpoolFull(f"The mails being received from one network have all its {share} bytes.")
        if self._held.around(network) + more > WIDE * share:
            raise SpoolFull(f"The mails being received from one wider network have all its {WIDE * share} bytes.")
        self._held.add(network, more)

    def end(self, network: str, size: int) -> None:
        """A mail of `size` bytes is no longer being received."""
        self._held.add(network, -_counted(size))


def _counted(size: int) -> int:
    return max(0, size - SMALL_MAIL)
