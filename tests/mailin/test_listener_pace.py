"""Floods: so many mails a minute of one network, of one sender, to one mailbox; and places for those who speak."""

import asyncio
from pathlib import Path

import pytest

from mailin import replies
from mailin.door import Limits
from mailin.pace import Pace
from tests.mailin.smtp import HOSTNAME, LOOPBACK, MAILBOX, Client, House, arrive, house


async def from_(desk: House, address: str) -> Client:
    """A client at that address; a load balancer stands between."""
    client, _ = await arrive(desk, address)
    await client.say("EHLO c.example")
    return client


async def sent(client: Client, sender: str) -> bytes:
    """A small mail, the first refusal or what came of it."""
    for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{MAILBOX}>", "DATA"):
        reply = await client.say(command)
        if not reply.startswith((b"2", b"3")):
            return reply
    return await client.say(".")


async def test_mails_of_one_network_are_limited(tmp_path: Path) -> None:
    """Beyond it they hear 451 and may come again; the next /64 is another network."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(mails_per_network=3)) as desk:
        said = [await sent(await from_(desk, f"2001:db8:1::{n}"), f"{n}@a.example") for n in range(1, 5)]
        assert said == [replies.ACCEPTED] * 3 + [replies.TOO_MANY_MAILS]
        assert await sent(await from_(desk, "2001:db8:2::1"), "5@a.example") == replies.ACCEPTED


async def test_mails_of_one_sender_are_limited(tmp_path: Path) -> None:
    """Counted by network, so that nobody who forges a sender keeps the real one out; bounces are not counted."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(mails_per_sender=2)) as desk:
        client = await from_(desk, "198.51.100.7")
        said = [await sent(client, name) for name in ("loop@a.example", "LOOP@a.example", "loop@A.example")]
        assert said == [replies.ACCEPTED, replies.ACCEPTED, replies.TOO_MANY_FROM_SENDER]
        assert [await sent(client, "") for _ in range(3)] == [replies.ACCEPTED] * 3
        assert await sent(await from_(desk, "198.51.100.8"), "loop@a.example") == replies.ACCEPTED


async def test_mails_to_one_mailbox_are_limited(tmp_path: Path) -> None:
    """However many networks they come from."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(mails_per_mailbox=2)) as desk:
        said = [await sent(await from_(desk, f"198.51.100.{n}"), f"{n}@a.example") for n in range(3)]
        assert said == [replies.ACCEPTED, replies.ACCEPTED, replies.MAILBOX_BUSY]


async def test_a_mailbox_goes_on_for_those_who_sent_few(tmp_path: Path) -> None:
    """Five networks at their limit do not shut everybody else out of it, and all others together get a fifth more."""
    limits = Limits(mails_per_network=10, mails_per_mailbox=50)
    async with house(tmp_path, balancers=LOOPBACK, limits=limits) as desk:
        for number in range(5):
            client = await from_(desk, f"198.51.{number}.7")
            assert {await sent(client, f"{n}@evil.example") for n in range(10)} == {replies.ACCEPTED}
        assert await sent(await from_(desk, "198.51.0.8"), "a@a.example") == replies.MAILBOX_BUSY
        for number in range(10):
            client = await from_(desk, f"203.0.{number}.9")
            assert await sent(client, "claire@customer.example") == replies.ACCEPTED
            assert await sent(client, "again@customer.example") == replies.MAILBOX_BUSY
        assert await sent(await from_(desk, "203.0.113.9"), "late@customer.example") == replies.MAILBOX_BUSY


async def test_a_mail_that_was_not_accepted_is_not_counted(tmp_path: Path) -> None:
    """Who begins mails in somebody's name and takes them back uses up nothing."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(mails_per_sender=1, mail_bytes=10)) as desk:
        client = await from_(desk, "198.51.100.7")
        for _ in range(3):
            assert await client.say("MAIL FROM:<a@a.example>") == replies.SENDER_OK
            await client.say("RSET")
        assert await client.mail(b"x" * 100, "a@a.example") == replies.TOO_BIG
        assert await sent(client, "a@a.example") == replies.ACCEPTED


