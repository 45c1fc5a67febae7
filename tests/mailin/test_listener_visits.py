"""Whoever comes again and again without a mail holds a small part of the door, from however many addresses."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from mailin import pace, replies
from mailin.door import Limits
from mailin.pace import NetworkPace, Pace
from tests.mailin.smtp import HOSTNAME, LOOPBACK, Client, House, arrive, house

GREETING = replies.greeting(HOSTNAME)
PLACES, PATIENCE, VISITS = 16, 0.4, 4
NARROW = Limits(sessions=PLACES, patience_seconds=PATIENCE, visits_per_network=VISITS)
ONE_V4: Callable[[int], str] = "198.51.100.{}".format
ONE_48: Callable[[int], str] = "2001:db8:7:{:x}::1".format


@asynccontextmanager
async def besieged(desk: House, address: Callable[[int], str]) -> AsyncIterator[Counter[bytes]]:
    """A stranger who takes every place there is, and comes again before the door loses its patience; what it hears."""
    heard, numbers, over = Counter[bytes](), count(1), asyncio.Event()

    async def hold() -> None:
        while not over.is_set():
            client, said = await arrive(desk, address(next(numbers) % 250))
            heard[said] += 1
            await asyncio.sleep((0.8 if said == GREETING else 0.3) * PATIENCE)
            await client.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(PLACES):
            group.create_task(hold())
        try:
            await asyncio.sleep(1.5 * PATIENCE)
            yield heard
        finally:
            over.set()


async def comes_in(desk: House, address: str) -> Client:
    """A sender who does as it is told and tries again later, but not for long."""
    heard = Counter[bytes]()
    for _ in range(20):
        client, said = await arrive(desk, address)
        if said == GREETING:
            return client
        heard[said] += 1
        await asyncio.sleep(0.05)
    raise AssertionError(f"There was no place: {heard}")


@pytest.mark.parametrize("address", [ONE_V4, ONE_48, lambda _: "198.51.100.7"], ids=["a /24", "a /48", "one address"])
async def test_T31_coming_again_and_again_keeps_nobody_out(tmp_path: Path, address: Callable[[int], str]) -> None:
    """With an address of its own each time too: it hears 421, and every other customer's mail comes in (T31)."""
    async with house(tmp_path, balancers=LOOPBACK, limits=NARROW) as desk, besieged(desk, address) as heard:
        for number in range(12):
            client = await comes_in(desk, f"203.0.{number}.9")
            assert await client.mail(b"help", f"{number}@a.example") == replies.ACCEPTED
            await client.say("QUIT")
            await asyncio.sleep(0.05)
        assert heard[replies.TOO_MANY_VISITS] > heard[GREETING]


async def visited(desk: House, addresses: Sequence[str], *, mail: bool = True) -> list[bytes]:
    """Short sessions one after another, from these addresses in turn; what each heard first."""
    heard = []
    for number, address in enumerate(addresses):
        client, said = await arrive(desk, address)
        heard.append(said)
        if mail:
            assert await client.mail(b"help", f"{number}@a.example") == replies.ACCEPTED
        await client.say("QUIT")
    return heard


async def test_a_providers_pool_is_not_refused(tmp_path: Path) -> None:
    """Many servers of one /24 that bring mails come as often as they like, also while most places are taken."""
    async with house(tmp_path, balancers=LOOPBACK, limits=NARROW) as desk:
        others = [await arrive(desk, f"203.0.{number}.9") for number in range(PLACES // 2 + 1)]
        assert {said for _, said in others} == {GREETING}
        pool = [ONE_V4(1 + number % 30) for number in range(60)]
        assert set(await visited(desk, pool)) == {GREETING}


async def test_nobody_is_refused_while_places_are_free(tmp_path: Path) -> None:
    """A monitor, or a border server that only asks who is there, does no harm then."""
    async with house(tmp_path, balancers=LOOPBACK, limits=NARROW) as desk:
        assert set(await visited(desk, [ONE_V4(7)] * 30, mail=False)) == {GREETING}


async def test_this_machine_visits_as_often_as_it_likes(tmp_path: Path) -> None:
    """Its own mail server brings everybody's mail, whatever places are taken."""
    async with house(tmp_path, limits=Limits(sessions=4, visits_per_network=1)) as desk:
        assert [await (await desk.connect()).say("NOOP") for _ in range(4)] == [replies.OK] * 4


async def test_mails_of_a_wider_network_are_limited(tmp_path: Path) -> None:
    """Another address for each mail buys three times the mails of one, and no more."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(mails_per_network=2)) as desk:
        for number in range(6):
            client, _ = await arrive(desk, ONE_48(number))
            assert await client.mail(b"help", f"{number}@a.example") == replies.ACCEPTED
        assert await refused(desk, ONE_48(6)) == replies.TOO_MANY_MAILS
        assert await (await arrive(desk, "2001:db8:8::1"))[0].mail(b"help") == replies.ACCEPTED


@pytest.mark.parametrize("address", [ONE_V4, ONE_48])
async def test_two_addresses_do_not_use_up_their_neighbours_mails(
    tmp_path: Path, address: Callable[[int], str]
) -> None:
    """When two have had all that a /24 or /48 may have, others there that sent few are taken, though not many mails."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(mails_per_network=200)) as desk:
        for number in (1, 2):
            client, _ = await arrive(desk, address(number))
            for count in range(200):
                assert await client.mail(b"x", f"{count}@evil.example") == replies.ACCEPTED
            assert await refused(desk, address(number)) == replies.TOO_MANY_MAILS
        neighbour, _ = await arrive(desk, address(3))
        for count in range(2):
            assert await neighbour.mail(b"help", f"{count}@a.example") == replies.ACCEPTED
        assert await refused(desk, address(3)) == replies.TOO_MANY_MAILS
        assert await (await arrive(desk, address(4)))[0].mail(b"help") == replies.ACCEPTED


async def refused(desk: House, address: str) -> bytes:
    """What a mail from there hears at once."""
    client, _ = await arrive(desk, address)
    await client.say("EHLO client.example")
    return await client.say("MAIL FROM:<late@a.example>")


def test_what_is_given_back_was_never_there() -> None:
    """In the minute it came or the next one; nobody goes below nothing."""
    now = 0.0
    pace_of = NetworkPace(1, lambda: now)
    pace_of.count("198.51.100.7")
    assert not pace_of.allows("198.51.100.7")
    now = 60.0
    assert not pace_of.allows("198.51.100.7")
    pace_of.give_back("198.51.100.7")
    assert pace_of.allows("198.51.100.7")
    pace_of.give_back("198.51.100.7")
    pace_of.count("198.51.100.7")
    assert not pace_of.allows("198.51.100.7")


def test_a_flood_of_networks_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has more networks than can be counted is not counted; those that are, are held to their limit."""
    monkeypatch.setattr(pace, "MOST_KEYS", 100)
    counted = Pace(1, lambda: 0.0)
    for number in range(1000):
        counted.count(str(number))
    assert [number for number in range(1000) if not counted.allows(str(number))] == list(range(100))
