"""What a crash left unfinished is cut; what was durable and cannot be read is never passed over."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from handlers.store import lines
from handlers.store.contract import StoreDamaged, StoreFailed
from handlers.store.tiny import TinyStore
from tests.store.documents import KINDS, Person, Purse, delete, make_person, put

SECTOR = 512


@pytest.fixture
async def crashed(tmp_path: Path) -> Path:
    """A store that was killed with a snapshot, one before it, and five commits in its journal."""
    folder = tmp_path / "killed"
    source = tmp_path / "source"
    source.mkdir()
    store = await TinyStore.open(source / "desk.json", kinds=KINDS)
    for coins in range(3):
        await put(store, Purse(id=f"old{coins}", coins=coins))
        await store.snapshot()
    for number in range(5):
        await put(store, make_person(f"p{number}", address="someone@example.com", town="A" * 90))
    await delete(store, Purse, "old0")
    shutil.copytree(source, folder)
    await store.close()
    return folder / "desk.json"


def journal_of(path: Path) -> Path:
    """The journal being written."""
    return max(path.parent.glob("*.journal-*"))


def load(path: Path) -> bytes:
    """What is in the file, without what was only allocated."""
    return path.read_bytes().rstrip(b"\0")


def save(path: Path, data: bytes | bytearray) -> None:
    """Change the file."""
    path.write_bytes(data)


async def contents(path: Path) -> list[object]:
    """Everything in the store, and nothing left open."""
    store = await TinyStore.open(path, kinds=KINDS)
    try:
        return [*await store.find(Person), *await store.find(Purse)]
    finally:
        await store.close()


async def test_a_line_cut_at_any_byte_costs_that_commit_only(crashed: Path, tmp_path: Path) -> None:
    """Whatever part of the last line a crash left, all before it is there and writing goes on."""
    data = journal_of(crashed).read_bytes().rstrip(b"\0")
    start = data.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(data)):
        folder = tmp_path / f"cut{cut}"
        shutil.copytree(crashed.parent, folder)
        path = folder / "desk.json"
        journal_of(path).write_bytes(data[:cut] + bytes(SECTOR * (cut % 2)))
        store = await TinyStore.open(path, kinds=KINDS)
        assert await store.count(Person) == 5
        # Without its line end the line is whole, and its checksum proves it.
        assert await store.count(Purse) == (2 if cut == len(data) - 1 else 3)
        await put(store, make_person("after"))
        shutil.copytree(folder, tmp_path / f"again{cut}")
        await store.close()
        assert make_person("after") in await contents(tmp_path / f"again{cut}" / "desk.json")
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / f"again{cut}")


async def test_cutting_a_tail_is_logged_with_its_length(crashed: Path) -> None:
    """An operator learns how many bytes a crash left behind."""
    data = journal_of(crashed).read_bytes().rstrip(b"\0")
    journal_of(crashed).write_bytes(data + b"0123456789 7")
    with capture_logs() as logs:
        assert len(await contents(crashed)) == 7
    assert [(log["log_level"], log["bytes"]) for log in logs if log["event"] == "store.tail_cut"] == [("warning", 12)]


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80, 0xFF])
async def test_a_flipped_byte_in_the_journal_is_never_passed_over(crashed: Path, flip: int) -> None:
    """Every byte of every line is guarded, the last line's too; the message says where and what to do."""
    journal = journal_of(crashed)
    data = journal.read_bytes().rstrip(b"\0")
    for place in (*range(0, len(data), 3), len(data) - 1):
        changed = bytearray(data)
        changed[place] ^= flip
        journal.write_bytes(changed + bytes(1000))
        with pytest.raises(StoreDamaged) as caught:
            await TinyStore.open(crashed)
        start = data.rfind(b"\n", 0, place) + 1
        assert f"{journal} is damaged at byte {start}" in str(caught.value)
        assert "Restore a backup" in str(caught.value)
        assert f"truncate -s {start} {journal}" in str(caught.value)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80, 0xFF])
async def test_a_flipped_byte_in_the_snapshot_is_found_and_the_way_out_loses_nothing(crashed: Path, flip: int) -> None:
    """Every byte is guarded; going back to the snapshot before it brings everything back from the journals."""
    data = load(crashed)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= flip
        save(crashed, changed)
        with pytest.raises(
            StoreDamaged, match=f"{crashed} was changed or damaged .*run `mv {crashed}.previous {crashed}`"
        ):
            await TinyStore.open(crashed)
    os.rename(f"{crashed}.previous", crashed)
    assert len(await contents(crashed)) == 7


