"""What the store is measured with and against: one document, SQLite, a dictionary, and a place to weigh memory.

`python -m bench.store_peers dict|store PATH` prints how many bytes of memory the documents of the store at PATH take.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3
import statistics
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

import msgspec
import orjson
import structlog

from handlers.model.document import Document, Work
from handlers.store.tiny import TinyStore

NEVER = 1 << 50  # bytes: no snapshot comes between
encode = msgspec.json.Encoder().encode


class Customer(Document, frozen=True, kw_only=True):
    """A document of about 470 bytes of JSON, found by its address."""

    TABLE = "customers"
    INDEXES = (("email",),)

    service: str
    login: str
    email: str
    name: str
    company: str
    language: str
    phone: str
    notes: str
    version: int = 0


class Errand(Work, frozen=True, kw_only=True):
    """Work to claim."""

    TABLE = "errands"


KINDS = (Customer, Errand)


def customer(number: int) -> Customer:
    """The customer of that number."""
    return Customer(
        id=f"C-{number:08}",
        service="lantern",
        login=f"customer{number}",
        email=f"customer{number}@example.com",
        name=f"Customer Number {number}",
        company="Durand et fils, maison fondée en 1887",
        language="fr",
        phone="+33 1 23 45 67 89",
        notes="Asked twice about the same thing. " * 6,
    )


async def open_store(path: Path) -> TinyStore:
    """A store that logs nothing and takes snapshots only when told."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return await TinyStore.open(path, kinds=KINDS, snapshot_bytes=NEVER)


async def filled(path: Path, size: int) -> TinyStore:
    """A store of so many customers."""
    store = await open_store(path)
    for start in range(0, size, 1000):
        async with store.transaction() as tx:
            tx.put(*(customer(number) for number in range(start, min(size, start + 1000))))
    await store.snapshot()
    return store


async def insert(store: TinyStore, document: Customer) -> None:
    """One durable insert."""
    async with store.transaction() as tx:
        tx.put(document)


async def update(store: TinyStore, id: str, version: int) -> None:
    """One durable read-modify-write."""
    async with store.transaction() as tx:
        found = await tx.get(Customer, id)
        assert found is not None
        tx.put(msgspec.structs.replace(found, version=version))


async def seconds(action: Callable[[int], Awaitable[object]], numbers: range) -> float:
    """The mean time of an action."""
    start = perf_counter()
    for number in numbers:
        await action(number)
    return (perf_counter() - start) / len(numbers)


def ratio(above: list[float], below: list[float]) -> float:
    """The median of the ratios of the rounds."""
    return statistics.median(one / other for one, other in zip(above, below, strict=True))


class Sqlite:
    """The same promises by SQLite: write-ahead log, every commit synced, an index on the address."""

    def __init__(self, path: Path, size: int) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("pragma synchronous=full")
        self.db.execute("create table customers (id text primary key, email text, document text)")
        self.db.execute("create index by_email on customers (email)")
        self.db.execute("begin")
        for number in range(size):
            self._insert(customer(number))
        self.db.execute("commit")

    def insert(self, document: Customer) -> None:
        """One durable insert."""
        self.db.execute("begin immediate")
        self._insert(document)
        self.db.execute("commit")

    def update(self, id: str, version: int) -> None:
        """One durable read-modify-write."""
        self.db.execute("begin immediate")
        [text] = self.db.execute("select document from customers where id = ?", (id,)).fetchone()
        changed = msgspec.structs.replace(msgspec.json.decode(text, type=Customer), version=version)
        self.db.execute("update customers set document = ? where id = ?", (encode(changed).decode(), id))
        self.db.execute("commit")

    def _insert(self, document: Customer) -> None:
        row = (document.id, document.email, encode(document).decode())
        self.db.execute("insert into customers values (?, ?, ?)", row)


def parse(path: Path) -> object:
    """The snapshot as orjson reads it."""
    return orjson.loads(path.read_bytes())


def memory() -> int:
    """Bytes this process has in memory now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


async def weigh(what: str, path: Path) -> int:
    """How many bytes it takes to have the documents at hand."""
    before = memory()
    kept: object
    if what == "store":
        kept = await TinyStore.open(path, kinds=KINDS, read_only=True)
    else:
        kept = parse(path)
    weight = memory() - before
    del kept
    return weight


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(asyncio.run(weigh(sys.argv[1], Path(sys.argv[2]))))
