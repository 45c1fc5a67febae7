"""What every store promises about documents, look-ups and uniqueness."""

from __future__ import annotations

import asyncio
from typing import cast

import msgspec
import pytest

from handlers.store.contract import Duplicate, Store
from tests.store.conftest import OpenStore
from tests.store.documents import MINUTE, NOON, Bag, Person, Purse, delete, make_person, put

# Documents


async def test_what_was_put_is_found_again(store: Store) -> None:
    """A committed document comes back equal, times included."""
    person = make_person("ada", address="ada@example.com", seen=NOON)
    await put(store, person)
    assert await store.get(Person, "ada") == person


async def test_nobody_is_found_under_an_unknown_id(store: Store) -> None:
    """An unknown id is None and not an error."""
    assert await store.get(Person, "nobody") is None


async def test_a_later_put_replaces_the_document(store: Store) -> None:
    """There is one document per id, the last one."""
    await put(store, make_person("ada", town="Lyon"))
    await put(store, make_person("ada", town="Paris"))
    assert await store.get(Person, "ada") == make_person("ada", town="Paris")
    assert await store.count(Person) == 1


async def test_a_deleted_document_is_gone(store: Store) -> None:
    """Deletion takes the document from every look-up."""
    await put(store, make_person("ada", address="a@example.com"))
    await delete(store, Person, "ada")
    assert await store.get(Person, "ada") is None
    assert await store.find(Person, address="a@example.com") == []
    assert await store.count(Person) == 0


async def test_deleting_what_is_not_there_is_no_error(store: Store) -> None:
    """`delete` drops the document if there is one."""
    await delete(store, Person, "nobody")
    assert await store.count(Person) == 0


async def test_kinds_do_not_share_ids(store: Store) -> None:
    """The same id in two tables is two documents."""
    await put(store, make_person("x"), Purse(id="x", coins=3))
    await delete(store, Person, "x")
    assert await store.get(Purse, "x") == Purse(id="x", coins=3)


@pytest.mark.parametrize("id", ["é😀", 'a"b\\c', "line\nbreak", "nul\0", " ", "0", "a/b", "'; drop table people;--"])
async def test_any_text_can_be_an_id_and_a_value(open_store: OpenStore, id: str) -> None:
    """Odd characters survive keys, indexes and a restart."""
    store = await open_store()
    person = make_person(id, address=id)
    await put(store, person)
    await store.close()
    store = await open_store()
    assert await store.get(Person, id) == person
    assert await store.find(Person, address=id) == [person]
    await store.close()


async def test_everything_is_still_there_after_reopening(open_store: OpenStore) -> None:
    """Closing and opening again changes nothing, indexes included."""
    store = await open_store()
    await put(store, make_person("ada", address="a@example.com"), make_person("bob"))
    await delete(store, Person, "bob")
    await store.close()
    store = await open_store()
    assert await store.find(Person) == [make_person("ada", address="a@example.com")]
    assert await store.find(Person, address="a@example.com") == [make_person("ada", address="a@example.com")]
    await store.close()


async def test_a_document_nobody_could_read_back_is_refused(store: Store) -> None:
    """A wrong type is found when the document is put, not at the next start."""
    with pytest.raises(msgspec.ValidationError):
        await put(store, make_person("ada"), Purse(id="ada", coins=cast("int", "three")))
    assert await store.count(Person) == 0


# Look-ups


async def test_find_returns_the_matching_documents_in_order_of_their_ids(store: Store) -> None:
    """An index returns all its documents and no other, sorted by id."""
    await put(
        store, *(make_person(id, town="Lyon", street="Rue A") for id in ("c", "a", "b")), make_person("d", town="Lyon")
    )
    assert [person.id for person in await store.find(Person, town="Lyon", street="Rue A")] == ["a", "b", "c"]


async def test_find_does_not_care_in_which_order_the_fields_are_named(store: Store) -> None:
    """Fields are named by keyword."""
    await put(store, make_person("ada", town="Lyon", street="Rue A"))
    assert (
        await store.find(Person, street="Rue A", town="Lyon")
        == await store.find(Person, town="Lyon", street="Rue A")
        != []
    )


async def test_find_without_fields_returns_everything_in_order(store: Store) -> None:
    """No fields, no filter."""
    await put(store, *(make_person(id) for id in ("c", "a", "b")))
    assert [person.id for person in await store.find(Person)] == ["a", "b", "c"]


