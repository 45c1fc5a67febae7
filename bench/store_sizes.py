"""The store when it is large: growth, start-up, memory, stalls, and stock TinyDB beside it (goals C4 to C8)."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import msgspec
import orjson
from tinydb import TinyDB, where

from bench import Row
from bench.store_peers import Customer, Errand, customer, filled, insert, open_store, parse, ratio, seconds, update
from handlers.store.tiny import TinyStore

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)

# C4


async def growth(folder: Path, small: int, large: int) -> list[Row]:
    """What every hot operation costs in a large store beside a small one."""
    costs = []
    for size in (small, large):
        store = await filled(folder / f"growth{size}.json", size)
        costs.append(await hot_operations(store, size))
        await store.close()
    return [
        Row(
            f"C4 {what}, {large:,} beside {small:,} documents", costs[1][what] / costs[0][what], "×", goal="at most 1.6"
        )
        for what in costs[0]
    ]


async def hot_operations(store: TinyStore, size: int) -> dict[str, float]:
    """The median seconds of each hot operation."""
    async with store.transaction() as tx:
        tx.put(*(Errand(id=f"{number:08}", queue="q", due=NOON) for number in range(size)))
    far = 20_000_000
    actions: dict[str, Callable[[int], Awaitable[object]]] = {
        "get": lambda number: store.get(Customer, customer(number * 7919 % size).id),
        "find": lambda number: store.find(Customer, email=customer(number * 7919 % size).email),
        "insert": lambda number: insert(store, customer(far + number)),
        "update": lambda number: update(store, customer(number * 7919 % size).id, number),
        "claim": lambda number: store.claim(Errand, "q", NOON, timedelta(hours=1)),
    }
    return {
        what: statistics.median([await seconds(action, range(number, number + 20)) for number in range(0, 800, 20)])
        for what, action in actions.items()
    }


# C5, C6, C7


async def start_up(path: Path, times: int) -> list[Row]:
    """Opening the store beside orjson reading the same file."""
    ours, theirs = [], []
    for _ in range(times):
        start = perf_counter()
        store = await open_store(path)
        ours.append(perf_counter() - start)
        await store.close()
        del store
        start = perf_counter()
        parse(path)
        theirs.append(perf_counter() - start)
    return [
        Row("C5 start-up, large store", statistics.median(ours), "s", goal="at most 1.5"),
        Row("C5 start-up beside orjson reading the snapshot", ratio(ours, theirs), "×", goal="at most 1.3"),
    ]


def memory(path: Path) -> list[Row]:
    """What the documents weigh, each way in a process of its own."""
    store, plain = (
        int(subprocess.check_output([sys.executable, "-m", "bench.store_peers", what, str(path)]))  # noqa: S603
        for what in ("store", "dict")
    )
    return [
        Row("C6 memory of the large store", store / 1e6, "MB"),
        Row("C6 memory beside a dict of the same documents", store / plain, "×", goal="at most 1.5"),
    ]


async def stall(store: TinyStore) -> list[Row]:
    """How long nothing else gets its turn while the store is folded into a snapshot."""
    idle = await longest_gap(asyncio.sleep(0.5))
    gaps = [await longest_gap(store.snapshot()) for _ in range(5)]
    return [
        Row("C7 longest stall of an idle loop", idle * 1e3, "ms"),
        Row("C7 longest stall of the loop during 5 snapshots", max(gaps) * 1e3, "ms", goal="at most 25"),
    ]


async def longest_gap(work: Awaitable[None]) -> float:
    """The longest time between two turns of a task that always wants one."""
    done = asyncio.ensure_future(work)
    longest, last = 0.0, perf_counter()
    while not done.done():
        await asyncio.sleep(0.0002)
        longest, last = max(longest, perf_counter() - last), perf_counter()
    return longest


# C8


async def beside_stock_tinydb(folder: Path, size: int) -> list[Row]:
    """The same durable operations in TinyDB as it comes."""
    store = await filled(folder / "ours.json", size)
    plain = {str(number): msgspec.to_builtins(customer(number)) for number in range(size)}
    (folder / "stock.json").write_bytes(orjson.dumps({"customers": plain}))
    with TinyDB(folder / "stock.json") as db:
        table = db.table("customers", cache_size=0)
        slow = [
            timed(lambda: table.insert(plain["0"])),
            timed(lambda: table.update({"version": 1}, doc_ids=[7])),
            timed(lambda: table.search(where("email") == customer(9).email)),
        ]
    fast = [
        await seconds(lambda number: insert(store, customer(size + number)), range(200)),
        await seconds(lambda number: update(store, customer(number).id, 1), range(200)),
        await seconds(lambda number: store.find(Customer, email=customer(number).email), range(200)),
    ]
    await store.close()
    return [
        Row(f"C8 {what} beside stock TinyDB", theirs / ours, "×", goal="at least 1,000")
        for what, theirs, ours in zip(("durable insert", "durable update", "look-up by field"), slow, fast, strict=True)
    ]


def timed(action: Callable[[], object]) -> float:
    """How long the second of two calls takes."""
    action()
    start = perf_counter()
    action()
    return perf_counter() - start
