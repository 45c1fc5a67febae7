"""The spool keeps what it accepted, hands it out in order, and says clearly when it cannot."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from mailin import replies
from mailin import spool as spooling
from mailin.envelope import Envelope
from mailin.errors import SpoolFailed, SpoolFull
from mailin.spool import Room, Spool
from tests.mailin.smtp import SENDER, house, keep
from tests.waiting import until

BIG = 600_000  # bytes; more than a mail may have in memory


def open_flags(suffix: str) -> int:
    """How this process opened the only file with that suffix."""
    [number] = [each.name for each in Path("/proc/self/fd").iterdir() if each.resolve().suffix == suffix]
    return int(Path(f"/proc/self/fdinfo/{number}").read_text().split("flags:")[1].split()[0], 8)


async def contents(spool: Spool) -> list[bytes]:
    """What waits, in order; handed out, not done."""
    return [(await spool.next()).content for _ in range(spool.pending)]


async def test_mails_come_out_as_and_in_the_order_they_went_in(tmp_path: Path) -> None:
    """Envelope and content are what was accepted, small or big."""
    spool = await Spool.open(tmp_path / "spool")
    mails = [b"one", b"x" * BIG, b"", b"four"]
    envelopes = [await keep(spool, mail) for mail in mails]
    out = [await spool.next() for _ in mails]
    assert [(mail.envelope, mail.content) for mail in out] == list(zip(envelopes, mails, strict=True))
    await spool.close()


async def test_mails_that_share_a_sync_keep_their_order(tmp_path: Path) -> None:
    """A customer's second mail is never taken in before the first."""
    spool = await Spool.open(tmp_path / "spool")
    mails = [b"%d" % number for number in range(50)]
    await asyncio.gather(*(keep(spool, mail) for mail in mails))
    assert await contents(spool) == mails
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert await contents(again) == mails
    await again.close()


async def test_what_is_not_done_comes_again_and_what_is_done_does_not(tmp_path: Path) -> None:
    """A restart loses nothing and repeats only what was not finished."""
    spool = await Spool.open(tmp_path / "spool")
    for mail in (b"done", b"taken", b"waiting", b"y" * BIG, b"z" * BIG):
        await keep(spool, mail)
    done, _ = await spool.next(), await spool.next()
    await spool.done(done.envelope.id)
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert await contents(again) == [b"taken", b"waiting", b"y" * BIG, b"z" * BIG]
    assert again.pending_bytes == len(b"takenwaiting") + 2 * BIG
    await again.close()


async def test_ids_never_repeat(tmp_path: Path) -> None:
    """Not after a restart, not when all is done and deleted."""
    ids = []
    for _ in range(4):
        spool = await Spool.open(tmp_path / "spool")
        ids += [(await keep(spool, b"x")).id, (await keep(spool, b"y")).id]
        for _ in range(2):
            await spool.done((await spool.next()).envelope.id)
        await spool.close()
    assert len(set(ids)) == 8
    assert ids == sorted(ids)


async def test_segments_go_when_their_mails_are_done(tmp_path: Path) -> None:
    """The spool's size follows what waits, in whatever order mails are done."""
    spool = await Spool.open(tmp_path / "spool", segment_bytes=1000)
    envelopes = [await keep(spool, b"x" * 400) for _ in range(20)]
    assert len(list((tmp_path / "spool").glob("*.mails"))) > 5
    for envelope in reversed(envelopes[1:]):
        await spool.done(envelope.id)
    left = sorted(path.name for path in (tmp_path / "spool").glob("*.mails"))
    assert len(left) == 2
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert [(await again.next()).envelope for _ in range(again.pending)] == envelopes[:1]
    await again.close()


