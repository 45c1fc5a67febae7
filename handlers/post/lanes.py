"""Lanes: letters that customers wait for do not queue behind answers that strangers can cause by the hundred."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine

from handlers.model.outbox import Letter

BATCH = 8


class Lane:
    """The letters of one queue that were claimed: waiting for a slot, or in hand.

    No domain has more than half of the slots: its server may be slow, or an enemy's.
    """

    def __init__(self, queue: str, slots: int) -> None:
        self.queue = queue
        self.slots = slots
        self.waiting: list[Letter] = []
        self.in_hand: dict[asyncio.Task[None], str] = {}
        self.at_work = asyncio.Lock()

    @property
    def room(self) -> int:
        """How many more letters to claim."""
        return BATCH - len(self.waiting) if len(self.in_hand) < self.slots else 0

    @property
    def is_stuck(self) -> bool:
        """Whether slots are free that no waiting letter may have."""
        return len(self.waiting) >= BATCH and len(self.in_hand) < self.slots

    def next(self) -> Letter | None:
        """Take the oldest waiting letter that may have a slot now."""
        if len(self.in_hand) >= self.slots:
            return None
        taken = Counter(self.in_hand.values())
        for place, letter in enumerate(self.waiting):
            if taken[domain(letter)] < self.slots // 2:
                return self.waiting.pop(place)
        return None

    def start(self, letter: Letter, work: Coroutine[None, None, None]) -> None:
        """Give the letter a slot until `work` ends."""
        task = asyncio.create_task(work)
        self.in_hand[task] = domain(letter)
        task.add_done_callback(self.in_hand.pop)

    def clear(self) -> list[Letter]:
        """Take all that wait."""
        waiting, self.waiting = self.waiting, []
        return waiting


def domain(letter: Letter) -> str:
    """Whose server has to take the letter in the end."""
    return letter.to.rpartition("@")[2].lower()
