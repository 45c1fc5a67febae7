"""A mail's content: where it ends, what its dots mean, and how big it may be."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailin import replies
from mailin.door import Limits
from mailin.spool import Room
from mailin.transparency import Transparency
from tests.mailin.smtp import house

PIECES = [b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"x", b"\r\n.\r", b"..", b"\x00", b"\xff"]
STREAMS = st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)


def stuffed(content: bytes) -> bytes:
    """What a correct client sends for the content, which ends with CRLF or is empty."""
    dotted = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return dotted + b".\r\n"


def fed(stream: bytes, cuts: list[int]) -> tuple[bytes, Transparency]:
    """The stream fed in pieces cut at these places."""
    reading, content = Transparency(), b""
    edges = sorted({0, len(stream), *cuts})
    for start, end in pairwise(edges):
        if reading.ended:
            reading.rest += stream[start:end]
        else:
            content += reading.feed(stream[start:end])
    return content, reading


def by_lines(stream: bytes) -> tuple[bytes, bytes] | None:
    """What RFC 5321 4.5.2 says, word for word and slowly: the content and the rest, or None if it does not end."""
    content = b""
    while b"\r\n" in stream:
        line, stream = stream.split(b"\r\n", 1)
        if line == b".":
            return content, stream
        content += line.removeprefix(b".") + b"\r\n"
    return None


@given(STREAMS, st.data())
def test_any_cutting_gives_what_the_rule_says(stream: bytes, data: st.DataObject) -> None:
    """The network may cut the stream anywhere without changing what the mail is or where it ends."""
    cuts = data.draw(st.lists(st.integers(0, len(stream))))
    content, reading = fed(stream, cuts)
    expected = by_lines(stream)
    assert reading.ended is (expected is not None)
    if expected is not None:
        assert (content, reading.rest) == expected


@given(STREAMS)
def test_every_single_cut_of_a_mail_gives_the_mail(body: bytes) -> None:
    """Each split position of a stuffed mail, with a command behind it, is tried."""
    content = body.replace(b"\r", b"").replace(b"\n", b"\r\n") + b"\r\n"
    stream = stuffed(content) + b"QUIT\r\n"
    for cut in range(len(stream) + 1):
        got, reading = fed(stream, [cut])
        assert (got, reading.rest, reading.bare) == (content, b"QUIT\r\n", False)


@given(STREAMS, st.data())
def test_a_line_end_alone_is_noticed_however_it_is_cut(stream: bytes, data: st.DataObject) -> None:
    """A CR or LF that is not part of a CRLF marks the mail."""
    whole = stream + b"\r\n.\r\n"
    _, reading = fed(whole, data.draw(st.lists(st.integers(0, len(whole)))))
    inside = (by_lines(whole) or (b"", b""))[0].replace(b"\r\n", b"")
    assert reading.bare is (b"\r" in inside or b"\n" in inside)


@pytest.mark.parametrize("content", [b"Subject: x\nInjected: y", b"Subject: x\rInjected: y", b"\nx", b"x\r"])
async def test_a_bare_cr_or_lf_is_refused(tmp_path: Path, content: bytes) -> None:
    """No parser behind us sees a header that another one did not; the session ends, and the next one is as any."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        assert await client.mail(content) == replies.BARE_LINE_END
        assert await client.hear() == replies.MISTRUSTED
        assert await client.is_hung_up()
        assert await (await desk.connect()).mail(b"good") == replies.ACCEPTED


async def test_an_empty_mail_is_a_mail(tmp_path: Path) -> None:
    """The end may come at once."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.begin()
        await client.send(b".\r\n")
        assert await client.hear() == replies.ACCEPTED
        assert [mail.content for mail in await desk.spooled()] == [b""]


@pytest.mark.parametrize("line", [b"x" * 65_536, b"X-Long: " + b"y" * 100_000 + b"\r\n\r\nx", b"z" * 2_000_000])
async def test_an_endless_line_is_taken(tmp_path: Path, line: bytes) -> None:
    """Real mailers send headers and lines far beyond the 998 octets of the standard."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        assert await client.mail(line) == replies.ACCEPTED
        assert [mail.content for mail in await desk.spooled()] == [line + b"\r\n"]


async def test_a_big_mail_arrives_as_it_was_sent(tmp_path: Path) -> None:
    """A mail too big for memory takes another way to the disk and is the same at the end."""
    content = b"\r\n".join(b"%06d " % number + b"." * (number % 90) for number in range(60_000)) + b"\r\n"
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.begin()
        await client.send(stuffed(content))
        assert await client.hear() == replies.ACCEPTED
        [mail] = await desk.spooled()
        assert mail.content == content
        assert list((tmp_path / "spool" / "large").iterdir()) == []


@pytest.mark.parametrize("size", [5_000, 2_000_000])
async def test_a_mail_beyond_the_limit_is_read_over_and_refused(tmp_path: Path, size: int) -> None:
    """The client hears why at the end, nothing is kept, and the session goes on."""
    async with house(tmp_path, limits=Limits(mail_bytes=4096)) as desk:
        client = await desk.connect()
        assert await client.mail(b"x" * size) == replies.TOO_BIG
        assert await client.mail(b"x" * 4094) == replies.ACCEPTED
        assert [mail.envelope.size for mail in await desk.spooled()] == [4096]
        assert desk.spool.pending_bytes == 0


@pytest.mark.parametrize("size", [50_000, 3_000_000])
async def test_a_full_spool_asks_to_come_again(tmp_path: Path, size: int) -> None:
    """Beyond the spool's limit mails are put off, not lost and not accepted."""
    async with house(tmp_path, most=Room(bytes=40_000)) as desk:
        client = await desk.connect()
        assert await client.mail(b"x" * size) == replies.SPOOL_FULL
        assert await client.mail(b"x" * 39_998) == replies.ACCEPTED
        assert await client.say("MAIL FROM:<>") == replies.SPOOL_FULL
        await desk.spooled()
        assert await client.mail(b"x") == replies.ACCEPTED


async def test_a_mail_that_is_dripped_is_the_same_mail(tmp_path: Path) -> None:
    """One octet at a time changes nothing."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.begin()
        for octet in b"a\r\n..b\r\n...\r\n.\r\n":
            await client.send(bytes([octet]))
            await asyncio.sleep(0.002)
        assert await client.hear() == replies.ACCEPTED
        assert [mail.content for mail in await desk.spooled()] == [b"a\r\n.b\r\n..\r\n"]