async def test_this_machine_is_not_counted(tmp_path: Path) -> None:
    """Its own mail server has limits of its own, and brings the mails of everybody."""
    limits = Limits(mails_per_network=1, mails_per_sender=1, mails_per_mailbox=1)
    async with house(tmp_path, limits=limits) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        assert [await sent(client, "a@a.example") for _ in range(3)] == [replies.ACCEPTED] * 3


def test_a_minute_moves_on() -> None:
    """What came in the last minute fades; nothing is forgiven all at once, and nothing is kept for ever."""
    now = 0.0
    pace = Pace(10, lambda: now)

    def free() -> int:
        """How many more would be allowed now."""
        count = 0
        while pace.allows("a"):
            pace.count("a")
            count += 1
        return count

    assert free() == 10
    assert pace.allows("b")
    now = 59.0
    assert free() == 0
    now = 90.0
    assert free() == 5
    now = 300.0
    assert free() == 10
    assert len(pace._last) == 0


def test_no_limit_counts_nothing() -> None:
    """Where there is none, no memory is spent on it either."""
    pace = Pace(0, lambda: 0.0)
    for _ in range(100):
        pace.count("a")
    assert pace.allows("a")
    assert not pace._this


async def test_the_silent_make_room(tmp_path: Path) -> None:
    """When all places are taken, the one that was silent longest goes; who is in the middle of a mail does not."""
    limits = Limits(sessions=3, patience_seconds=0.3)
    async with house(tmp_path, limits=limits) as desk:
        silent, busy, sending = [await desk.connect() for _ in range(3)]
        await asyncio.sleep(0.4)
        await busy.begin()
        assert await sending.mail(b"one") == replies.ACCEPTED
        late = await desk.connect()
        assert await silent.hear() == replies.MAKE_ROOM
        assert await late.say("NOOP") == replies.OK
        assert await busy.say(".") == replies.ACCEPTED
        assert await sending.say("NOOP") == replies.OK


async def test_each_place_is_given_once(tmp_path: Path) -> None:
    """Who was sent away makes room for one, however many come in the same moment."""
    async with house(tmp_path, limits=Limits(sessions=4, patience_seconds=0.2)) as desk:
        silent = [await desk.connect() for _ in range(4)]
        await asyncio.sleep(0.3)
        late = await asyncio.gather(*(desk.connect(greeted=False) for _ in range(12)))
        heard = [await client.hear() for client in late]
        assert heard.count(replies.greeting(HOSTNAME)) == 4
        assert heard.count(replies.TOO_MANY_SESSIONS) == 8
        assert [await client.hear() for client in silent] == [replies.MAKE_ROOM] * 4
        assert desk.guests.count == 4


async def test_those_who_speak_keep_their_places(tmp_path: Path) -> None:
    """A flood of newcomers sends nobody away who came or sent a mail a moment ago."""
    async with house(tmp_path, limits=Limits(sessions=2)) as desk:
        inside = [await desk.connect() for _ in range(2)]
        for _ in range(20):
            assert await (await desk.connect(greeted=False)).hear() == replies.TOO_MANY_SESSIONS
        assert [await client.say("NOOP") for client in inside] == [replies.OK] * 2


@pytest.mark.parametrize("network", ["2001:db8:7::", "198.51.100.7"])
async def test_one_network_does_not_take_all_places(tmp_path: Path, network: str) -> None:
    """Its share is full before the door is, and others come in."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(sessions=8, sessions_per_address=4)) as desk:
        for number in range(1, 5):
            await from_(desk, f"{network}{number}" if ":" in network else network)
        fifth = await desk.connect(greeted=False)
        family, server = ("TCP6", "2001:db8::1") if ":" in network else ("TCP4", "192.0.2.1")
        source = f"{network}9" if ":" in network else network
        await fifth.send(f"PROXY {family} {source} {server} 1 25\r\n".encode())
        assert await fifth.hear() == replies.TOO_MANY_FROM_YOU
        assert await sent(await from_(desk, "203.0.113.1"), "a@a.example") == replies.ACCEPTED
