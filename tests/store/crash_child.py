"""A desk to kill: commits as fast as it can, and says on its output what it was told is durable.

`python -m tests.store.crash_child PATH [forget]`. Each of its writers moves coins between two purses and counts its
moves in a third document, all in one transaction; `<writer> <count>` is printed when the transaction has ended. With
`forget` it also writes `secret-<count>.`, deletes it, and prints `forgotten <count>` when the store has vacuumed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from random import SystemRandom

import structlog

from handlers.store.tiny import TinyStore
from tests.store.documents import KINDS, MINUTE, NOON, Job, Purse

CHANCE = SystemRandom()
WRITERS = 12
PURSES = [f"purse{number}" for number in range(6)]
COINS = 1000
SNAPSHOT_BYTES = 4_000  # so that many kills fall into a snapshot


async def run(path: str, *also: str) -> None:
    """Open the store, fill it if it is empty, and never stop."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    say("open")
    store = await TinyStore.open(path, kinds=KINDS, snapshot_bytes=SNAPSHOT_BYTES)
    async with store.transaction() as tx:
        if await tx.count(Purse) == 0:
            tx.put(*(Purse(id=id, coins=COINS) for id in PURSES))
            tx.put(*(Job(id=str(number), queue="q", due=NOON) for number in range(3)))
    others = [forget(store)] if also else []
    await asyncio.gather(work(store), *others, *(move_on(store, f"writer{number}") for number in range(WRITERS)))


async def move_on(store: TinyStore, writer: str) -> None:
    """Move coins for ever."""
    while True:
        say(f"{writer} {await move(store, writer)}")


async def move(store: TinyStore, writer: str) -> int:
    """Move some coins; returns how many moves this writer has made."""
    source, target = CHANCE.sample(PURSES, 2)
    async with store.transaction() as tx:
        one, other, count = await tx.get(Purse, source), await tx.get(Purse, target), await tx.get(Purse, writer)
        assert one is not None
        assert other is not None
        moves = 1 if count is None else count.coins + 1
        coins = CHANCE.randrange(10)
        tx.put(Purse(id=source, coins=one.coins - coins, pad="x" * CHANCE.randrange(200)))
        tx.put(Purse(id=target, coins=other.coins + coins), Purse(id=writer, coins=moves))
    return moves


async def work(store: TinyStore) -> None:
    """Claim work for ever, at an hour of its own; every claim counts as a move."""
    now = NOON
    while True:
        for job in await store.claim(Job, "q", now, MINUTE):
            say(f"job{job.id} {job.tries}")
        now += MINUTE


async def forget(store: TinyStore) -> None:
    """Write, delete and forget secrets for ever."""
    while True:
        async with store.transaction() as tx:
            last = await tx.get(Purse, "forgotten")
            count = 1 if last is None else last.coins + 1
            tx.put(Purse(id="secret", coins=0, pad=f"secret-{count}."))
        async with store.transaction() as tx:
            tx.delete(Purse, "secret")
            tx.put(Purse(id="forgotten", coins=count))
        await store.vacuum()
        say(f"forgotten {count}")


def say(line: str) -> None:
    """Print at once."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
