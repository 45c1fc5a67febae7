"""Which work is due when, without looking at all of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import heappop, heappush

from handlers.model.document import Work


def falls_due(work: Work) -> datetime | None:
    """From when (UTC) the work may be claimed: its due time or the end of its lease, whichever is later."""
    if work.due is None or work.leased_until is None:
        return work.due
    return max(work.due, work.leased_until)


class Queues:
    """The work of one table by queue and due time.

    The heaps keep entries of work that has changed since; those are recognised and dropped when they come to the top.
    """

    def __init__(self, rows: Mapping[str, Work]) -> None:
        self._rows = rows
        self._heaps: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self._added: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def note(self, work: Work | None) -> None:
        """Take in a new or changed document; a deleted one needs no note."""
        if work is None or (due := falls_due(work)) is None:
            return
        heappush(self._heaps[work.queue], (due, work.id))
        if work.leased_until is None:
            self._added[work.queue].set()

    def next_due(self, queue: str) -> datetime | None:
        """When the next piece falls due."""
        heap = self._heaps[queue]
        while heap and not self._is_current(queue, *heap[0]):
            heappop(heap)
        return heap[0][0] if heap else None

    def ready(self, queue: str, now: datetime, most: int) -> list[Work]:
        """Up to `most` pieces that are due at `now`, oldest first; they stay in the queue until they change."""
        self._added[queue].clear()
        found = dict(self._take(queue, now, most))
        for entry in found.values():
            heappush(self._heaps[queue], entry)
        return [self._rows[id] for id in found]

    async def changed(self, queue: str, timeout: float) -> None:
        """Wait until work was added since the last `ready`, at most `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._added[queue].wait()
        except TimeoutError:
            return

    def _take(self, queue: str, now: datetime, most: int) -> Iterator[tuple[str, tuple[datetime, str]]]:
        seen: set[str] = set()
        while len(seen) < most and (due := self.next_due(queue)) is not None and due <= now:
            entry = heappop(self._heaps[queue])
            if entry[1] not in seen:
                seen.add(entry[1])
                yield entry[1], entry

    def _is_current(self, queue: str, due: datetime, id: str) -> bool:
        work = self._rows.get(id)
        return work is not None and work.queue == queue and falls_due(work) == due
