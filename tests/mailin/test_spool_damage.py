"""The spool on a damaged disk: what cannot be read is named, and hides nothing else."""

import os
from pathlib import Path
from shutil import rmtree

import pytest
from structlog.testing import capture_logs

from mailin.errors import SpoolFailed
from mailin.spool import Spool
from tests.mailin.smtp import keep

BIG = 600_000  # bytes; more than a mail may have in memory


def segment(folder: Path) -> Path:
    """The first segment that holds mails."""
    return next(path for path in sorted(folder.glob("*.mails")) if path.stat().st_size)


async def contents(spool: Spool) -> list[bytes]:
    """What waits, in order; handed out, not done."""
    return [(await spool.next()).content for _ in range(spool.pending)]


async def test_a_segment_deleted_while_running_is_written_to_no_more(tmp_path: Path) -> None:
    """A mail written to a deleted file would be gone: the next mails go to a new one, and the loss is logged."""
    spool = await Spool.open(tmp_path / "spool")
    await keep(spool, b"lost")
    segment(tmp_path / "spool").unlink()
    await keep(spool, b"safe")
    with capture_logs() as logs:
        assert (await spool.next()).content == b"safe"
    assert [line["event"] for line in logs] == ["spool.damaged"]
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert await contents(again) == [b"safe"]
    await again.close()


async def test_a_folder_deleted_while_running_is_noticed(tmp_path: Path) -> None:
    """Nothing is accepted that could not be found again."""
    spool = await Spool.open(tmp_path / "spool")
    rmtree(tmp_path / "spool")
    for size in (10, BIG):
        with pytest.raises(SpoolFailed, match="No such file or directory"):
            await keep(spool, b"x" * size)
    await spool.close()


@pytest.mark.parametrize("lost", [1, 5, 20, 100])
async def test_a_torn_tail_is_cut(tmp_path: Path, lost: int) -> None:
    """A mail that was not written to its end was never acknowledged; those before it are all there."""
    spool = await Spool.open(tmp_path / "spool")
    for mail in (b"a" * 100, b"b" * 100, b"c" * 100):
        await keep(spool, mail)
    await spool.close()
    path = segment(tmp_path / "spool")
    os.truncate(path, path.stat().st_size - lost)
    again = await Spool.open(tmp_path / "spool")
    assert await contents(again) == [b"a" * 100, b"b" * 100]
    assert await again.aside() == []
    await keep(again, b"d")
    assert (await again.next()).content == b"d"
    await again.close()


async def test_a_flipped_byte_anywhere_is_never_silent(tmp_path: Path) -> None:
    """Each byte of a segment is flipped in turn: what is damaged is set aside, the rest comes out as it was."""
    spool = await Spool.open(tmp_path / "first")
    mails = [b"a" * 20, b"b" * 20]
    for mail in mails:
        await keep(spool, mail)
    await spool.close()
    good = segment(tmp_path / "first").read_bytes()
    for place in range(len(good)):
        folder = tmp_path / str(place)
        folder.mkdir()
        damaged = good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :]
        (folder / "00000001.mails").write_bytes(damaged)
        with capture_logs() as logs:
            again = await Spool.open(folder)
            found, aside = await contents(again), await again.aside()
            await again.close()
        assert found in ([], mails[:1], mails[1:])
        assert aside
        assert [line["event"] for line in logs] == ["spool.damaged"]


async def test_a_damaged_mail_does_not_hide_the_next(tmp_path: Path) -> None:
    """Only what cannot be trusted is set aside, and it is kept for people to look at."""
    spool = await Spool.open(tmp_path / "spool")
    for mail in (b"a" * 50, b"b" * 50, b"c" * 50):
        await keep(spool, mail)
    await spool.close()
    path = segment(tmp_path / "spool")
    path.write_bytes(path.read_bytes().replace(b"bbb", b"bXb", 1))
    again = await Spool.open(tmp_path / "spool")
    assert await contents(again) == [b"a" * 50, b"c" * 50]
    [aside] = await again.aside()
    assert (aside.envelope, aside.reason) == (None, "a mail is damaged on disk")
    assert b"bXb" in (tmp_path / "spool" / "aside" / f"{aside.id}.eml").read_bytes()
    await again.close()


@pytest.mark.parametrize("size", [100, BIG])
async def test_a_mail_damaged_while_it_waits_is_set_aside(tmp_path: Path, size: int) -> None:
    """The worker never sees a mail that is not the one that was accepted."""
    spool = await Spool.open(tmp_path / "spool")
    damaged = await keep(spool, b"x" * size)
    await keep(spool, b"good")
    path = tmp_path / "spool" / "large" / f"{damaged.id}.eml" if size == BIG else segment(tmp_path / "spool")
    path.write_bytes(path.read_bytes().replace(b"xx", b"xy", 1))
    assert (await spool.next()).content == b"good"
    assert [aside.envelope for aside in await spool.aside()] == [damaged]
    await spool.close()


async def test_a_large_file_nobody_accepted_is_cleared_away(tmp_path: Path) -> None:
    """A crash in the middle of a big mail leaves nothing for ever."""
    spool = await Spool.open(tmp_path / "spool")
    await (draft := spool.draft()).write(b"x" * BIG)
    assert draft.path.exists()
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert not draft.path.exists()
    await again.close()


async def test_a_torn_done_mark_forgets_nothing_else(tmp_path: Path) -> None:
    """Half a mark marks nothing: the mail comes again rather than being lost."""
    spool = await Spool.open(tmp_path / "spool")
    for mail in (b"one", b"two", b"three"):
        await keep(spool, mail)
    for _ in range(2):
        await spool.done((await spool.next()).envelope.id)
    await spool.close()
    marks = next((tmp_path / "spool").glob("*.done"))
    os.truncate(marks, marks.stat().st_size - 1)
    again = await Spool.open(tmp_path / "spool")
    assert await contents(again) == [b"two", b"three"]
    await again.close()
