"""250 means: on disk. Whatever happens to the process or the disk afterwards."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mailin import replies
from mailin.spool import Spool
from tests.mailin.smtp import Client

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def desk(*arguments: str | Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A door in a process of its own, and its port; killed at the end."""
    command = [sys.executable, "-m", "tests.mailin.door_process", *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process, int(await asyncio.wait_for(process.stdout.readline(), 30))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def connect(port: int) -> Client:
    """A client that was greeted."""
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    await client.hear()
    return client


async def load(port: int, sender: str, acknowledged: set[bytes]) -> None:
    """Send mails, every tenth a big one, until the desk is gone; note those that got 250."""
    with suppress(ConnectionError, OSError):
        client = await connect(port)
        number = 0
        while True:
            number += 1
            name = f"{sender}-{number}".encode()
            reply = await client.mail(name + b"\r\n" + b"x" * (400_000 if number % 10 == 0 else 100))
            if reply != replies.ACCEPTED:
                break
            acknowledged.add(name)
        await client.close()


async def found(folder: Path) -> set[bytes]:
    """The mails the desk took in, and those that still wait."""
    taken = set((folder / "taken").read_bytes().splitlines())
    spool = await Spool.open(folder / "spool")
    waiting = [await spool.next() for _ in range(spool.pending)]
    aside = await spool.aside()
    await spool.close()
    assert aside == []
    return taken | {mail.content.split(b"\r\n")[0] for mail in waiting}


@pytest.mark.parametrize("lane", range(4))
async def test_every_mail_that_got_250_survives_kill_9(tmp_path: Path, lane: int) -> None:
    """Killed five times in each of four lanes, at another moment each time, under load: nothing accepted is lost."""
    acknowledged: set[bytes] = set()
    for round_ in range(5):
        async with desk(tmp_path) as (process, port):
            senders = [asyncio.create_task(load(port, f"{round_}-{each}", acknowledged)) for each in range(8)]
            await asyncio.sleep(0.03 + 0.041 * ((lane * 5 + round_) * 7 % 20))
            process.kill()
            await asyncio.wait(senders)
        assert acknowledged - await found(tmp_path) == set()
    assert len(acknowledged) > 20


async def test_a_full_disk_is_452_and_loses_nothing(tmp_path: Path) -> None:
    """When the disk takes no more, the client keeps the mail; what was accepted before is all there."""
    acknowledged = []
    async with desk(tmp_path, "60000") as (_, port):
        client = await connect(port)
        # The first mail fills the empty segment halfway through: what was written of it must not stand before the next.
        heard = [await client.mail(b"x" * 100_000)]
        for number in range(30):
            content = f"{number}".encode() + b"\r\n" + b"x" * 5000
            heard.append(await client.mail(content))
            if heard[-1] == replies.ACCEPTED:
                acknowledged.append(f"{number}".encode())
        assert set(heard) == {replies.ACCEPTED, replies.SPOOL_FULL}
        assert await client.mail(b"x" * 400_000) == replies.SPOOL_FULL
    assert await found(tmp_path) == set(acknowledged)
