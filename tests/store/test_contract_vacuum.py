"""What every store promises about forgetting; where its files lie is its own affair (`test_tiny_vacuum.py`)."""

from __future__ import annotations

import asyncio

import pytest

from handlers.store.contract import Store
from tests.store.conftest import OpenStore
from tests.store.documents import Person, Purse, delete, make_person, put


async def test_what_was_kept_is_still_there_after_a_vacuum(open_store: OpenStore) -> None:
    """Only what was deleted is gone, now and after the next start."""
    store = await open_store()
    await put(store, make_person("ada", address="ada@example.com"), make_person("bob"))
    await delete(store, Person, "bob")
    await store.vacuum()
    assert await store.find(Person, address="ada@example.com") == [make_person("ada", address="ada@example.com")]
    await store.close()
    again = await open_store()
    assert [person.id for person in await again.find(Person)] == ["ada"]
    await again.close()


async def test_commits_go_on_during_a_vacuum(open_store: OpenStore) -> None:
    """What is put and deleted meanwhile is neither lost nor waits for its end."""
    store = await open_store()
    await put(store, *(make_person(str(number)) for number in range(3000)))
    vacuum, meanwhile = asyncio.create_task(store.vacuum()), 0
    while not vacuum.done():
        await put(store, Purse(id="a", coins=(meanwhile := meanwhile + 1)))
    await vacuum
    await store.close()
    again = await open_store()
    assert await again.get(Purse, "a") == Purse(id="a", coins=meanwhile)
    assert meanwhile > 3
    assert await again.count(Person) == 3000
    await again.close()


async def test_an_empty_store_can_be_vacuumed_again_and_again(open_store: OpenStore) -> None:
    """Also by several at the same time, with nothing to forget."""
    store = await open_store()
    await asyncio.gather(store.vacuum(), store.vacuum())
    await store.vacuum()
    await put(store, make_person("ada"))
    await store.close()
    again = await open_store()
    assert await again.count(Person) == 1
    await again.close()


async def test_a_vacuum_within_a_transaction_is_refused(store: Store) -> None:
    """It would wait for ever for the transaction around it."""
    async with store.transaction() as tx:
        tx.put(make_person("ada"))
        with pytest.raises(RuntimeError, match="transaction around"):
            await store.vacuum()
    assert await store.count(Person) == 1