async def test_O2_20_a_mail_that_is_done_does_not_lie_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold identity papers: gone a minute later without another mail, while one that waits stays."""
    monkeypatch.setattr(spooling, "QUIET_SECONDS", 0.01)
    spool = await Spool.open(tmp_path / "spool")
    done, waits = await keep(spool, b"identity card"), await keep(spool, b"waits")
    await spool.done(done.id)
    await asyncio.sleep(0.1)
    assert b"waits" in lying(tmp_path)
    await spool.done(waits.id)
    await until(lambda: b"identity card" not in lying(tmp_path))
    later = await keep(spool, b"later")
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert [(await again.next()).envelope for _ in range(again.pending)] == [later]
    assert len({done.id, waits.id, later.id, (await keep(again, b"new")).id}) == 4
    await again.close()


async def test_O2_20_mails_that_come_while_a_segment_is_turned_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turning over and over between writes loses nothing and repeats nothing."""
    monkeypatch.setattr(spooling, "QUIET_SECONDS", 0.0)
    spool = await Spool.open(tmp_path / "spool")
    kept = list[Envelope]()
    for number in range(100):
        kept += await asyncio.gather(*(keep(spool, b"mail %d" % number) for _ in range(3)))
        while number < 95 and kept:
            await spool.done(kept.pop(0).id)
            await asyncio.sleep(number % 3 / 1000)
    assert len(list((tmp_path / "spool").glob("*.mails"))) == 1
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    assert [(await again.next()).envelope for _ in range(again.pending)] == kept
    await again.close()


def lying(folder: Path) -> bytes:
    """All that the segments hold."""
    return b"".join(path.read_bytes() for path in sorted((folder / "spool").glob("*.mails")))


async def test_next_waits_for_a_mail(tmp_path: Path) -> None:
    """The worker sleeps until there is something to do."""
    spool = await Spool.open(tmp_path / "spool")
    waiting = asyncio.create_task(spool.next())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await keep(spool, b"one")
    assert (await asyncio.wait_for(waiting, 5)).content == b"one"
    await spool.close()


async def test_two_workers_get_different_mails(tmp_path: Path) -> None:
    """Each mail is handed out once."""
    spool = await Spool.open(tmp_path / "spool")
    takers = [asyncio.create_task(spool.next()) for _ in range(3)]
    for number in range(3):
        await keep(spool, b"%d" % number)
    assert sorted([(await taker).content for taker in takers]) == [b"0", b"1", b"2"]
    await spool.close()


async def test_a_poison_mail_is_set_aside_for_people(tmp_path: Path) -> None:
    """It is kept whole, with the reason, listed, and never handed out again."""
    spool = await Spool.open(tmp_path / "spool")
    envelope = await keep(spool, b"poison")
    await spool.set_aside((await spool.next()).envelope.id, "the reader gave up")
    await spool.close()
    again = await Spool.open(tmp_path / "spool")
    [aside] = await again.aside()
    assert (aside.id, aside.reason, aside.envelope) == (envelope.id, "the reader gave up", envelope)
    assert (tmp_path / "spool" / "aside" / f"{envelope.id}.eml").read_bytes() == b"poison"
    assert again.pending == 0
    await again.close()


async def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    """Customers' mails are nobody else's business, whatever the umask."""
    before = os.umask(0)
    try:
        spool = await Spool.open(tmp_path / "spool")
        await keep(spool, b"x" * BIG)
        envelope = await keep(spool, b"small")
        await spool.set_aside(envelope.id, "test")
        await spool.close()
    finally:
        os.umask(before)
    paths = [tmp_path / "spool", *(tmp_path / "spool").rglob("*")]
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes == {True: 0o700, False: 0o600}


async def test_segments_are_written_through_to_the_disk(tmp_path: Path) -> None:
    """A power cut cannot be played here, so look at what the system was asked for: every write waits for the disk."""
    spool = await Spool.open(tmp_path / "spool")
    assert open_flags(".mails") & os.O_DSYNC
    await spool.close()