async def test_find_needs_a_declared_index(store: Store) -> None:
    """A look-up that would have to scan is refused, also for half of an index."""
    with pytest.raises(LookupError):
        await store.find(Person, seen=None)
    with pytest.raises(LookupError):
        await store.find(Person, town="Lyon")


async def test_an_index_follows_a_changed_document(store: Store) -> None:
    """A document is found by its present values only."""
    await put(store, make_person("ada", address="old@example.com"))
    await put(store, make_person("ada", address="new@example.com"))
    assert await store.find(Person, address="old@example.com") == []
    assert await store.find(Person, address="new@example.com") == [make_person("ada", address="new@example.com")]


async def test_a_unique_group_is_an_index_for_empty_values_too(store: Store) -> None:
    """Documents exempt from uniqueness are found all the same."""
    await put(store, make_person("ada"), make_person("bob"), make_person("cyd", badge="7"))
    assert [person.id for person in await store.find(Person, badge=None)] == ["ada", "bob"]
    assert [person.id for person in await store.find(Person, badge="7")] == ["cyd"]


async def test_nobody_can_change_the_store_through_a_document(store: Store) -> None:
    """What is put and what is returned is the caller's own, down to nested lists."""
    bag = Bag(id="bag", owner="ada", things=["pen"], marks={"x": [1]})
    async with store.transaction() as tx:
        tx.put(bag)
        bag.things.append("knife")
        own = await tx.get(Bag, "bag")
        assert own is not None
        own.marks["x"].append(2)
    got = await store.get(Bag, "bag")
    assert got == Bag(id="bag", owner="ada", things=["pen"], marks={"x": [1]})
    assert got is not None
    got.things.clear()
    (await store.find(Bag, owner="ada"))[0].things.clear()
    (await store.find(Bag))[0].marks.clear()
    assert await store.get(Bag, "bag") == Bag(id="bag", owner="ada", things=["pen"], marks={"x": [1]})


# Uniqueness


async def test_a_second_document_with_the_same_unique_key_is_refused_whole(store: Store) -> None:
    """Duplicate keeps nothing of the commit."""
    await put(store, make_person("ada", login="same"))
    with pytest.raises(Duplicate):
        await put(store, make_person("bob"), make_person("cyd", login="same"))
    assert [person.id for person in await store.find(Person)] == ["ada"]
    assert await store.find(Person, service="shop", login="bob") == []


async def test_two_documents_of_one_commit_cannot_share_a_unique_key(store: Store) -> None:
    """Uniqueness holds inside a commit too."""
    with pytest.raises(Duplicate):
        await put(store, make_person("ada", badge="7"), make_person("bob", badge="7"))
    assert await store.count(Person) == 0


async def test_empty_values_are_exempt_from_uniqueness(store: Store) -> None:
    """An empty string or None in the group says: no key."""
    await put(store, make_person("ada", login=""), make_person("bob", login=""))
    assert [person.id for person in await store.find(Person, service="shop", login="")] == ["ada", "bob"]


async def test_a_unique_key_can_pass_on_within_a_commit(store: Store) -> None:
    """What counts is the state after the commit: keys can be swapped and freed."""
    await put(store, make_person("ada", badge="1"), make_person("bob", badge="2"))
    await put(store, make_person("ada", badge="2"), make_person("bob", badge="1"))
    async with store.transaction() as tx:
        tx.put(make_person("cyd", badge="1"))
        tx.delete(Person, "bob")
    assert [person.id for person in await store.find(Person, badge="1")] == ["cyd"]
    assert [person.id for person in await store.find(Person, badge="2")] == ["ada"]


async def test_of_two_concurrent_claims_to_a_key_one_wins(store: Store) -> None:
    """Uniqueness holds against transactions that wait for the disk at the same time."""
    people = [make_person(f"p{number}", badge="7") for number in range(20)]
    ended = await asyncio.gather(*(put(store, person) for person in people), return_exceptions=True)
    assert [type(end) for end in ended].count(Duplicate) == 19
    assert len(await store.find(Person, badge="7")) == 1


async def test_times_keep_their_moment(store: Store) -> None:
    """A time is the same moment after a restart, to the microsecond."""
    seen = NOON + MINUTE / 7
    await put(store, make_person("ada", seen=seen))
    found = await store.get(Person, "ada")
    assert found is not None
    assert found.seen == seen
