"""What every store promises about work: claims, leases, order and waking up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers.store.contract import Store
from tests.store.conftest import OpenStore
from tests.store.documents import MINUTE, NOON, Job, delete, fail, make_job, put


async def test_due_work_is_claimed_with_tries_and_lease(store: Store) -> None:
    """The claim is counted and leased in what is returned and in what is kept."""
    await put(store, make_job("a", note="hello"))
    taken = await store.claim(Job, "letters", NOON, MINUTE)
    assert list(taken) == [make_job("a", note="hello", tries=1, leased_until=NOON + MINUTE)]
    assert await store.get(Job, "a") == taken[0]


async def test_leased_work_is_claimed_by_nobody_else(store: Store) -> None:
    """Until the lease ends there is one claimant."""
    await put(store, make_job("a"))
    await store.claim(Job, "letters", NOON, MINUTE)
    assert list(await store.claim(Job, "letters", NOON + MINUTE - timedelta(microseconds=1), MINUTE)) == []


async def test_work_is_claimed_again_when_its_lease_ended(store: Store) -> None:
    """A claimant that never came back loses the work, and its try stays counted."""
    await put(store, make_job("a"))
    await store.claim(Job, "letters", NOON, MINUTE)
    again = await store.claim(Job, "letters", NOON + MINUTE, MINUTE)
    assert [(job.id, job.tries, job.leased_until) for job in again] == [("a", 2, NOON + 2 * MINUTE)]


async def test_work_is_not_claimed_before_it_is_due(store: Store) -> None:
    """Due means: from that moment on, and never without a due time."""
    await put(store, make_job("later", due=NOON + MINUTE), make_job("never", due=None))
    assert list(await store.claim(Job, "letters", NOON, MINUTE, most=9)) == []
    assert [job.id for job in await store.claim(Job, "letters", NOON + MINUTE, MINUTE, most=9)] == ["later"]


async def test_the_oldest_due_work_comes_first_and_no_more_than_asked_for(store: Store) -> None:
    """Order is by due time, whatever the order of putting."""
    await put(store, *(make_job(id, due=NOON - minutes * MINUTE) for id, minutes in (("b", 2), ("c", 1), ("a", 3))))
    assert [job.id for job in await store.claim(Job, "letters", NOON, MINUTE, most=2)] == ["a", "b"]
    assert [job.id for job in await store.claim(Job, "letters", NOON, MINUTE, most=2)] == ["c"]


async def test_queues_do_not_mix(store: Store) -> None:
    """A claimant gets work of its own queue, also when a piece changed queues."""
    await put(store, make_job("a"), make_job("b", queue="cards"), make_job("c"))
    await put(store, make_job("c", queue="cards"))
    assert [job.id for job in await store.claim(Job, "letters", NOON, MINUTE, most=9)] == ["a"]
    assert [job.id for job in await store.claim(Job, "cards", NOON, MINUTE, most=9)] == ["b", "c"]


async def test_finished_and_postponed_work_is_not_claimed(store: Store) -> None:
    """Deleting ends the work, putting it back with a later due time postpones it."""
    await put(store, make_job("done"), make_job("later"))
    for job in await store.claim(Job, "letters", NOON, MINUTE, most=9):
        if job.id == "done":
            await delete(store, Job, job.id)
        else:
            await put(store, make_job("later", tries=job.tries, due=NOON + 5 * MINUTE))
    assert list(await store.claim(Job, "letters", NOON + 2 * MINUTE, MINUTE, most=9)) == []
    assert [job.tries for job in await store.claim(Job, "letters", NOON + 5 * MINUTE, MINUTE, most=9)] == [2]


async def test_no_two_claimants_get_the_same_work(store: Store) -> None:
    """Many claimants at once share the work out without doubles or left-overs."""
    await put(store, *(make_job(f"{number:03}") for number in range(60)))
    claims = (store.claim(Job, "letters", NOON, MINUTE, most=1 + number % 3) for number in range(40))
    taken = [job.id for jobs in await asyncio.gather(*claims) for job in jobs]
    assert sorted(taken) == [f"{number:03}" for number in range(60)]


async def test_next_due_is_the_earliest_due_time_or_end_of_lease(store: Store) -> None:
    """A worker knows how long it may sleep."""
    assert await store.next_due(Job, "letters") is None
    await put(store, make_job("a", due=NOON), make_job("b", due=NOON + 10 * MINUTE), make_job("c", due=None))
    assert await store.next_due(Job, "letters") == NOON
    await store.claim(Job, "letters", NOON, MINUTE)
    assert await store.next_due(Job, "letters") == NOON + MINUTE
    await delete(store, Job, "a")
    assert await store.next_due(Job, "letters") == NOON + 10 * MINUTE
    await delete(store, Job, "b")
    assert await store.next_due(Job, "letters") is None


async def test_a_waiting_worker_is_woken_by_new_work(store: Store) -> None:
    """`changed` ends when work is added, long before its timeout."""
    assert list(await store.claim(Job, "letters", NOON, MINUTE)) == []
    waiting = asyncio.create_task(store.changed(Job, "letters", 60))
    await asyncio.sleep(0)
    await put(store, make_job("a"))
    async with asyncio.timeout(5):
        await waiting


async def test_work_added_between_claim_and_wait_is_not_missed(store: Store) -> None:
    """No wake-up is lost to the moment between looking and waiting."""
    assert list(await store.claim(Job, "letters", NOON, MINUTE)) == []
    await put(store, make_job("a"))
    async with asyncio.timeout(5):
        await store.changed(Job, "letters", 60)


async def test_waiting_ends_at_its_timeout(store: Store) -> None:
    """Without new work `changed` returns, and does not raise."""
    async with asyncio.timeout(5):
        await store.changed(Job, "letters", 0.01)


async def test_work_of_other_queues_wakes_nobody(store: Store) -> None:
    """A queue's workers sleep through what does not concern them."""
    waiting = asyncio.create_task(store.changed(Job, "letters", 60))
    await put(store, make_job("a", queue="cards"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()


async def test_claims_survive_a_restart_as_tries(open_store: OpenStore) -> None:
    """Work claimed before a stop is still there, with its try counted."""
    store = await open_store()
    await put(store, make_job("a"))
    await store.claim(Job, "letters", NOON, MINUTE)
    await store.close()
    store = await open_store()
    again = await store.claim(Job, "letters", NOON + MINUTE, MINUTE)
    assert [job.tries for job in again] == [2]
    await store.close()


async def test_an_undone_change_leaves_the_queue_as_it_was(store: Store) -> None:
    """Work touched by a transaction that failed is claimed as if it had never been touched."""
    await put(store, make_job("a"))
    with pytest.raises(ZeroDivisionError):
        await fail(store, make_job("b"), gone=make_job("a"))
    assert [job.id for job in await store.claim(Job, "letters", NOON, MINUTE, most=9)] == ["a"]