async def test_a_second_process_is_refused_with_the_first_ones_pid(tmp_path: Path) -> None:
    """Two writers would tear each other's mails."""
    spool = await Spool.open(tmp_path / "spool")
    with pytest.raises(SpoolFailed, match=f"process {os.getpid()} writes to it"):
        await Spool.open(tmp_path / "spool")
    await spool.close()
    await (await Spool.open(tmp_path / "spool")).close()


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A typing error in DESK_DATA does not make a new desk somewhere else."""
    with pytest.raises(SpoolFailed, match="missing/spool cannot be opened: No such file or directory"):
        await Spool.open(tmp_path / "missing" / "spool")


async def test_a_full_spool_takes_no_more(tmp_path: Path) -> None:
    """The limit counts what waits and what is being received, and room comes back."""
    spool = await Spool.open(tmp_path / "spool", Room(bytes=1000))
    first = await keep(spool, b"x" * 600)
    draft = spool.draft()
    await draft.write(b"x" * 300)
    with pytest.raises(SpoolFull):
        await keep(spool, b"x" * 200)
    draft.discard()
    await spool.done(first.id)
    await keep(spool, b"x" * 1000)
    assert spool.is_full
    await spool.close()


async def test_a_spool_is_full_of_mails_too(tmp_path: Path) -> None:
    """Many tiny mails do not fill the memory."""
    spool = await Spool.open(tmp_path / "spool", Room(mails=2))
    first = await keep(spool, b"x")
    assert [spool.is_full, (await keep(spool, b"y")).size, spool.is_full] == [False, 1, True]
    await spool.done(first.id)
    assert spool.pending == 1
    await spool.close()


async def test_T33_mails_set_aside_take_room_until_they_are_dealt_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds a mail that cannot be taken in does not fill the disk with it, also not across restarts (T33)."""
    monkeypatch.setattr(spooling, "LOOK_SECONDS", 0.0)
    spool = await Spool.open(tmp_path / "spool", Room(bytes=1000))
    for _ in range(2):
        await spool.set_aside((await keep(spool, b"x" * 400)).id, "poison")
    with pytest.raises(SpoolFull, match="set aside"):
        await keep(spool, b"x" * 400)
    await spool.close()
    again = await Spool.open(tmp_path / "spool", Room(bytes=1000))
    with pytest.raises(SpoolFull):
        await keep(again, b"x" * 400)
    for path in (tmp_path / "spool" / "aside").iterdir():
        path.unlink()
    with pytest.raises(SpoolFull):  # which has the room looked at again
        await keep(again, b"x" * 1001)
    await until(lambda: again.set_aside_now == 0)
    await keep(again, b"x" * 1000)
    await again.close()


async def test_T33_the_door_is_shut_while_what_is_set_aside_takes_all_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Senders hear it before they send, keep their mails, and come again when people have made room (T33)."""
    monkeypatch.setattr(spooling, "LOOK_SECONDS", 0.0)
    async with house(tmp_path, most=Room(bytes=100_000, mails=2)) as desk:
        client = await desk.connect()
        for _ in range(2):
            assert await client.mail(b"poison") == replies.ACCEPTED
            await desk.spool.set_aside((await desk.spool.next()).envelope.id, "poison")
        assert await client.say(f"MAIL FROM:<{SENDER}>") == replies.SPOOL_FULL
        for path in (tmp_path / "spool" / "aside").iterdir():
            path.unlink()
        await until(lambda: not desk.spool.is_full)
        assert await client.mail(b"honest") == replies.ACCEPTED


async def test_a_caller_who_went_away_does_not_lose_a_mail_that_is_on_disk(tmp_path: Path) -> None:
    """The connection may break between the write and the 250; what is written is handed out."""
    spool = await Spool.open(tmp_path / "spool")
    accepting = asyncio.create_task(keep(spool, b"one"))
    await asyncio.sleep(0)
    accepting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await accepting
    assert (await asyncio.wait_for(spool.next(), 5)).content == b"one"
    await spool.close()
