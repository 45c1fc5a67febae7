"""The power of a desk, to be cut at a moment of somebody's recovery."""

import asyncio

from demo.house import House


class Power:
    """Kills the desk once, so many seconds after a moment, and starts it again."""

    def __init__(self, house: House, moment: str, delay: float = 0) -> None:
        self._house, self._moment, self._delay = house, moment, delay
        self._cut: asyncio.Task[None] | None = None

    def reached(self, moment: str) -> None:
        """Hear of a moment; the first one of the right name counts."""
        if moment == self._moment and self._cut is None:
            self._cut = asyncio.create_task(self._cut_and_start())

    async def back(self) -> None:
        """Wait until the desk runs again; fails if the moment never came."""
        assert self._cut, f"the recovery never came to {self._moment}"
        await asyncio.shield(self._cut)  # a server stops whoever waits here when the desk hangs up

    async def _cut_and_start(self) -> None:
        await asyncio.sleep(self._delay)
        await self._house.desk.kill()
        await self._house.desk.start()
