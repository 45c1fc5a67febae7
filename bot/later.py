"""What a click asks for after Slack was answered: small errands that may fail without undoing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from bot.trouble import NETWORK

log = structlog.get_logger("bot")


class Later:
    """Errands under way; nothing durable depends on them, so a crash may lose them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, errand: Awaitable[object], what: str) -> None:
        """Start the errand; a failure is one line in the log."""
        task = asyncio.create_task(self._tried(errand, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self, seconds: float) -> None:
        """Wait for what is under way, at most that long; then let go of it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()

    async def _tried(self, errand: Awaitable[object], what: str) -> None:
        try:
            await errand
        except NETWORK as error:
            log.warning("answer lost", what=what, error=type(error).__name__)
        except Exception:
            log.exception("answer failed", what=what)
