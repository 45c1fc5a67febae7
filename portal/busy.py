"""How many big forms are read at once: each holds megabytes, and a slow one holds them for minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from handlers.model.errors import Limited

MOST = 8
MOST_OF_ONE = 2
RETRY_SECONDS = 30.0


class Busy:
    """Counts the forms with files that are being read, altogether and for each address of a page."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._now: Counter[str] = Counter()

    @contextmanager
    def one(self, whose: str) -> Iterator[None]:
        """Count one in while the block runs; raises Limited when there are too many."""
        if self._now.total() >= self._most or self._now[whose] >= self._most_of_one:
            raise Limited("Too many files are being sent at once.", RETRY_SECONDS)
        self._now[whose] += 1
        try:
            yield
        finally:
            self._now[whose] -= 1
            self._now += Counter()  # forgets those that are at nought


BUSY = web.AppKey("busy", Busy)
