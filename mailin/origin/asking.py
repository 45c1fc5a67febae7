"""How a mail asks the DNS: what there is to ask, what comes back, and how much one mail may ask at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import Literal, NamedTuple, Protocol

OF_ONE_MAIL = 8  # questions at once

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Record = bytes | str | tuple[int, str]
"""An address, a name, the bytes of a text, or a mail exchanger with its preference."""

Key = tuple[str, Kind]


class Unanswered(Exception):
    """The DNS did not say: nobody answered in time, or only that something is broken. It may know later."""


class TooMany(Unanswered):
    """A mail makes us ask more than any honest one."""


class Answer(NamedTuple):
    """What there is of a kind under a name; `exists` is false where the name itself is not there (NXDOMAIN)."""

    found: tuple[Record, ...] = ()
    exists: bool = True

    @property
    def texts(self) -> list[bytes]:
        """The texts among it."""
        return [record for record in self.found if isinstance(record, bytes)]


class Resolving(Protocol):
    """Whoever knows names, or finds them out."""

    def known(self, name: str, kind: Kind) -> Answer | None:
        """The answer if it is there already."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        """The answer; raises Unanswered."""


class Asking(Resolving, Protocol):
    """One mail's way to ask."""

    async def fetch(self, wanted: Iterable[tuple[str, Kind]]) -> None:
        """Find several out at the same time, so that they are known when they are asked for."""


class Look:
    """The questions of one mail: all have one deadline, each is asked once, and there is a bound to their number."""

    def __init__(self, names: Resolving, seconds: float, most: int) -> None:
        self._names = names
        self._until = monotonic() + seconds
        self._most = most
        self._turns = asyncio.Semaphore(OF_ONE_MAIL)
        self._answers: dict[Key, Answer | None] = {}

    @property
    def unanswered(self) -> bool:
        """Whether there was a question that nobody answered; another time somebody may."""
        return None in self._answers.values()

    def known(self, name: str, kind: Kind) -> Answer | None:
        """The answer if it is there already; it counts as asked for."""
        key = key_of(name, kind)
        if key not in self._answers and len(self._answers) < self._most:
            known = self._names.known(*key)
            if known is not None:
                self._answers[key] = known
        return self._answers.get(key)

    async def ask(self, name: str, kind: Kind) -> Answer:
        """The answer; raises Unanswered, after the deadline at once, and TooMany."""
        key = key_of(name, kind)
        if self.known(*key) is None and key not in self._answers:
            if len(self._answers) >= self._most:
                raise TooMany
            self._answers[key] = await self._in_time(key)
        answer = self._answers[key]
        if answer is None:
            raise Unanswered(f"{kind} of {key[0]}")
        return answer

    async def fetch(self, wanted: Iterable[tuple[str, Kind]]) -> None:
        """Find several out at the same time; those that are too many are left out."""
        keys = dict.fromkeys(key_of(*one) for one in wanted)
        missing = [key for key in keys if self.known(*key) is None and key not in self._answers]
        room = self._most - len(self._answers)
        answers = await asyncio.gather(*(self._in_time(key) for key in missing[:room]))
        self._answers.update(zip(missing, answers, strict=False))

    async def _in_time(self, key: Key) -> Answer | None:
        try:
            async with asyncio.timeout(max(0.0, self._until - monotonic())), self._turns:
                return await self._names.ask(*key)
        except (Unanswered, TimeoutError):
            return None


def key_of(name: str, kind: Kind) -> Key:
    """What is asked, in the form in which questions are the same."""
    return name.lower().removesuffix("."), kind
