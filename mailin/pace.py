"""How many mails came in the last minute, of whom and to whom, and how many visits without one.

Memory is bounded by two minutes' mails and visits, and by MOST_KEYS of each kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from mailin.networks import WIDE, wider

MINUTE = 60.0

FEW = 0.01
"""Who came less often than this part of its own limit goes on being taken when a limit it shares is reached."""

MORE = 1.2
"""So many times its limit a mailbox takes, of those that sent few."""

MOST_KEYS = 50_000
"""So many are counted in a minute; whoever has more networks than that is not to be counted by network."""


class Pace:
    """Counts by key, over a moving minute: the mails of this one, and of the last what still belongs to it.

    `most` a minute, 0 for no limit; `now` gives seconds that only grow.
    """

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most, self._now = most, now
        self._began = now()
        self._last: Counter[Hashable] = Counter()
        self._this: Counter[Hashable] = Counter()

    def allows(self, key: Hashable, times: float = 1.0) -> bool:
        """Whether one more would be within the limit, or within so many times the limit, where one is always."""
        if not self._most:
            return True
        share = 1 - self._minutes()
        return self._this[key] + self._last[key] * share < max(1, int(times * self._most))

    def count(self, key: Hashable) -> None:
        """One more came."""
        if not self._most:
            return
        self._minutes()
        if key in self._this or len(self._this) < MOST_KEYS:
            self._this[key] += 1

    def give_back(self, key: Hashable) -> None:
        """One that was counted shall not have been."""
        self._minutes()
        counted = next((minute for minute in (self._this, self._last) if minute[key]), None)
        if counted is not None:
            counted[key] -= 1

    def _minutes(self) -> float:
        """How much of this minute is over; begins a new one when all of it is."""
        gone = (self._now() - self._began) / MINUTE
        if gone >= 1:
            self._last = self._this if gone < 2 else Counter()
            self._this = Counter()
            self._began += MINUTE * int(gone)
            gone -= int(gone)
        return gone


class NetworkPace:
    """A pace of networks: of each, and with WIDE times as much of the wider one around it.

    Beyond that, a network that had few goes on to have them, until all such have had as much as one: two addresses do
    not use up what is everybody's around them.
    """

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._own, self._wide = Pace(most, now), Pace(WIDE * most, now)

    def allows(self, network: str) -> bool:
        """Whether one more would be within the limits."""
        if self._wide.allows(wider(network)):
            return self._own.allows(network)
        return self._own.allows(network, FEW) and self._wide.allows(wider(network), (WIDE + 1) / WIDE)

    def had_few(self, network: str) -> bool:
        """Whether the wider network around this one had few."""
        return self._wide.allows(wider(network), FEW)

    def count(self, network: str) -> None:
        """One more came."""
        self._own.count(network)
        self._wide.count(wider(network))

    def give_back(self, network: str) -> None:
        """One that was counted shall not have been."""
        self._own.give_back(network)
        self._wide.give_back(wider(network))


class Paces:
    """The limits a mail is held against: of its network, of its sender there, and of each of its mailboxes.

    A sender's name is anybody's to give, so it counts together with the network: nobody uses up another's share.
    `visits` are sessions that brought no mail, or none yet, by network. A mailbox that has had all it takes goes on to
    take the mails of networks that sent few, a fifth as many.
    """

    def __init__(self, network: int, sender: int, mailbox: int, visits: int, now: Callable[[], float]) -> None:
        self._network, self._sender, self._mailbox = NetworkPace(network, now), Pace(sender, now), Pace(mailbox, now)
        self.visits = NetworkPace(visits, now)

    def allow_network(self, network: str) -> bool:
        """Whether the network may send one more."""
        return self._network.allows(network)

    def allow_sender(self, network: str, sender: str) -> bool:
        """Whether the sender may; bounces have none, and are not counted here."""
        return not sender or self._sender.allows((network, sender.lower()))

    def allow_mailbox(self, network: str, mailbox: str) -> bool:
        """Whether the mailbox may receive one more, from that network."""
        key = mailbox.lower()
        return self._mailbox.allows(key) or (self._network.had_few(network) and self._mailbox.allows(key, MORE))

    def count(self, network: str, sender: str, mailboxes: list[str]) -> None:
        """A mail was accepted."""
        self._network.count(network)
        if sender:
            self._sender.count((network, sender.lower()))
        for mailbox in {each.lower() for each in mailboxes}:
            self._mailbox.count(mailbox)
