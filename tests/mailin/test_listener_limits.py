"""Nobody can hold the door: limits on number, time and patience, and a clean goodbye."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest

from mailin import replies
from mailin.door import Limits
from mailin.guests import Guests, Hold
from mailin.networks import network_of, wider
from mailin.replies import Reply
from tests.mailin.smtp import MAILBOX, SENDER, house


async def test_recipients_of_one_mail_are_limited(tmp_path: Path) -> None:
    """The mail goes on with those that were accepted."""
    async with house(tmp_path, limits=Limits(recipients=2)) as desk:
        client = await desk.connect()
        assert await client.begin(SENDER, MAILBOX, MAILBOX, MAILBOX) == replies.SEND_DATA
        await client.send(b".\r\n")
        assert await client.hear() == replies.ACCEPTED
        [mail] = await desk.spooled()
    assert mail.envelope.rcpt_tos == (MAILBOX, MAILBOX)


async def test_a_mail_may_have_a_hundred_recipients(tmp_path: Path) -> None:
    """RFC 5321 4.5.3.1.8 and 10: of more, the first hundred get it, and another mail brings it to the others."""
    async with house(tmp_path, limits=Limits(recipients=100)) as desk:
        client = await desk.connect()
        for count in (160, 60):
            assert await client.begin(SENDER, *[MAILBOX] * count) == replies.SEND_DATA
            await client.send(b".\r\n")
            assert await client.hear() == replies.ACCEPTED
        mails = await desk.spooled()
    assert [len(mail.envelope.rcpt_tos) for mail in mails] == [100, 60]


async def test_sessions_at_once_are_limited(tmp_path: Path) -> None:
    """One too many is told so and may come back when another has left."""
    async with house(tmp_path, limits=Limits(sessions=2)) as desk:
        first, _ = await desk.connect(), await desk.connect()
        third = await desk.connect(greeted=False)
        assert await third.hear() == replies.TOO_MANY_SESSIONS
        assert await third.is_hung_up()
        assert await first.say("QUIT") == replies.BYE
        assert await first.is_hung_up()
        fourth = await desk.connect()
        assert await fourth.say("NOOP") == replies.OK


async def test_sessions_of_one_address_are_limited(tmp_path: Path) -> None:
    """One machine cannot take all places."""
    async with house(tmp_path, limits=Limits(sessions_per_address=1)) as desk:
        await desk.connect()
        second = await desk.connect(greeted=False)
        assert await second.hear() == replies.TOO_MANY_FROM_YOU


class Visitor:
    """A guest that goes when told."""

    def silent_seconds(self) -> float:
        """It talks."""
        return 0.0

    def hold(self) -> Hold | None:
        """It is not asked to leave."""
        return None

    def depart(self) -> None:
        """Not asked in these tests."""

    def leave(self, last_words: Reply) -> None:
        """Not asked in these tests."""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
async def test_an_ipv6_network_counts_as_one_address(one: str, other: str, same: bool) -> None:
    """Whoever owns a /64 owns more addresses than we have places."""
    guests = Guests(most=10, most_per_address=1)
    assert guests.enter(Visitor(), one) is None
    assert guests.enter(Visitor(), other) == (replies.TOO_MANY_FROM_YOU if same else None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", False),
        ("192.0.2.1", "192.0.2.255", True),
        ("192.0.2.1", "::ffff:192.0.2.9", True),
        ("192.0.2.1", "192.0.3.1", False),
    ],
)
def test_the_network_around_one_is_a_24_or_a_48(one: str, other: str, same: bool) -> None:
    """What one tenant can have beside the address it uses."""
    assert (wider(network_of(one)) == wider(network_of(other))) is same


async def test_commands_of_one_session_are_limited(tmp_path: Path) -> None:
    """A session that only chats is ended."""
    async with house(tmp_path, limits=Limits(commands=3)) as desk:
        client = await desk.connect()
        heard = [await client.say("NOOP") for _ in range(3)]
        assert heard == [replies.OK] * 3
        assert await client.hear() == replies.TOO_MANY_COMMANDS
        assert await client.is_hung_up()


async def test_errors_of_one_session_are_limited(tmp_path: Path) -> None:
    """Nobody tries a thousand mailboxes in one go."""
    async with house(tmp_path, limits=Limits(errors=2)) as desk:
        client = await desk.connect()
        await client.say("EHLO client.example")
        await client.say(f"MAIL FROM:<{SENDER}>")
        heard = [await client.say(f"RCPT TO:<user{number}@shop.example>") for number in range(3)]
        assert heard == [replies.NO_SUCH_MAILBOX] * 3
        assert await client.hear() == replies.TOO_MANY_ERRORS
        assert await client.is_hung_up()


async def test_a_silent_client_is_sent_away(tmp_path: Path) -> None:
    """A connection that says nothing does not stay."""
    async with house(tmp_path, limits=Limits(command_seconds=0.2)) as desk:
        client = await desk.connect()
        assert await client.hear() == replies.TOO_SLOW
        assert await client.is_hung_up()


async def test_a_command_that_is_dripped_does_not_win_time(tmp_path: Path) -> None:
    """Time runs from reply to whole command, however many octets come meanwhile."""
    async with house(tmp_path, limits=Limits(command_seconds=0.3)) as desk:
        client = await desk.connect()
        hearing = asyncio.create_task(client.hear())
        for _ in range(50):
            if hearing.done():
                break
            client.writer.write(b"x")
            await asyncio.sleep(0.02)
        assert await hearing == replies.TOO_SLOW


async def test_a_mail_that_never_ends_is_cut_off(tmp_path: Path) -> None:
    """Endless content runs out of time, in the mail's own time and not the command's, and leaves nothing behind."""
    async with house(tmp_path, limits=Limits(command_seconds=0.1, data_seconds=0.5, mail_bytes=1 << 40)) as desk:
        client = await desk.connect()
        assert await client.begin() == replies.SEND_DATA
        began = time.monotonic()
        hearing = asyncio.create_task(client.hear())
        while not hearing.done() and time.monotonic() - began < 5:
            client.writer.write(b"endless\r\n" * 1000)
            await asyncio.sleep(0.01)
        assert await hearing == replies.TOO_SLOW
        assert 0.3 < time.monotonic() - began < 3
        await asyncio.sleep(0.1)
        assert (desk.spool.pending, desk.spool.pending_bytes) == (0, 0)
        assert list((tmp_path / "spool" / "large").iterdir()) == []


async def test_a_session_has_an_end_however_busy(tmp_path: Path) -> None:
    """A client that always says something in time is still sent away at the end of the session's time."""
    async with house(tmp_path, limits=Limits(session_seconds=0.4)) as desk:
        client = await desk.connect()
        heard = replies.OK
        for _ in range(100):
            await asyncio.sleep(0.02)
            heard = Reply(await client.say("NOOP"))
            if heard != replies.OK:
                break
        assert heard == replies.TOO_SLOW


