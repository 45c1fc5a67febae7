"""Connections that ask nothing: bounded in number and time, and nobody else waits because of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from yarl import URL

from portal import visits
from portal.app import build, serve
from portal.visits import VISITS, Visits, network_of
from tests.portal.conftest import House

Door = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HALF = b"GET /robots.txt HTTP/1.1\r\nHost: portal.example\r\n"
WHOLE = HALF + b"\r\n"
PUBLIC = "93.184.216.34"


class Guest:
    """A connection of which only its end is of interest."""

    def __init__(self) -> None:
        self.is_gone = False

    def abort(self) -> None:
        self.is_gone = True


@asynccontextmanager
async def portal(
    house: House, most: int, idle_seconds: float = 10
) -> AsyncIterator[Callable[[bytes], asyncio.Task[Door]]]:
    """A portal with room for `most`; gives a way to connect to it and say something."""
    app = build(house.desk)
    app[VISITS] = Visits(most)
    serving = await serve(app, "127.0.0.1", 0, idle_seconds)
    address = URL(serving.addresses[0])
    opened: list[asyncio.StreamWriter] = []

    async def connect(said: bytes) -> Door:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        opened.append(writer)
        writer.write(said)
        return reader, writer

    yield lambda said: asyncio.create_task(connect(said))
    for writer in opened:
        writer.close()
    await serving.stop()
    assert app[VISITS].count == 0


async def is_closed(door: Door) -> bool:
    """Whether the portal closes the connection within five seconds."""
    try:
        return await asyncio.wait_for(door[0].read(1), 5) == b""
    except ConnectionResetError:
        return True


async def head(door: Door) -> bytes:
    """The status line and headers of an answer, its body read as well."""
    said = await asyncio.wait_for(door[0].readuntil(b"\r\n\r\n"), 5)
    await door[0].readuntil(b"Disallow: /\n")
    return said.splitlines()[0]


async def test_half_sent_requests_keep_nobody_out(house: House) -> None:
    """Twenty times as many as there is room for: the last to come is answered, the first had to go."""
    async with portal(house, most=5) as connect:
        silent = [await connect(HALF) for _ in range(100)]
        assert await head(await connect(WHOLE)) == b"HTTP/1.1 200 OK"
        assert await is_closed(silent[0])


async def test_who_asks_stays_longer_than_who_is_silent(house: House) -> None:
    """Of two connections of the same age the one that asked something is kept."""
    async with portal(house, most=2) as connect:
        asking = await connect(WHOLE)
        assert await head(asking) == b"HTTP/1.1 200 OK"
        silent = await connect(HALF)
        asking[1].write(WHOLE)
        assert await head(asking) == b"HTTP/1.1 200 OK"
        await connect(WHOLE)
        assert await is_closed(silent)
        asking[1].write(WHOLE)
        assert await head(asking) == b"HTTP/1.1 200 OK"


async def test_a_request_that_dribbles_is_cut_off(house: House) -> None:
    """A header now and then buys no more time."""
    async with portal(house, most=5, idle_seconds=0.3) as connect:
        door = await connect(HALF)

        async def dribble() -> None:
            while not door[1].is_closing():
                door[1].write(b"X-A: b\r\n")
                await asyncio.sleep(0.05)

        dribbling = asyncio.create_task(dribble())
        assert await is_closed(door)
        dribbling.cancel()


async def test_one_public_address_pushes_out_only_itself() -> None:
    """The other's connection stays, though it is older."""
    present = Visits(most=10, most_of_one=3)
    other, *own = (Guest() for _ in range(6))
    present.enter(other, "198.41.0.4")
    for guest in own:
        present.enter(guest, PUBLIC)
    assert [guest.is_gone for guest in own] == [True, True, False, False, False]
    assert not other.is_gone
    assert present.count == 4


async def test_a_web_server_in_front_may_bring_everybody() -> None:
    """It has one private address; only the bound for all counts."""
    present = Visits(most=10, most_of_one=3)
    guests = [Guest() for _ in range(11)]
    for guest in guests:
        present.enter(guest, "10.0.0.1")
    assert [guest.is_gone for guest in guests] == [True] + [False] * 10


async def test_whoever_left_takes_no_room() -> None:
    """Also when it was sent away before."""
    present = Visits(most=1)
    first, second = Guest(), Guest()
    present.enter(first, PUBLIC)
    present.enter(second, PUBLIC)
    present.exit(first)
    present.exit(second)
    present.renew(first)
    assert present.count == 0


async def test_a_crowd_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many had to go in the meantime."""
    monkeypatch.setattr(visits, "TELL_AFTER", 0.01)
    present = Visits(most=1)
    with capture_logs() as lines:
        for _ in range(1001):
            present.enter(Guest(), PUBLIC)
        await asyncio.sleep(0.1)
    assert [(line["event"], line["closed"], line["open"]) for line in lines] == [("portal.crowded", 1000, 1)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PUBLIC, PUBLIC, True),
        (PUBLIC, f"::ffff:{PUBLIC}", True),
        (PUBLIC, "93.184.216.35", False),
        ("2600:1f18::1", "2600:1f18::ffff:1", True),
        ("2600:1f18::1", "2600:1f18:0:1::1", False),
    ],
)
def test_a_stranger_is_known_by_the_network(one: str, other: str, same: bool) -> None:
    """An IPv6 customer owns a /64 network and could use each of its addresses once."""
    assert (network_of(one) == network_of(other)) is same


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.1.7", "fe80::1%eth0", "::ffff:10.0.0.1", ""])
def test_a_private_address_is_nobodys_own(address: str) -> None:
    """Nor is that of a client that is gone before it was seen."""
    assert network_of(address) == ""
