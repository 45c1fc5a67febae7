"""The TinyDB store beside SQLite, a dictionary, orjson, stock TinyDB and itself (goals C1 to C8).

Whatever is compared is measured in turn in the same run; a ratio is the median of the ratios of at least five rounds.
Below 50 rounds the largest stores and stock TinyDB, which takes seconds for each insert, are left out.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec

from bench import Row
from bench.store_peers import Customer, Sqlite, customer, filled, insert, ratio, seconds, update
from bench.store_sizes import beside_stock_tinydb, growth, memory, stall, start_up
from handlers.store.tiny import TinyStore

WRITERS = 50
EACH = 60  # operations in a round
LARGE = 100_000


async def run(rounds: int) -> list[Row]:
    """Every goal in turn; `rounds` / 20 rounds, and at least five."""
    times = max(5, rounds // 20)
    sizes = [1_000, 10_000, LARGE] if rounds >= 50 else [1_000, 10_000]
    rows: list[Row] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            rows += await beside_sqlite(folder, size, times)
        store = await filled(folder / "large.json", sizes[-1])
        rows += await many_writers(store, times)
        rows += await look_ups(store, sizes[-1])
        rows += await stall(store)
        await store.close()
        rows += await start_up(folder / "large.json", times)
        rows += memory(folder / "large.json")
        rows += await growth(folder, sizes[0], 1_000_000 if rounds >= 50 else sizes[-1])
        if rounds >= 50:
            rows += await beside_stock_tinydb(folder, sizes[-1])
    return rows


# C1


async def beside_sqlite(folder: Path, size: int, times: int) -> list[Row]:
    """One writer, durable each time; SQLite also in a thread, where a loop must keep whatever blocks."""
    store, peer = await filled(folder / f"{size}.json", size), Sqlite(folder / f"{size}.db", size)
    id = [customer(number * 7 % size).id for number in range(size, size + 3 * times * EACH)]
    with ThreadPoolExecutor(1) as thread:
        inserts = await in_turn(
            times,
            lambda number: insert(store, customer(size + number)),
            lambda number: at_once(peer.insert, customer(size + number)),
            lambda number: off_the_loop(thread, peer.insert, customer(size + number)),
        )
        updates = await in_turn(
            times,
            lambda number: update(store, id[number], number),
            lambda number: at_once(peer.update, id[number], number),
            lambda number: off_the_loop(thread, peer.update, id[number], number),
        )
    await store.close()
    peer.db.close()
    return [*compared(f"insert, {size:,}", inserts), *compared(f"update, {size:,}", updates)]


async def in_turn(times: int, *actions: Callable[[int], Awaitable[object]]) -> list[list[float]]:
    """The seconds of each action in each round; no two get the same number."""
    spent: list[list[float]] = [[] for _ in actions]
    for turn in range(times):
        for place, action in enumerate(actions):
            start = (turn * len(actions) + place) * EACH
            spent[place].append(await seconds(action, range(start, start + EACH)))
    return spent


async def at_once(action: Callable[..., None], *given: object) -> None:
    """Block the loop."""
    action(*given)


async def off_the_loop(thread: ThreadPoolExecutor, action: Callable[..., None], *given: object) -> None:
    """Block a thread."""
    await asyncio.get_running_loop().run_in_executor(thread, action, *given)


def compared(what: str, spent: list[list[float]]) -> list[Row]:
    """Our time, SQLite's, and how they stand to each other."""
    ours, theirs, threaded = spent
    return [
        Row(f"C1 durable {what} documents", statistics.median(ours) * 1e6, "µs"),
        Row(f"C1 durable {what} documents, SQLite", statistics.median(theirs) * 1e6, "µs"),
        Row(f"C1 rate of {what} beside SQLite", ratio(theirs, ours), "×", goal="at least 1.1"),
        Row(f"C1 rate of {what} beside SQLite in a thread", ratio(threaded, ours), "×"),
    ]


# C2


async def many_writers(store: TinyStore, times: int) -> list[Row]:
    """Fifty at once beside one."""
    number = 10_000_000
    alone, together = [], []
    for _ in range(times):
        alone.append(await seconds(lambda number: insert(store, customer(number)), range(number, number + EACH)))
        number += EACH
        start = perf_counter()
        await asyncio.gather(*(insert_some(store, number + writer * EACH) for writer in range(WRITERS)))
        together.append((perf_counter() - start) / WRITERS / EACH)
        number += WRITERS * EACH
    return [
        Row(f"C2 durable inserts, {WRITERS} writers", 1 / statistics.median(together), "/s"),
        Row("C2 beside our own single writer", ratio(alone, together), "×", goal="at least 8"),
    ]


async def insert_some(store: TinyStore, first: int) -> None:
    """A writer's share."""
    for number in range(first, first + EACH):
        await insert(store, customer(number))


# C3


async def look_ups(store: TinyStore, size: int) -> list[Row]:
    """By key and by index, each timed by itself, beside dictionaries of plain documents."""
    plain = {document.id: msgspec.to_builtins(document) for document in await store.find(Customer)}
    by_email = {document["email"]: id for id, document in plain.items()}
    chosen = [customer(number) for number in random.Random(7).choices(range(size), k=30_000)]
    key, index, plain_key, plain_index = [], [], [], []
    for one in chosen:
        id, email = one.id, one.email
        start = perf_counter()
        plain[id]
        plain_key.append(perf_counter() - start)
    for one in chosen:
        id, email = one.id, one.email
        start = perf_counter()
        await store.get(Customer, id)
        key.append(perf_counter() - start)
    for one in chosen:
        id, email = one.id, one.email
        start = perf_counter()
        plain[by_email[email]]
        plain_index.append(perf_counter() - start)
    for one in chosen:
        id, email = one.id, one.email
        start = perf_counter()
        await store.find(Customer, email=email)
        index.append(perf_counter() - start)
    return [*beside("key", key, plain_key), *beside("index", index, plain_index)]


def beside(what: str, ours: list[float], theirs: list[float]) -> list[Row]:
    """Median and 99th percentile of a look-up."""
    p50, p99 = (at(ours, share) / at(theirs, share) for share in (50, 99))
    return [
        Row(f"C3 look-up by {what}, median", at(ours, 50) * 1e6, "µs"),
        Row(f"C3 look-up by {what}, median beside a dict", p50, "×", goal="at most 4"),
        Row(f"C3 look-up by {what}, 99th percentile beside a dict", p99, "×", goal="at most 3"),
    ]


def at(values: list[float], share: int) -> float:
    """A percentile."""
    return sorted(values)[len(values) * share // 100]