async def test_a_client_that_does_not_read_does_not_stay(tmp_path: Path) -> None:
    """Replies nobody reads do not pile up, and the connection ends."""
    async with house(tmp_path, limits=Limits(command_seconds=0.3, commands=10**9, vain_commands=10**9)) as desk:
        client = await desk.connect()
        client.writer.write(b"HELP\r\n" * 2_000_000)
        for _ in range(100):
            await asyncio.sleep(0.05)
            if desk.guests.count == 0:
                break
        assert desk.guests.count == 0


async def test_a_half_closed_client_still_hears_its_replies(tmp_path: Path) -> None:
    """Who has said everything may close its side and wait for 250."""
    everything = f"EHLO c.example\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{MAILBOX}>\r\nDATA\r\none\r\n.\r\n"
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.send(everything.encode())
        client.writer.write_eof()
        heard = [await client.hear() for _ in range(5)]
        assert heard[-1] == replies.ACCEPTED
        assert await client.is_hung_up()


@pytest.mark.parametrize("end", [b"", b"half a mail", b"half a mail\r\n.", b"x" * 1_000_000])
async def test_a_half_closed_client_ends_no_mail(tmp_path: Path, end: bytes) -> None:
    """Who closes its side within a mail has not ended it: nothing is kept, nothing is said, and the place is free."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.begin()
        await client.send(end)
        client.writer.write_eof()
        assert await client.is_hung_up()
        assert desk.guests.count == 0
        await asyncio.sleep(0.05)
        assert (desk.spool.pending, desk.spool.pending_bytes) == (0, 0)


@pytest.mark.parametrize("said", [b"", b"EHLO", b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n"])
async def test_a_client_that_hangs_up_is_forgotten(tmp_path: Path, said: bytes) -> None:
    """No session is left behind by a connection that broke."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.send(said)
        await client.close()
        await asyncio.sleep(0.05)
        assert desk.guests.count == 0


