"""Waiting for what happens on the other side of a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(check: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until `check` is true; raises TimeoutError when it does not become so."""
    for _ in range(int(seconds * 100)):
        if check():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"not so within {seconds} s")
