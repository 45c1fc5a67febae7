"""Shared syncs: records that arrive while one write is under way go together into the next."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mailin.segments import Segment


class Place(NamedTuple):
    """Where a record was written: the number of the segment, and the byte the record ends before."""

    segment: int
    end: int


class Journal:
    """Appends records to segments, beginning a new one when the last is full; one thread, one write at a time."""

    def __init__(self, folder: Path, number: int, segment_bytes: int) -> None:
        """Begin segment `number`; raises OSError."""
        self._folder, self._segment_bytes = folder, segment_bytes
        self._segment = Segment(folder, number)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._queue: list[tuple[list[bytes], asyncio.Future[Place]]] = []
        self._writing: asyncio.Future[Place] | None = None

    @property
    def number(self) -> int:
        """The number of the segment being written."""
        return self._segment.number

    def append(self, record: list[bytes]) -> asyncio.Future[Place]:
        """Write a record, whole or not at all; the answer comes when it is on disk, or is an OSError."""
        answer: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        self._queue.append((record, answer))
        if self._writing is None:
            self._write_queue()
        return answer

    def turn(self) -> asyncio.Future[Place] | None:
        """Begin a new segment, so that the last one can be deleted; None while something is being written to that."""
        if self._writing is not None:
            return None
        turning = self._writing = asyncio.get_running_loop().run_in_executor(self._thread, self._begin)
        turning.add_done_callback(lambda turned: self._answer([], turned))
        return turning

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        self._thread.shutdown()
        self._segment.close()

    # What the thread does, it does against the loop for the interpreter's lock: all that can be done here is done here.

    def _write_queue(self) -> None:
        queue, self._queue = self._queue, []
        pieces = [piece for record, _ in queue for piece in record]
        self._segment.notice_deletion()
        self._writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write, pieces)
        self._writing.add_done_callback(lambda written: self._answer(queue, written))

    def _answer(self, queue: list[tuple[list[bytes], asyncio.Future[Place]]], written: asyncio.Future[Place]) -> None:
        self._writing = None
        if self._queue:
            self._write_queue()
        error = written.exception()
        if error is not None:
            for _, answer in queue:
                answer.set_exception(error)
            return
        segment, end = written.result()
        for record, answer in queue:
            end += sum(map(len, record))
            answer.set_result(Place(segment, end))

    def _write(self, pieces: list[bytes]) -> Place:
        if self._segment.is_spoiled or self._segment.size >= self._segment_bytes:
            self._begin()
        start = self._segment.size
        self._segment.append(pieces)
        return Place(self._segment.number, start)

    def _begin(self) -> Place:
        fresh = Segment(self._folder, self._segment.number + 1)
        self._segment.close()
        self._segment = fresh
        return Place(fresh.number, fresh.size)
