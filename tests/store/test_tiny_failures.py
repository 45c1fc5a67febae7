"""A disk that is full, fails or goes away."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from handlers.store.contract import StoreFailed
from handlers.store.tiny import TinyStore
from tests.store.documents import KINDS, MINUTE, NOON, Job, Person, Purse, make_job, make_person, put

MIB = 1024 * 1024


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: the system refuses it like a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def one_more_file() -> Iterator[None]:
    """Only one more file can be open at a time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(free := os.open(os.devnull, os.O_RDONLY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def open_store(path: Path) -> TinyStore:
    """A store that takes no snapshots by itself."""
    return await TinyStore.open(path, kinds=KINDS, snapshot_bytes=1000 * MIB)


async def keep(store: TinyStore, purse: Purse) -> str | None:
    """Its id if it was kept."""
    try:
        await put(store, purse)
    except StoreFailed:
        return None
    return purse.id


async def test_a_full_disk_refuses_commits_and_keeps_exactly_the_others(path: Path) -> None:
    """With many commits at once, memory and disk hold those that were acknowledged and nothing else."""
    store = await open_store(path)
    with files_at_most(6 * MIB):
        purses = [Purse(id=f"{number:03}", coins=number, pad="x" * 100_000) for number in range(80)]
        acknowledged = [id for id in await asyncio.gather(*(keep(store, purse) for purse in purses)) if id]
        assert [purse.id for purse in await store.find(Purse)] == sorted(acknowledged)
    assert len(acknowledged) < 80
    shutil.copytree(path.parent, path.parent / "copy")
    await store.close()
    again = await open_store(path.parent / "copy" / path.name)
    assert [purse.id for purse in await again.find(Purse)] == sorted(acknowledged)
    await again.close()


async def test_a_snapshot_without_commits_since_the_last_endangers_no_later_one(path: Path) -> None:
    """The journal that has no commit yet is used on, and is not taken away when the new snapshot fails."""
    store = await open_store(path)
    await put(store, make_person("ada"))
    await store.snapshot()
    with one_more_file(), suppress(StoreFailed):
        await store.snapshot()
    await put(store, make_person("bob"))
    shutil.copytree(path.parent, path.parent / "copy")
    await store.close()
    again = await open_store(path.parent / "copy" / path.name)
    assert [person.id for person in await again.find(Person)] == ["ada", "bob"]
    await again.close()


async def test_half_a_write_leaves_no_trace(path: Path) -> None:
    """Lines of a write that failed in the middle do not come back behind a later, shorter one."""
    store = await open_store(path)
    await put(store, make_person("ada"))
    with files_at_most(MIB):
        purses = [Purse(id=f"{number:03}", coins=number, pad="x" * 100_000) for number in range(20)]
        acknowledged = [id for id in await asyncio.gather(*(keep(store, purse) for purse in purses)) if id]
    assert len(acknowledged) < 20
    await put(store, make_person("bob"))
    shutil.copytree(path.parent, path.parent / "copy")
    await store.close()
    again = await open_store(path.parent / "copy" / path.name)
    assert [purse.id for purse in await again.find(Purse)] == acknowledged
    assert [person.id for person in await again.find(Person)] == ["ada", "bob"]
    await again.close()


async def test_the_store_goes_on_when_there_is_space_again(path: Path) -> None:
    """A full disk needs no restart; unique keys, indexes and work refused with a commit are free again."""
    store = await open_store(path)
    await put(store, make_job("a"), make_person("ada", town="Lyon", street="A"))
    with files_at_most(MIB):
        await fill_the_journal(store)
        with pytest.raises(StoreFailed, match="Nothing of this was kept"):
            await put(store, make_person("bob", badge="7"), make_person("ada", town="Paris", street="B"))
        with pytest.raises(StoreFailed):
            await store.claim(Job, "letters", NOON, MINUTE)
    assert await store.find(Person) == [make_person("ada", town="Lyon", street="A")]
    assert await store.find(Person, town="Paris", street="B") == []
    assert [job.tries for job in await store.claim(Job, "letters", NOON, MINUTE)] == [1]
    await put(store, make_person("cyd", badge="7"))
    await store.close()
    store = await open_store(path)
    assert [person.id for person in await store.find(Person)] == ["ada", "cyd"]
    await store.close()


async def fill_the_journal(store: TinyStore) -> None:
    """Use up the space that was allocated ahead."""
    with pytest.raises(StoreFailed):
        await put(store, Purse(id="big", coins=0, pad="x" * 5 * MIB))


async def test_a_transaction_that_read_what_was_lost_is_refused_too(path: Path) -> None:
    """Nothing is built on a commit that failed."""
    store = await open_store(path)
    with files_at_most(MIB):
        big = asyncio.create_task(keep(store, Purse(id="big", coins=0, pad="x" * 5 * MIB)))
        await asyncio.sleep(0)
        assert store.pending() is not None
        with pytest.raises(StoreFailed, match="What this transaction read was not kept"):
            await copy_slowly(store, big)
    assert await store.find(Purse) == []
    await store.close()


async def copy_slowly(store: TinyStore, big: asyncio.Task[str | None]) -> None:
    """Read the big purse, wait until it failed, and write what was read."""
    async with store.transaction() as tx:
        purse = await tx.get(Purse, "big")
        assert purse is not None
        assert await big is None
        tx.put(Purse(id="copy", coins=purse.coins))


async def test_a_duplicate_of_what_was_lost_is_no_duplicate(path: Path) -> None:
    """A key held by a commit that fails is not reported as taken."""
    store = await open_store(path)
    with files_at_most(MIB):
        big = asyncio.create_task(keep(store, Purse(id="big", coins=0, pad="x" * 5 * MIB)))
        await asyncio.sleep(0)
        first = asyncio.create_task(put(store, make_person("ada", badge="7")))
        await asyncio.sleep(0)
        with pytest.raises(StoreFailed):
            await put(store, make_person("bob", badge="7"))
        with pytest.raises(StoreFailed):
            await first
        assert await big is None
    await put(store, make_person("bob", badge="7"))
    await store.close()


async def test_nobody_is_told_what_is_not_durable(path: Path) -> None:
    """Plain reads show what is on disk; a transaction that saw more ends only when that is on disk too."""
    store = await open_store(path)
    commit = asyncio.create_task(put(store, make_person("ada")))
    await asyncio.sleep(0)
    assert store.pending() is not None
    assert await store.get(Person, "ada") is None
    assert (await store.find(Person), await store.count(Person)) == ([], 0)
    async with store.transaction() as tx:
        assert await tx.get(Person, "ada") == make_person("ada")
    assert await store.get(Person, "ada") == make_person("ada")
    await commit
    await store.close()


async def test_after_a_failed_sync_the_store_refuses_everything(path: Path) -> None:
    """A sync that failed may have lost anything, and a second one would not say so."""
    store = await open_store(path)
    await put(store, make_person("ada"))
    shutil.copytree(path.parent, path.parent / "copy")
    make_syncs_fail(store)
    with pytest.raises(StoreFailed, match=r"Cannot sync .* Check the disk, then restart"):
        await put(store, make_person("bob"))
    with pytest.raises(StoreFailed):
        await store.get(Person, "ada")
    with pytest.raises(StoreFailed):
        await put(store, make_person("cyd"))
    await store.close()
    again = await open_store(path.parent / "copy" / path.name)
    assert [person.id for person in await again.find(Person)] == ["ada"]
    await again.close()


def make_syncs_fail(store: TinyStore) -> None:
    """Put a device in the journal's place that takes every write and cannot sync."""
    assert store._journal is not None
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, store._journal._file._fd)
    os.close(null)


async def test_a_folder_deleted_under_the_store_is_noticed(path: Path) -> None:
    """Commits into a file that nobody will find again are not acknowledged."""
    store = await open_store(path)
    shutil.rmtree(path.parent)
    with pytest.raises(StoreFailed, match="was deleted while in use"):
        await put(store, make_person("ada"))
    await store.close()


async def test_a_failed_snapshot_harms_nothing(path: Path) -> None:
    """The old snapshot and all journals stay, until a later one succeeds."""
    store = await open_store(path)
    await put(store, make_person("ada"))
    in_the_way = path.with_name(path.name + ".new")
    in_the_way.mkdir()
    with pytest.raises(StoreFailed, match="Cannot write a snapshot"):
        await store.snapshot()
    await put(store, make_person("bob"))
    shutil.copytree(path.parent, path.parent / "copy")
    in_the_way.rmdir()
    await store.snapshot()
    await store.close()
    for place in (path, path.parent / "copy" / path.name):
        again = await open_store(place)
        assert [person.id for person in await again.find(Person)] == ["ada", "bob"]
        await again.close()
