"""After a vacuum the TinyDB store's folder holds no byte of what was deleted or replaced."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest

from console import copies
from handlers.store.contract import StoreFailed
from handlers.store.snapshot import previous_of
from handlers.store.tiny import TinyStore
from tests.store.conftest import journals_of
from tests.store.documents import KINDS, Person, delete, make_person, put

DELETED, REPLACED = "deleted-4711@example.com", "replaced-4711@example.com"


@pytest.fixture
async def old(path: Path) -> TinyStore:
    """A store whose two snapshots and all whose journals hold what is then deleted or replaced."""
    store = await TinyStore.open(path, kinds=KINDS)
    for _ in range(3):
        await put(store, make_person("ada", address=REPLACED), make_person("bob", address=DELETED))
        await store.snapshot()
    await put(
        store, make_person("ada", address=REPLACED, town="Lyon"), make_person("bob", address=DELETED, town="Nice")
    )
    await put(store, make_person("ada", address="new@example.com"))
    await delete(store, Person, "bob")
    return store


def holders(folder: Path) -> list[str]:
    """The files in which a byte of what is over is left."""
    texts = (DELETED.encode(), REPLACED.encode())
    return sorted(
        file.name for file in folder.iterdir() if file.is_file() and any(text in file.read_bytes() for text in texts)
    )


async def test_nothing_deleted_or_replaced_is_in_any_file_after_a_vacuum(old: TinyStore, path: Path) -> None:
    """Before, the snapshots and journals have it; afterwards no file does."""
    assert {"desk.json", "desk.json.previous"} < set(holders(path.parent))
    await old.vacuum()
    assert holders(path.parent) == []
    await old.close()
    assert holders(path.parent) == []


async def test_a_snapshot_that_a_crash_left_half_written_is_forgotten_too(old: TinyStore, path: Path) -> None:
    """The file for the next snapshot is written anew from its first byte."""
    path.with_name("desk.json.new").write_text(DELETED * 1000)
    await old.vacuum()
    assert holders(path.parent) == []
    await old.close()


async def test_after_a_vacuum_there_is_still_a_way_back(old: TinyStore, path: Path) -> None:
    """The snapshot behind the new one is whole, and with the journals it gives the same store."""
    await old.vacuum()
    await put(old, make_person("cyd"))
    killed = path.parent / "killed"
    shutil.copytree(path.parent, killed)
    await old.close()
    assert copies.faults(killed / path.name) == []
    os.rename(previous_of(killed / path.name), killed / path.name)
    again = await TinyStore.open(killed / path.name)
    assert [person.id for person in await again.find(Person)] == ["ada", "cyd"]
    await again.close()


async def test_a_vacuum_does_not_stall_the_loop(path: Path) -> None:
    """With 20,000 documents nothing else waits for 25 ms; of three, because other processes share the machine."""
    store = await TinyStore.open(path, kinds=KINDS)
    await put(store, *(make_person(str(number), address=f"{number}@example.com") for number in range(20_000)))
    assert min([await longest_stall(store) for _ in range(3)]) < 0.025
    await store.close()


async def longest_stall(store: TinyStore) -> float:
    """How long something else had to wait at most while the store was vacuumed, in seconds."""
    vacuum, longest, last = asyncio.create_task(store.vacuum()), 0.0, time.perf_counter()
    while not vacuum.done():
        await asyncio.sleep(0)
        longest, last = max(longest, (now := time.perf_counter()) - last), now
    await vacuum
    return longest


async def test_a_vacuum_that_the_disk_refuses_says_so_and_loses_nothing(old: TinyStore, path: Path) -> None:
    """The caller must try again; until then the old files stay as they were."""
    path.with_name("desk.json.new").mkdir()
    with pytest.raises(StoreFailed, match="Cannot write a snapshot"):
        await old.vacuum()
    assert holders(path.parent) != []
    path.with_name("desk.json.new").rmdir()
    await old.vacuum()
    assert holders(path.parent) == []
    await old.close()


async def test_a_store_opened_to_be_read_cannot_be_vacuumed(old: TinyStore, path: Path) -> None:
    """It writes nothing, whatever it is asked."""
    await old.close()
    reader = await TinyStore.open(path, kinds=KINDS, read_only=True)
    with pytest.raises(StoreFailed, match="reading only"):
        await reader.vacuum()
    await reader.close()
    assert journals_of(path)