async def test_a_mail_that_breaks_off_is_not_kept(tmp_path: Path) -> None:
    """Half a mail is no mail, also when half of it was on disk already."""
    async with house(tmp_path) as desk:
        for content in (b"half a mail\r\n", b"x" * 1_000_000):
            client = await desk.connect()
            await client.begin()
            await client.send(content)
            await asyncio.sleep(0.05)
            await client.close()
        await asyncio.sleep(0.1)
        assert (desk.spool.pending, desk.spool.pending_bytes) == (0, 0)
        assert list((tmp_path / "spool" / "large").iterdir()) == []


async def test_stopping_says_goodbye_and_lets_a_mail_finish(tmp_path: Path) -> None:
    """Idle sessions end at once; one in the middle of a mail has a moment for it; nobody new comes in."""
    async with house(tmp_path, limits=Limits(goodbye_seconds=1.0)) as desk:
        idle, busy = await desk.connect(), await desk.connect()
        await busy.begin()
        stopping = asyncio.create_task(desk.listener.stop())
        assert await idle.hear() == replies.SHUTTING_DOWN
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", desk.port)
        await busy.send(b"one\r\n.\r\n")
        assert await busy.hear() == replies.ACCEPTED
        assert await busy.hear() == replies.SHUTTING_DOWN
        await asyncio.wait_for(stopping, 0.5)
        assert len(await desk.spooled()) == 1


async def test_stopping_does_not_wait_for_ever(tmp_path: Path) -> None:
    """A mail that does not end is cut off, and the stop is over within three seconds."""
    async with house(tmp_path, limits=Limits(goodbye_seconds=0.5)) as desk:
        client = await desk.connect()
        await client.begin()
        began = time.monotonic()
        await desk.listener.stop()
        assert time.monotonic() - began < 3
        assert await client.hear() == replies.SHUTTING_DOWN
        assert desk.guests.count == 0


async def test_the_last_words_are_heard_by_who_talks_on(tmp_path: Path) -> None:
    """TCP takes back what was said before a close with something unread, so we read until the client is done."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        client.writer.write(b"NOOP\r\nQUIT\r\n" + b"NOOP\r\n" * 500_000)
        client.writer.write_eof()
        assert [await client.hear(), await client.hear()] == [replies.OK, replies.BYE]
        assert await client.is_hung_up()
        assert desk.guests.count == 0


async def test_who_talks_on_for_ever_is_cut_off(tmp_path: Path) -> None:
    """The politeness lasts a second, and the place is free at once."""
    async with house(tmp_path, limits=Limits(sessions=1)) as desk:
        client = await desk.connect()
        client.writer.write(b"QUIT\r\n" + b"NOOP\r\n" * 100_000)
        assert await client.hear() == replies.BYE
        assert await (await desk.connect()).say("NOOP") == replies.OK
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 5:
                await client.send(b"NOOP\r\n" * 1000)
                await asyncio.sleep(0.01)
        assert time.monotonic() - began < 3
