"""Who sends little mails, slow ones or none from a few networks keeps nobody out, and no honest mail is lost to it."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mailin import replies
from mailin.door import Limits
from mailin.guests import Guests, Hold
from mailin.replies import Reply
from tests.certificates import write_pair
from tests.mailin.smtp import HOSTNAME, LOOPBACK, MAILBOX, Client, House, arrive, house

GREETING = replies.greeting(HOSTNAME)
PLACES, PATIENCE = 16, 0.6
NARROW = Limits(sessions=PLACES, sessions_per_address=PLACES // 2, patience_seconds=PATIENCE)


async def mails(client: Client, accepted: Counter[bytes]) -> None:
    """A tiny mail just before the door's patience ends, over and over; the session goes on until it is sent away."""
    reply = replies.ACCEPTED
    while reply == replies.ACCEPTED:
        await asyncio.sleep(0.8 * PATIENCE)
        await client.send(f"EHLO e\r\nMAIL FROM:<e@evil.example>\r\nRCPT TO:<{MAILBOX}>\r\nDATA\r\n".encode())
        for _ in range(4):
            await client.hear()
        await client.send(b"hi\r\n.\r\n")
        reply = Reply(await client.hear())
        accepted[reply] += 1


async def drips(client: Client, accepted: Counter[bytes]) -> None:
    """A mail without an end, just above the least rate."""
    await client.begin()
    while not client.reader.at_eof():
        await client.send(b"x" * 1998 + b"\r\n")
        await asyncio.sleep(0.1)


async def shakes(client: Client, accepted: Counter[bytes]) -> None:
    """Asks for TLS, and says nothing then."""
    await client.say("EHLO e")
    await client.say("STARTTLS")
    await client.is_hung_up()


@asynccontextmanager
async def besieged(
    desk: House, holds: Callable[[Client, Counter[bytes]], Awaitable[None]]
) -> AsyncIterator[Counter[bytes]]:
    """Two addresses of each of two /24 take every place, and come again at once; what they hear behind their mails."""
    heard, over = Counter[bytes](), asyncio.Event()

    async def hold(number: int) -> None:
        while not over.is_set():
            client, said = await arrive(desk, f"198.51.{number % 2}.{number // 2 % 2}")
            heard[said] += 1
            with suppress(ConnectionError):
                if said == GREETING:
                    await holds(client, heard)
            await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(hold(number)) for number in range(PLACES)]
    try:
        await asyncio.sleep(PATIENCE)
        assert desk.guests.is_full
        yield heard
    finally:
        over.set()
        await desk.guests.see_out(PATIENCE)  # who connects while a server closes leaves a socket behind
        await asyncio.wait(tasks)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The door's side of TLS."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    write_pair(cert, key, HOSTNAME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.mark.parametrize("holds", [mails, drips, shakes])
async def test_T31_a_few_networks_that_are_never_silent_keep_nobody_out(
    tmp_path: Path, tls: ssl.SSLContext, holds: Callable[[Client, Counter[bytes]], Awaitable[None]]
) -> None:
    """Every other customer's mail comes in, and none that got its 250 is lost, theirs neither (T31)."""
    async with house(tmp_path, balancers=LOOPBACK, limits=NARROW, tls=tls) as desk:
        async with besieged(desk, holds) as heard:
            for number in range(12):
                assert await mailed(desk, f"203.0.{number}.9") == replies.ACCEPTED
        kept = Counter(mail.envelope.mail_from for mail in await desk.spooled())
        assert kept["claire@customer.example"] == 12
        assert kept["e@evil.example"] == heard[replies.ACCEPTED]


async def mailed(desk: House, address: str) -> bytes:
    """A mail from there, by a sender who tries again at once, but not often."""
    said = b""
    for _ in range(5):
        client, said = await arrive(desk, address)
        if said == GREETING:
            reply = await client.mail(b"help")
            await client.say("QUIT")
            return reply
        await asyncio.sleep(0.05)
    return said