@pytest.mark.parametrize("keep", [0, 1, 40, -1])
async def test_a_shortened_snapshot_is_found(crashed: Path, keep: int) -> None:
    """Also an empty one."""
    save(crashed, load(crashed)[:keep])
    with pytest.raises(StoreDamaged, match="was changed or damaged"):
        await TinyStore.open(crashed)


async def test_without_a_snapshot_before_it_the_way_out_is_a_backup(crashed: Path) -> None:
    """The message promises nothing that is not there."""
    os.remove(f"{crashed}.previous")
    save(crashed, b"{}")
    with pytest.raises(StoreDamaged, match="Restore a backup"):
        await TinyStore.open(crashed)


async def test_a_missing_snapshot_or_journal_is_found(crashed: Path) -> None:
    """A store with a part gone is not an empty store."""
    os.rename(crashed, f"{crashed}.away")
    with pytest.raises(StoreDamaged, match=f"{crashed} is missing"):
        await TinyStore.open(crashed)
    os.rename(f"{crashed}.away", crashed)
    journal = journal_of(crashed)
    journal.unlink()
    with pytest.raises(StoreDamaged, match=f"{journal} is missing"):
        await TinyStore.open(crashed)


async def test_a_document_of_another_shape_is_named(crashed: Path) -> None:
    """A document this version cannot read stops the start with table and id, not with a traceback."""
    data = journal_of(crashed).read_bytes().rstrip(b"\0")
    last = lines.read(data.splitlines()[-1])
    assert last is not None
    line = lines.write(last.commit + 1, last.commit + 1, b'{"people":{"p9":{"id":"p9","height":3}}}')
    journal_of(crashed).write_bytes(data + line)
    with pytest.raises(StoreDamaged, match="Document p9 of table people cannot be read"):
        await TinyStore.open(crashed, kinds=KINDS)


async def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the folder and the setting."""
    with pytest.raises(StoreFailed, match=f"The folder {tmp_path / 'no'} does not exist"):
        await TinyStore.open(tmp_path / "no" / "desk.json")
    with pytest.raises(StoreFailed, match="does not exist"):
        await TinyStore.open(tmp_path / "no" / "desk.json", read_only=True)


# What a power cut leaves of a write: whole sectors of zeros, in any order


def batch(first: int, commits: int) -> bytes:
    """One write of several commits."""
    return b"".join(lines.write(first + place, first, b'{"x":{"%s":null}}' % (b"a" * 300)) for place in range(commits))


def lose_sector(data: bytes, sector: int) -> bytes:
    """The data without what lay in one sector."""
    return data[: sector * SECTOR] + bytes(SECTOR) + data[(sector + 1) * SECTOR :]


def commits_of(data: bytes) -> list[int]:
    """The commits that are trusted."""
    found: list[int] = []
    lines.replay(data, 1, lambda line: found.append(line.commit))
    return found


def test_a_sector_lost_from_the_last_write_costs_what_follows_it() -> None:
    """Nobody was told of a write whose sync never came back."""
    data = batch(1, 3) + batch(4, 6)
    durable = len(batch(1, 3))
    for sector in range(durable // SECTOR + 1, len(data) // SECTOR):
        commits = commits_of(lose_sector(data, sector))
        assert commits[:3] == [1, 2, 3]
        assert len(commits) < 9


def test_a_sector_lost_before_the_last_write_is_damage() -> None:
    """A later write proves that the earlier one was durable."""
    data = batch(1, 3) + batch(4, 1)
    for sector in range(len(batch(1, 3)) // SECTOR):
        with pytest.raises(lines.Broken):
            commits_of(lose_sector(data, sector))


def test_a_lost_line_is_damage() -> None:
    """Commits are counted: one cannot vanish between two others."""
    one, two, three = (batch(commit, 1) for commit in (1, 2, 3))
    with pytest.raises(lines.Broken) as caught:
        commits_of(one + three)
    assert (caught.value.offset, caught.value.commit) == (len(one), 2)
    assert commits_of(one + two + three) == [1, 2, 3]
