"""SMTP smuggling (THREATS T3): what ends a mail elsewhere ends none here, however it is cut into packets.

The sequences are those of the published attacks (CVE-2023-51764 to -51766 and their follow-ups).
"""

import asyncio
from itertools import product
from pathlib import Path

import pytest

from mailin import replies
from tests.mailin.smtp import MAILBOX, SENDER, Client, house

CRLF, CR, LF = b"\r\n", b"\r", b"\n"
# Every lone dot between two line ends of any kind, and the forms with something unseen beside the dot.
FALSE_ENDS = [before + b"." + after for before, after in product((CRLF, CR, LF), (CRLF, CR, LF))]
FALSE_ENDS.remove(CRLF + b"." + CRLF)
FALSE_ENDS += [
    b"\n\n.\r\n",
    b"\r\r\n.\r\n",
    b"\r\n.\r\r\n",
    b"\r\n\n.\r\n",
    b"\n\r.\n\r",
    b"\r\r.\r\r",
    b"\r\n.\n\r\n",
    b"\n.\r\r\n",
]
UNSEEN = [b"\x00", b"\x00\x00", b"\x0b", b"\x0c", b"\x85", b"\xe2\x80\xa8", b"\xc2\x85", b" ", b"\t"]
HARMLESS = [b"\r\n%s.\r\n" % one for one in UNSEEN] + [b"\r\n.%s\r\n" % one for one in UNSEEN]
HIDDEN = f"MAIL FROM:<ceo@shop.example>\r\nRCPT TO:<{MAILBOX}>\r\nDATA\r\nhidden".encode()
COMMANDS = [
    b"EHLO c.example\r\n",
    f"MAIL FROM:<{SENDER}>\r\n".encode(),
    f"RCPT TO:<{MAILBOX}>\r\n".encode(),
    b"DATA\r\n",
]
BEGUN, END = b"".join(COMMANDS), b"\r\n.\r\n"
ONE_SESSION = 6  # replies up to the one about the mail: greeting, EHLO, MAIL, RCPT, DATA, mail


async def heard(client: Client) -> list[bytes]:
    """All the server says up to the reply about the mail."""
    return [await client.hear() for _ in range(ONE_SESSION)]


@pytest.mark.parametrize("false_end", FALSE_ENDS)
async def test_a_false_end_smuggles_nothing(tmp_path: Path, false_end: bytes) -> None:
    """The mail is refused whole, and nothing behind it is read as a command; said at once or step by step."""
    content = b"Subject: x\r\n\r\nseen" + false_end + HIDDEN
    async with house(tmp_path) as desk:
        stepping = await desk.connect()
        assert await stepping.mail(content) == replies.BARE_LINE_END
        assert await stepping.hear() == replies.MISTRUSTED
        assert await stepping.is_hung_up()
        ahead = await desk.connect(greeted=False)
        await ahead.send(BEGUN + content + END + b"NOOP\r\n")
        assert (await heard(ahead))[-1] == replies.BARE_LINE_END
        assert await ahead.hear() == replies.MISTRUSTED
        assert await ahead.is_hung_up()
        assert desk.spool.pending == 0


@pytest.mark.parametrize("unseen", HARMLESS)
async def test_a_dot_beside_something_unseen_is_a_line_like_any(tmp_path: Path, unseen: bytes) -> None:
    """It is one mail, with all that seemed to be commands inside."""
    content = b"Subject: x\r\n\r\nseen" + unseen + HIDDEN
    async with house(tmp_path) as desk:
        client = await desk.connect()
        assert await client.mail(content) == replies.ACCEPTED
        [mail] = await desk.spooled()
    assert mail.content == content.replace(b"\r\n.", b"\r\n") + b"\r\n"


@pytest.mark.parametrize("false_end", [b"\n.\n", b"\r\n.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n\x00.\r\n"])
@pytest.mark.timeout(120)
async def test_no_cut_makes_a_false_end_a_true_one(tmp_path: Path, false_end: bytes) -> None:
    """Every place in the mail is tried as the edge between two packets."""
    content = b"seen" + false_end + HIDDEN + END
    expected = replies.ACCEPTED if b"\x00" in false_end else replies.BARE_LINE_END
    async with house(tmp_path) as desk:
        for cut in range(1, len(content)):
            client = await desk.connect(greeted=False)
            await client.send(BEGUN + content[:cut])
            for _ in range(ONE_SESSION - 1):
                await client.hear()
            await client.send(content[cut:])
            assert await client.hear() == expected
            await client.close()
        taken = await desk.spooled()
    assert len(taken) == (len(content) - 1 if b"\x00" in false_end else 0)


async def test_a_true_end_cut_anywhere_ends_the_mail_once(tmp_path: Path) -> None:
    """What comes behind it in the same packet is the next command, and nothing of it is lost."""
    stream = b"one" + END + b"NOOP\r\n"
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        for cut in range(1, len(stream)):
            await client.send(b"".join(COMMANDS[1:]))
            for _ in range(3):
                await client.hear()
            await client.send(stream[:cut])
            await asyncio.sleep(0.001)
            await client.send(stream[cut:])
            assert [await client.hear(), await client.hear()] == [replies.ACCEPTED, replies.OK]
        assert [mail.content for mail in await desk.spooled()] == [b"one\r\n"] * (len(stream) - 1)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\n\r", b"\r\r\n", b"\x00\r\n"])
async def test_a_command_ends_with_crlf_and_nothing_else(tmp_path: Path, end: bytes) -> None:
    """A line another server would have split or joined is no command at all."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        await client.send(f"MAIL FROM:<{SENDER}>".encode() + end + f"RCPT TO:<{MAILBOX}>\r\n".encode())
        assert await client.hear() == replies.BAD_LINE
        assert await client.say("DATA") in (replies.SENDER_FIRST, replies.BAD_LINE)
        assert desk.spool.pending == 0


async def test_after_a_refused_recipient_content_is_not_awaited(tmp_path: Path) -> None:
    """Talked ahead, DATA without a recipient is refused, and what follows is commands, of which none is one."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.send(
            f"EHLO c\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<x@y.example>\r\nDATA\r\nSubject: x\r\n.\r\nNOOP\r\n".encode()
        )
        await client.hear()
        expected = [replies.SENDER_OK, replies.NO_SUCH_MAILBOX, replies.RECIPIENT_FIRST]
        expected += [replies.BAD_LINE, replies.BAD_LINE, replies.OK]
        assert [await client.hear() for _ in expected] == expected


async def test_chunks_are_not_offered_and_not_taken(tmp_path: Path) -> None:
    """A BDAT nobody was offered does not swallow what follows it, and accepts nothing (RFC 3030)."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        assert b"CHUNKING" not in await client.say("EHLO c")
        await client.say(f"MAIL FROM:<{SENDER}>")
        await client.say(f"RCPT TO:<{MAILBOX}>")
        assert await client.say("BDAT 6 LAST") == replies.UNKNOWN_COMMAND
        assert await client.say("NOOP") == replies.OK
        assert desk.spool.pending == 0