@pytest.mark.parametrize("address", ["198.51.100.{}", "2001:db8:7:{}::1"])
async def test_a_wider_network_has_half_of_the_places(tmp_path: Path, address: str) -> None:
    """Its ninth session of sixteen places is refused, and others need not wait for anybody to leave."""
    async with house(tmp_path, balancers=LOOPBACK, limits=NARROW) as desk:
        inside = [await arrive(desk, address.format(1 + number)) for number in range(PLACES // 2)]
        assert {said for _, said in inside} == {GREETING}
        assert (await arrive(desk, address.format(99)))[1] == replies.TOO_MANY_FROM_YOU
        assert await mailed(desk, "203.0.113.9") == replies.ACCEPTED
        assert [await client.say("NOOP") for client, _ in inside] == [replies.OK] * (PLACES // 2)


@pytest.mark.parametrize("address", ["198.51.100.{}", "2001:db8:7:{}::1"])
async def test_one_address_does_not_shut_its_neighbours_out(tmp_path: Path, address: str) -> None:
    """It may have all that its /24 or /48 may have, until another there wants a place."""
    async with house(tmp_path, balancers=LOOPBACK, limits=NARROW) as desk:
        first = [(await arrive(desk, address.format(1)))[0] for _ in range(PLACES // 2)]
        neighbour, said = await arrive(desk, address.format(2))
        assert said == GREETING
        assert await first[0].hear() == replies.GIVE_WAY
        assert await neighbour.mail(b"help") == replies.ACCEPTED
        assert await first[1].say("NOOP") == replies.OK


async def test_this_machine_gives_way_to_nobody(tmp_path: Path) -> None:
    """Its mail server brings everybody's mail."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(sessions=4)) as desk:
        own = [(await arrive(desk, "127.0.0.1"))[0] for _ in range(4)]
        assert (await arrive(desk, "203.0.113.9"))[1] == replies.TOO_MANY_SESSIONS
        assert [await client.say("NOOP") for client in own] == [replies.OK] * 4


async def test_a_long_session_ends_behind_a_mail_while_places_are_short(tmp_path: Path) -> None:
    """With room it goes on for an hour; without, whoever has had a place for long hears 421 behind its 250."""
    limits = Limits(sessions=2, full_seconds=0.2)
    async with house(tmp_path, balancers=LOOPBACK, limits=limits) as desk:
        busy, _ = await arrive(desk, "198.51.100.7")
        await asyncio.sleep(0.3)
        assert await busy.mail(b"one") == replies.ACCEPTED
        young, _ = await arrive(desk, "203.0.113.9")
        assert await young.mail(b"two") == replies.ACCEPTED
        assert await young.say("NOOP") == replies.OK
        assert await busy.mail(b"three") == replies.ACCEPTED
        assert await busy.hear() == replies.GIVE_WAY
        assert await busy.is_hung_up()
        assert len(await desk.spooled()) == 3


class Visitor:
    """A guest that is busy, would lose what it says by leaving, and goes when told."""

    def __init__(self, held: Hold | None) -> None:
        self.held, self.heard = held, b""

    def silent_seconds(self) -> float:
        """It is never silent."""
        return 0.0

    def hold(self) -> Hold | None:
        """What the test says."""
        return self.held

    def depart(self) -> None:
        """Not asked in these tests."""

    def leave(self, last_words: Reply) -> None:
        """It goes."""
        self.heard = last_words


def between(seconds: float) -> Hold:
    """Between two mails, silent for so long."""
    return Hold(in_mail=False, seconds=seconds)


def within(seconds: float) -> Hold:
    """Within a mail, so far behind a brisk one."""
    return Hold(in_mail=True, seconds=seconds)


@pytest.mark.parametrize(
    ("present", "goes"),
    [
        ([("1.1.1.1", between(1)), ("2.2.2.1", between(3)), ("2.2.2.2", between(2))], 1),  # the crowd's most silent
        ([("2.2.2.1", within(90)), ("2.2.2.2", between(0)), ("2.2.2.3", within(9))], 1),  # who loses nothing
        ([("2.2.2.1", within(-1)), ("2.2.2.2", within(9)), ("2.2.2.3", within(3))], 1),  # the slowest mail
        ([("2.2.2.1", None), ("2.2.2.2", None), ("2.2.2.3", within(3))], 2),  # who does not wait for us
        ([("2.2.2.1", None), ("2.2.2.2", None), ("2.2.2.3", None)], None),
        ([("1.1.1.1", between(5)), ("2.2.2.1", between(5)), ("3.3.3.1", between(5))], None),  # no crowd
        ([("9.9.9.1", between(5)), ("9.9.9.2", between(5)), ("9.9.9.3", between(5))], None),  # the newcomer's own
    ],
)
async def test_a_crowd_gives_way_to_who_holds_few(present: list[tuple[str, Hold | None]], goes: int | None) -> None:
    """One of the wider network that holds most; of equals nobody goes, so that two crowds do not chase each other."""
    guests = Guests(most=len(present), most_per_address=10)
    inside = [Visitor(held) for _, held in present]
    for visitor, (address, _) in zip(inside, present, strict=True):
        assert guests.enter(visitor, address) is None
    assert guests.enter(Visitor(None), "9.9.9.9") == (replies.TOO_MANY_SESSIONS if goes is None else None)
    assert [visitor.heard for visitor in inside] == [replies.GIVE_WAY if n == goes else b"" for n in range(len(inside))]
