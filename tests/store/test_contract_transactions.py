"""What every store promises about transactions."""

from __future__ import annotations

import asyncio

import pytest

from handlers.store.contract import Store
from tests.store.documents import Person, Purse, fail, make_person, put


async def test_a_transaction_sees_its_own_changes(store: Store) -> None:
    """Key, index, list and count all show what was put and deleted before."""
    await put(store, make_person("ada", address="x@example.com"), make_person("bob", address="x@example.com"))
    async with store.transaction() as tx:
        tx.delete(Person, "ada")
        tx.put(make_person("bob", address="y@example.com"), make_person("cyd", address="x@example.com"))
        assert await tx.get(Person, "ada") is None
        assert [person.id for person in await tx.find(Person, address="x@example.com")] == ["cyd"]
        assert [person.id for person in await tx.find(Person, address="y@example.com")] == ["bob"]
        assert [person.id for person in await tx.find(Person)] == ["bob", "cyd"]
        assert await tx.count(Person) == 2


async def test_nobody_else_sees_changes_before_the_commit(store: Store) -> None:
    """Readers outside see the state before until the block has ended."""
    await put(store, make_person("ada", address="x@example.com"))
    async with store.transaction() as tx:
        tx.put(make_person("ada", address="y@example.com"), make_person("bob"))
        assert await store.get(Person, "ada") == make_person("ada", address="x@example.com")
        assert await store.find(Person, address="y@example.com") == []
        assert await store.count(Person) == 1
    assert await store.count(Person) == 2


async def test_a_reader_sees_all_of_a_commit_or_nothing(store: Store) -> None:
    """While transfers commit, every sum read in a transaction is whole."""
    await put(store, Purse(id="a", coins=50), Purse(id="b", coins=50))

    async def move(coins: int) -> None:
        async with store.transaction() as tx:
            a, b = await tx.get(Purse, "a"), await tx.get(Purse, "b")
            assert a is not None
            assert b is not None
            tx.put(Purse(id="a", coins=a.coins - coins))
            await asyncio.sleep(0)
            tx.put(Purse(id="b", coins=b.coins + coins))

    async def total() -> int:
        async with store.transaction() as tx:
            return sum(purse.coins for purse in await tx.find(Purse))

    sums = await asyncio.gather(*(call for coins in range(20) for call in (move(coins), total())))
    assert [number for number in sums if number is not None] == [100] * 20


async def test_an_exception_undoes_the_transaction(store: Store) -> None:
    """The caller gets its own exception, the store nothing."""
    await put(store, make_person("ada"))
    with pytest.raises(ZeroDivisionError):
        await fail(store, make_person("bob"), gone=make_person("ada"))
    assert [person.id for person in await store.find(Person)] == ["ada"]


async def test_a_cancelled_transaction_is_undone_and_blocks_nobody(store: Store) -> None:
    """A task cancelled in the body leaves no lock behind."""
    entered = asyncio.Event()

    async def hang() -> None:
        async with store.transaction() as tx:
            tx.put(make_person("ada"))
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(store, make_person("bob"))
    assert [person.id for person in await store.find(Person)] == ["bob"]


async def test_no_update_is_lost(store: Store) -> None:
    """Read-modify-write in concurrent transactions counts every one."""
    await put(store, Purse(id="a", coins=0))

    async def add() -> None:
        async with store.transaction() as tx:
            purse = await tx.get(Purse, "a")
            assert purse is not None
            await asyncio.sleep(0)
            tx.put(Purse(id="a", coins=purse.coins + 1))

    await asyncio.gather(*(add() for _ in range(50)))
    assert await store.get(Purse, "a") == Purse(id="a", coins=50)


async def test_a_transaction_is_of_no_use_after_its_end(store: Store) -> None:
    """A change that could never be committed is an error, not silence."""
    async with store.transaction() as tx:
        pass
    with pytest.raises(RuntimeError):
        tx.put(make_person("ada"))
    with pytest.raises(RuntimeError):
        await tx.get(Person, "ada")


async def test_a_transaction_inside_another_is_an_error(store: Store) -> None:
    """It would wait for ever for the one around it."""
    async with store.transaction() as tx:
        tx.put(make_person("ada"))
        async with asyncio.timeout(5):
            with pytest.raises(RuntimeError):
                await put(store, make_person("bob"))
    assert [person.id for person in await store.find(Person)] == ["ada"]
