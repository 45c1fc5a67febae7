"""Whoever talks without sending mail keeps nobody out: at a full door, places go to those who get on with a mail."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mailin import replies
from mailin.door import Limits
from mailin.guests import Guests, Hold
from mailin.replies import Reply
from tests.mailin.smtp import MAILBOX, SENDER, Client, house

MAIL = f"MAIL FROM:<{SENDER}>"
RCPT = f"RCPT TO:<{MAILBOX}>"
NARROW = Limits(sessions=2, patience_seconds=0.4)


async def talks(client: Client, *lines: str) -> None:
    """Say something every now and then, past the door's patience."""
    for _ in range(6):
        await asyncio.sleep(0.1)
        for line in lines:
            await client.say(line)


async def drips(client: Client) -> None:
    """Send a mail a byte at a time, past the door's patience."""
    await client.begin()
    for _ in range(12):
        await asyncio.sleep(0.05)
        await client.send(b"x")


@pytest.mark.parametrize(
    "lines",
    [
        ["NOOP"],
        ["HELP"],
        ["VRFY claire"],
        ["EHLO client.example"],
        ["RSET"],
        ["MAIL FROM:<>", "RSET"],
        [MAIL, RCPT, "RSET"],
        [MAIL, RCPT, "EHLO client.example"],
        ["BDAT 1"],
    ],
    ids=" ".join,
)
async def test_talk_keeps_no_place(tmp_path: Path, lines: list[str]) -> None:
    """Whatever is said, and a mail that is taken back: who sends none makes room for the one who comes."""
    async with house(tmp_path, limits=NARROW) as desk:
        talker, sender = await desk.connect(), await desk.connect()
        await talker.say("EHLO client.example")
        await talks(talker, *lines)
        assert await sender.mail(b"one") == replies.ACCEPTED
        late = await desk.connect()
        assert await talker.hear() == replies.MAKE_ROOM
        assert await late.mail(b"two") == replies.ACCEPTED
        assert await sender.mail(b"three") == replies.ACCEPTED


async def repeats(client: Client) -> None:
    """Name one recipient after another, past the door's patience."""
    await client.say("EHLO client.example")
    await client.say(MAIL)
    for _ in range(12):
        await client.say(RCPT)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("dawdles", [drips, repeats])
async def test_a_mail_that_hardly_comes_on_keeps_no_place(
    tmp_path: Path, dawdles: Callable[[Client], Awaitable[None]]
) -> None:
    """A byte now and then, or one recipient after another, is no progress worth a place."""
    async with house(tmp_path, limits=NARROW) as desk:
        slow, sender = await desk.connect(), await desk.connect()
        await dawdles(slow)
        assert await sender.mail(b"one") == replies.ACCEPTED
        late = await desk.connect()
        assert await slow.hear() == replies.MAKE_ROOM
        assert await late.mail(b"two") == replies.ACCEPTED


async def test_a_mail_that_comes_on_keeps_its_place(tmp_path: Path) -> None:
    """However long it takes, a mail that arrives at the least rate is let finish."""
    async with house(tmp_path, limits=NARROW) as desk:
        sender, _ = await desk.connect(), await desk.connect()
        await sender.begin()
        for _ in range(6):
            await asyncio.sleep(0.1)
            await sender.send(b"x" * 5000)
        late = await desk.connect()
        assert await sender.say("\r\n.") == replies.ACCEPTED
        assert await late.mail(b"two") == replies.ACCEPTED


async def test_two_addresses_do_not_shut_a_third_out(tmp_path: Path) -> None:
    """Full of sessions that say NOOP in time, the door still opens for everybody else, one after another."""
    limits = Limits(sessions=8, sessions_per_address=4, patience_seconds=0.3)
    async with house(tmp_path, limits=limits) as desk:
        holding = [await desk.connect(address=f"127.0.{host}.1") for host in (2, 3) for _ in range(4)]
        for _ in range(4):
            await asyncio.sleep(0.1)
            assert {await client.say("NOOP") for client in holding} == {replies.OK}
        for number in range(4):
            client = await desk.connect(address=f"127.0.{10 + number}.1")
            assert await client.mail(b"one") == replies.ACCEPTED
        assert len(await desk.spooled()) == 4


class Visitor:
    """A guest that has been silent for so many seconds and goes when told."""

    def __init__(self, silent: float) -> None:
        self.silent, self.heard = silent, b""

    def silent_seconds(self) -> float:
        """So many."""
        return self.silent

    def hold(self) -> Hold | None:
        """It is not asked to leave."""
        return None

    def depart(self) -> None:
        """Not asked in these tests."""

    def leave(self, last_words: Reply) -> None:
        """It goes."""
        self.heard = last_words


@pytest.mark.parametrize(
    ("present", "goes"),
    [
        ([("a", 50), ("b", 20), ("b", 30)], 2),  # the crowd's most silent, not the most silent of all
        ([("a", 50), ("b", 9), ("b", 8)], 0),  # the crowd is busy
        ([("a", 20), ("b", 30), ("c", 10)], 1),  # no crowd
        ([("a", 9), ("b", 9), ("b", 9)], None),
    ],
)
async def test_the_crowd_makes_room_first(present: list[tuple[str, float]], goes: int | None) -> None:
    """Of those silent for ten seconds, one of the network that holds most places goes, the most silent there."""
    guests = Guests(most=len(present), most_per_address=10)
    inside = [Visitor(silent) for _, silent in present]
    for visitor, (network, _) in zip(inside, present, strict=True):
        assert guests.enter(visitor, network) is None
    assert guests.enter(Visitor(0), "new") == (replies.TOO_MANY_SESSIONS if goes is None else None)
    assert [bool(visitor.heard) for visitor in inside] == [number == goes for number in range(len(inside))]


@pytest.mark.parametrize("lines", [["NOOP"], [MAIL, RCPT, "RSET"]], ids=" ".join)
async def test_talk_without_mails_comes_to_an_end(tmp_path: Path, lines: list[str]) -> None:
    """So many commands in a row that bring no mail further, and the session is over, also when there is room."""
    async with house(tmp_path, limits=Limits(vain_commands=7)) as desk:
        client = await desk.connect()
        await client.say("EHLO client.example")
        for number in range(6):
            assert (await client.say(lines[number % len(lines)]))[:3] == b"250"
        assert await client.hear() == replies.TOO_MANY_COMMANDS
        assert await client.is_hung_up()


async def test_a_server_that_keeps_its_connection_is_left_alone(tmp_path: Path) -> None:
    """Where there is room, silence and a NOOP between mails do no harm, and each mail begins the count anew."""
    async with house(tmp_path, limits=Limits(vain_commands=7, patience_seconds=0.1)) as desk:
        client = await desk.connect()
        for _ in range(5):
            assert await client.mail(b"one") == replies.ACCEPTED
            await asyncio.sleep(0.15)
            assert [await client.say("NOOP") for _ in range(4)] == [replies.OK] * 4
        assert len(await desk.spooled()) == 5
