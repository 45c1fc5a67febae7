"""A mail that cannot be taken in, and cannot be set aside either: it waits, and the desk goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers import intake
from handlers.model.case import Case
from handlers.model.errors import Unavailable
from handlers.model.mail import InboundMail
from handlers.model.outbox import SetAside
from mailin import aside, worker
from mailin import spool as spooling
from mailin.segments import BEGUN
from mailin.spool import Spool
from tests.builders import DeskUnderTest, open_desk
from tests.mailin.reading import make_mail
from tests.mailin.smtp import keep
from tests.waiting import once, until

MAILBOX = "support@shopfactory.example"
WISH = make_mail("J'ai perdu mon mot de passe").encode()
POISON = WISH.replace(b"marie@", b"poison@")
NOTE = "00000001-00000001.json"


@pytest.fixture(autouse=True)
def poisonous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails of one author cannot be taken in, and tries follow soon."""
    real = intake.receive

    async def receive(desk: Any, came: InboundMail, *rest: Any) -> str | None:
        if came.from_address.startswith("poison@"):
            raise ZeroDivisionError
        return await real(desk, came, *rest)

    monkeypatch.setattr(intake, "receive", receive)
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.02)


@asynccontextmanager
async def working(folder: Path) -> AsyncIterator[tuple[DeskUnderTest, Spool, asyncio.Task[None]]]:
    """A desk whose worker is at work on its spool."""
    async with open_desk(folder) as house:
        spool = await Spool.open(folder / "spool")
        task = asyncio.create_task(worker.run(spool, house.desk))
        try:
            yield house, spool, task
        finally:
            task.cancel()
            await asyncio.wait([task])
            await spool.close()


async def seen(house: DeskUnderTest, count: int) -> list[SetAside]:
    """What staff see was set aside, as soon as that is so many."""

    async def look() -> list[SetAside] | None:
        found = await house.desk.store.find(SetAside)
        return found if len(found) >= count else None

    return await once(look)


async def test_a_disk_that_takes_nothing_aside_stops_nobody_else(tmp_path: Path) -> None:
    """More poison than mails are read at once: it waits, others' mails come in, and it is set aside in the end."""
    async with working(tmp_path) as (house, spool, task):
        (tmp_path / "spool" / "aside").rmdir()
        for number in range(2 * worker.AT_ONCE):
            await keep(spool, POISON, mailbox=MAILBOX, sender=f"{number}@evil.example")
        await keep(spool, WISH, mailbox=MAILBOX)
        await until(lambda: spool.pending == 2 * worker.AT_ONCE, 20)
        assert len(await house.desk.store.find(Case)) == 1
        (tmp_path / "spool" / "aside").mkdir()
        await until(lambda: not spool.pending, 20)
        assert not task.done()
        assert len(await spool.aside()) == 2 * worker.AT_ONCE


async def test_a_store_that_is_away_hears_of_it_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set aside on disk already, and staff see it in the end; whatever went wrong meanwhile, the desk goes on."""
    real, wrong = intake.set_aside, [Unavailable("The store is away."), KeyError("a bug"), OSError(5, "Input/output")]

    async def set_aside(*arguments: Any) -> None:
        if wrong:
            raise wrong.pop()
        await real(*arguments)

    monkeypatch.setattr(intake, "set_aside", set_aside)
    async with working(tmp_path) as (house, spool, task):
        await keep(spool, POISON, mailbox=MAILBOX)
        await until(lambda: not (wrong or spool.pending), 20)
        await keep(spool, WISH, mailbox=MAILBOX)
        await until(lambda: not spool.pending, 20)
        assert len(await seen(house, 1)) == 1
        assert not task.done()


@pytest.mark.parametrize("torn", [b"", b'{"id":"00000001-0000', b"[]", b"\xff\x00"])
async def test_a_torn_note_stops_no_start_and_hides_nothing(tmp_path: Path, torn: bytes) -> None:
    """It is named in the log, and its mail and all others are seen by staff."""
    folder = tmp_path / "spool" / "aside"
    folder.mkdir(parents=True)
    (folder / NOTE).write_bytes(torn)
    aside.keep_aside(folder, aside.Aside(id="00000001-00000002", reason="poison", envelope=None), b"whole")
    with capture_logs() as logs:
        async with working(tmp_path) as (house, spool, task):
            await keep(spool, WISH, mailbox=MAILBOX)
            await until(lambda: not spool.pending, 20)
            whys = {one.id: one.why for one in await seen(house, 2)}
            assert not task.done()
    assert whys == {"00000001-00000001": aside.UNREADABLE, "00000001-00000002": "poison"}
    assert [line["file"] for line in logs if line["event"] == "aside.unreadable"] == [NOTE]


async def test_what_is_set_aside_is_whole_or_not_there(tmp_path: Path) -> None:
    """What could not be written to its end leaves nothing under its name, and what a crash left is cleared away."""
    folder = tmp_path / "spool" / "aside"
    folder.mkdir(parents=True)
    (folder / NOTE).mkdir()  # a name that cannot be given
    with pytest.raises(IsADirectoryError):
        aside.keep_aside(folder, aside.Aside(id="00000001-00000001", reason="poison", envelope=None), b"poison")
    assert sorted(path.name for path in folder.iterdir()) == ["00000001-00000001.eml", NOTE]
    (folder / f"{NOTE}{BEGUN}").write_bytes(b"{")
    await (await Spool.open(tmp_path / "spool")).close()
    assert sorted(path.name for path in folder.iterdir()) == ["00000001-00000001.eml", NOTE]


async def test_a_damaged_mail_that_cannot_be_set_aside_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next comes out at once, and the damaged one is set aside later; it is not forgotten."""
    monkeypatch.setattr(spooling, "LOOK_SECONDS", 0.05)
    spool = await Spool.open(tmp_path / "spool")
    await keep(spool, b"x" * 50)
    good = [await keep(spool, b"good"), await keep(spool, b"good too")]
    segment = next(path for path in (tmp_path / "spool").glob("*.mails") if path.stat().st_size)
    segment.write_bytes(segment.read_bytes().replace(b"xx", b"xy", 1))
    (tmp_path / "spool" / "aside").rmdir()
    assert (await spool.next()).envelope == good[0]
    (tmp_path / "spool" / "aside").mkdir()
    await asyncio.sleep(0.1)
    assert (await spool.next()).envelope == good[1]
    await keep(spool, b"last")
    assert (await spool.next()).content == b"last"
    assert len(await spool.aside()) == 1
    await spool.close()
