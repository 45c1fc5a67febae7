"""Waiting for what happens on the other side of a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(check: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until `check` is true; raises TimeoutError when it does not become so."""
    for _ in range(int(seconds * 100)):
        if check():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"not so within {seconds} s")


async def once(look: Callable[[], Awaitable[T | None]], seconds: float = 5.0) -> T:
    """What `look` finds, as soon as that is something; raises TimeoutError when it stays nothing."""
    for _ in range(int(seconds * 100)):
        if seen := await look():
            return seen
        await asyncio.sleep(0.01)
    raise TimeoutError(f"nothing within {seconds} s")
