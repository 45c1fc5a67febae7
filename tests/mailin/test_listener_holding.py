"""Nobody holds the spool's room by sending mails and not ending them."""

import asyncio
import time
from pathlib import Path

from mailin import replies
from mailin.door import Limits
from mailin.receiving import SMALL_MAIL
from mailin.spool import Room
from tests.mailin.smtp import Client, House, house

ROOM = Room(bytes=4 << 20)
SHARE = ROOM.bytes // 8  # of one network


async def begun(desk: House, size: int, address: str) -> Client:
    """A client that sent `size` bytes of a mail and did not end it; the door has read them."""
    client = await desk.connect(address=address)
    await client.begin()
    await client.send(b"x" * size)
    await asyncio.sleep(0.03)
    return client


async def ended(client: Client) -> bytes:
    """The reply to the end of a mail that was begun."""
    await client.send(b"\r\n.\r\n")
    return await client.hear()


async def test_one_address_cannot_hold_the_room(tmp_path: Path) -> None:
    """Mails it does not end stay within its share; a small mail, even its own, and others' big ones are taken."""
    async with house(tmp_path, most=ROOM) as desk:
        holding = [await begun(desk, 400_000, "127.0.0.2") for _ in range(12)]
        assert desk.spool.pending_bytes < SHARE + 12 * SMALL_MAIL
        assert await (await desk.connect(address="127.0.0.2")).mail(b"x" * 60_000) == replies.ACCEPTED
        assert await (await desk.connect()).mail(b"x" * 400_000) == replies.ACCEPTED
        heard = [await ended(client) for client in holding]
        assert heard == [replies.ACCEPTED] + [replies.SPOOL_FULL] * 11
        assert await holding[-1].mail(b"x" * 400_000) == replies.ACCEPTED
        assert len(await desk.spooled()) == 4
        assert desk.spool.pending_bytes == 0


async def test_all_addresses_together_cannot_hold_the_room(tmp_path: Path) -> None:
    """Half of it is for mails that have come whole and for small ones; the share comes back when mails end."""
    size = SMALL_MAIL + SHARE - 1000
    async with house(tmp_path, most=ROOM) as desk:
        holding = [await begun(desk, size, f"127.0.{number}.1") for number in range(2, 6)]
        late = await desk.connect()
        assert await late.mail(b"x" * size) == replies.SPOOL_FULL
        assert await late.mail(b"x" * 60_000) == replies.ACCEPTED
        assert await ended(holding[0]) == replies.ACCEPTED
        assert await late.mail(b"x" * size) == replies.ACCEPTED


async def test_who_rents_many_addresses_holds_half_of_what_all_may(tmp_path: Path) -> None:
    """A /24 counts together, and so does an IPv6 /48 (`wider`): big mails from elsewhere still come in."""
    size = SMALL_MAIL + SHARE - 1000
    async with house(tmp_path, most=ROOM) as desk:
        holding = [await begun(desk, size, f"127.0.9.{number}") for number in range(2, 6)]
        assert await (await desk.connect()).mail(b"x" * size) == replies.ACCEPTED
        heard = [await ended(client) for client in holding]
        assert heard == [replies.ACCEPTED] * 2 + [replies.SPOOL_FULL] * 2


async def test_a_mail_that_breaks_off_gives_its_share_back(tmp_path: Path) -> None:
    """Hanging up in the middle of mails does not use the share up for later ones."""
    async with house(tmp_path, most=ROOM) as desk:
        for _ in range(3):
            await (await begun(desk, 400_000, "127.0.0.2")).close()
            await asyncio.sleep(0.03)
        assert await (await desk.connect(address="127.0.0.2")).mail(b"x" * 400_000) == replies.ACCEPTED


async def test_a_mail_that_comes_too_slowly_is_cut_off(tmp_path: Path) -> None:
    """Below the least rate a mail has its first seconds and no more, and leaves nothing behind."""
    async with house(tmp_path, limits=Limits(slow_seconds=0.3, least_rate=100_000)) as desk:
        client = await desk.connect()
        await client.begin()
        began = time.monotonic()
        hearing = asyncio.create_task(client.hear())
        while not hearing.done() and time.monotonic() - began < 5:
            client.writer.write(b"x" * 500)
            await asyncio.sleep(0.02)
        assert await hearing == replies.TOO_SLOW
        assert 0.25 < time.monotonic() - began < 2
        await asyncio.sleep(0.05)
        assert desk.spool.pending_bytes == 0


async def test_a_mail_that_comes_fast_enough_has_its_time(tmp_path: Path) -> None:
    """What has come earns time: a pause that leaves the average above the least rate does no harm."""
    async with house(tmp_path, limits=Limits(slow_seconds=0.2, least_rate=100_000)) as desk:
        client = await begun(desk, 200_000, "127.0.0.1")
        await asyncio.sleep(0.6)
        assert await ended(client) == replies.ACCEPTED


async def test_after_a_mail_the_time_is_that_of_a_command(tmp_path: Path) -> None:
    """The longer time a mail may take does not go on for a client that is silent after it."""
    async with house(tmp_path, limits=Limits(command_seconds=0.2)) as desk:
        client = await begun(desk, 100, "127.0.0.1")
        await asyncio.sleep(0.3)
        assert await ended(client) == replies.ACCEPTED
        began = time.monotonic()
        assert await client.hear() == replies.TOO_SLOW
        assert time.monotonic() - began < 2
