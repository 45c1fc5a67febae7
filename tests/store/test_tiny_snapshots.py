"""Snapshots replace journals, and at no moment of it is anything lost."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from handlers.store.tiny import TinyStore
from tests.store.conftest import journals_of
from tests.store.documents import KINDS, Person, Purse, delete, make_person, put


async def test_the_journal_is_folded_into_a_snapshot_when_it_has_grown(path: Path) -> None:
    """Files do not grow with the number of commits: old journals go when a snapshot replaced them."""
    store = await TinyStore.open(path, kinds=KINDS, snapshot_bytes=10_000)
    for number in range(400):
        await put(store, Purse(id="a", coins=number, pad="x" * 200))
    await store.close()
    assert len(journals_of(path)) <= 3
    assert os.stat(path).st_size < 1000
    store = await TinyStore.open(path)
    assert [purse.coins for purse in await store.find(Purse)] == [399]
    await store.close()


async def test_a_crash_between_the_steps_of_a_snapshot_loses_nothing(path: Path) -> None:
    """With the new journal but the old snapshot, and with both snapshots and all journals, everything is there."""
    store = await TinyStore.open(path, kinds=KINDS)
    await put(store, make_person("ada"))
    await store.snapshot()
    await put(store, make_person("bob"))
    await store._freeze()
    await put(store, make_person("cyd"))
    shutil.copytree(path.parent, path.parent / "one")
    journals = journals_of(path)
    await store.snapshot()
    shutil.copytree(path.parent, path.parent / "two", ignore=shutil.ignore_patterns("one"))
    for journal in journals:
        shutil.copy(path.parent / "one" / journal.name, path.parent / "two")
    await store.close()
    for folder in ("one", "two"):
        store = await TinyStore.open(path.parent / folder / path.name, kinds=KINDS)
        assert [person.id for person in await store.find(Person)] == ["ada", "bob", "cyd"]
        await delete(store, Person, "ada")
        await store.close()


async def test_a_snapshot_cancelled_at_any_moment_loses_nothing(path: Path) -> None:
    """A caller that goes away in the middle of it leaves files that hold every commit."""
    store = await TinyStore.open(path, kinds=KINDS)
    for moment in range(60):
        await put(store, make_person(f"before{moment}"))
        task = asyncio.create_task(store.snapshot())
        await asyncio.sleep(moment / 20_000)
        task.cancel()
        await put(store, make_person(f"after{moment}"))
    await at_rest(path.parent)  # a copy takes its time, and a kill does not: nothing may move under it
    shutil.copytree(path.parent, path.parent / "killed")
    await store.close()
    again = await TinyStore.open(path.parent / "killed" / path.name)
    assert await again.count(Person) == 120
    await again.close()


async def at_rest(folder: Path) -> None:
    """Wait until the folder's files have stayed the same for a while."""
    quiet, before = 0, None
    while quiet < 20:
        now = sorted(os.listdir(folder))
        quiet, before = (quiet + 1 if now == before else 0), now
        await asyncio.sleep(0.01)
