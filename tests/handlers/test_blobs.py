"""Customers' files on disk: noise to whoever has the folder, gone when they are deleted."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.files.blobs import Blobs
from handlers.model.errors import Unavailable, Unknown
from handlers.vault import Vault
from tests.builders import KEY, MovingClock

PASSPORT = b"\xff\xd8\xff the face of Marie Durand " * 1000
ABSENT = "B-" + "0" * 24


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files go; made by the first one."""
    return tmp_path / "data" / "documents"


@pytest.fixture
def clock() -> MovingClock:
    """The blobs' time."""
    return MovingClock()


@pytest.fixture
def blobs(folder: Path, clock: MovingClock) -> Blobs:
    """An empty place."""
    return Blobs(folder, Vault((KEY,)), clock)


def files(folder: Path) -> Iterator[Path]:
    """Every file on disk."""
    return (path for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    """Who may do what with a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def exists(path: Path) -> bool:
    """Whether anything is there."""
    return path.exists()


def block(folder: Path) -> None:
    """Put a file where the folder shall be."""
    folder.parent.mkdir()
    folder.write_text("in the way")


async def test_a_file_comes_back_as_it_was(blobs: Blobs) -> None:
    """An empty one too."""
    for content in (PASSPORT, b""):
        kept = await blobs.put(content)
        assert await blobs.get(kept.id, kept.sealed_key) == content


async def test_nothing_lies_in_the_clear_and_nobody_else_may_read(blobs: Blobs, folder: Path) -> None:
    """A stolen disk or a curious neighbour learns sizes and nothing else."""
    kept = await blobs.put(PASSPORT)
    [path] = files(folder)
    assert b"Marie" not in path.read_bytes()
    assert kept.sealed_key.encode() not in path.read_bytes()
    assert mode(path) == 0o600
    assert mode(folder) == 0o700


async def test_the_same_file_twice_shows_no_likeness(blobs: Blobs, folder: Path) -> None:
    """Each has a key of its own."""
    assert (await blobs.put(PASSPORT)).sealed_key != (await blobs.put(PASSPORT)).sealed_key
    one, other = (path.read_bytes() for path in files(folder))
    assert one != other


async def test_another_files_key_opens_nothing(blobs: Blobs) -> None:
    """Records that were mixed up never show one customer's paper to another's reviewer."""
    one, other = await blobs.put(PASSPORT), await blobs.put(b"%PDF-")
    with pytest.raises(Unavailable):
        await blobs.get(one.id, other.sealed_key)


async def test_a_file_moved_over_another_is_noticed(blobs: Blobs, folder: Path) -> None:
    """Its id is part of what is proven."""
    one = await blobs.put(PASSPORT)
    (folder / one.id).rename(folder / ABSENT)
    with pytest.raises(Unavailable):
        await blobs.get(ABSENT, one.sealed_key)


@pytest.mark.parametrize("at", [0, 11, 12, 500, -1])
async def test_a_changed_byte_is_noticed(blobs: Blobs, folder: Path, at: int) -> None:
    """What staff see is what was sent, or nothing."""
    kept = await blobs.put(PASSPORT)
    changed = bytearray((folder / kept.id).read_bytes())
    changed[at] ^= 1
    (folder / kept.id).write_bytes(changed)
    with pytest.raises(Unavailable, match="changed or cut"):
        await blobs.get(kept.id, kept.sealed_key)


@pytest.mark.parametrize("left", [0, 5, 12, 20])
async def test_a_cut_file_is_noticed(blobs: Blobs, folder: Path, left: int) -> None:
    """Down to nothing at all."""
    kept = await blobs.put(PASSPORT)
    (folder / kept.id).write_bytes((folder / kept.id).read_bytes()[:left])
    with pytest.raises(Unavailable, match="changed or cut"):
        await blobs.get(kept.id, kept.sealed_key)


async def test_without_the_desks_key_a_file_is_closed(blobs: Blobs, folder: Path) -> None:
    """The folder and the store together are not enough."""
    kept = await blobs.put(PASSPORT)
    with pytest.raises(Unavailable, match="DESK_KEYS"):
        await Blobs(folder, Vault((b"another key of thirty-two bytes!",))).get(kept.id, kept.sealed_key)


async def test_a_rotated_key_still_opens(blobs: Blobs, folder: Path) -> None:
    """A new key in front does not cost the documents under review."""
    kept = await blobs.put(PASSPORT)
    rotated = Blobs(folder, Vault((b"another key of thirty-two bytes!", KEY)))
    assert await rotated.get(kept.id, kept.sealed_key) == PASSPORT


async def test_a_deleted_file_is_gone_and_deleting_again_is_fine(blobs: Blobs, folder: Path) -> None:
    """A destruction that was interrupted can be done again."""
    kept = await blobs.put(PASSPORT)
    for _ in range(2):
        await blobs.delete(kept.id)
        assert list(files(folder)) == []
    with pytest.raises(Unknown):
        await blobs.get(kept.id, kept.sealed_key)


async def test_before_the_first_file_there_is_nothing(blobs: Blobs, folder: Path) -> None:
    """Asking makes no folder."""
    assert await blobs.ids() == set()
    await blobs.delete(ABSENT)
    assert not exists(folder)


@pytest.mark.parametrize("id", ["", "../keys", "B-../../keys", "/etc/passwd", "B-" + "0" * 23 + "\0", ABSENT + ".part"])
async def test_an_id_never_becomes_another_path(blobs: Blobs, id: str) -> None:
    """Whatever a record was made to say, only our own files are touched (T33)."""
    with pytest.raises(Unknown):
        await blobs.get(id, "")
    with pytest.raises(Unknown):
        await blobs.delete(id)


async def test_a_sweeper_sees_old_files_and_half_written_ones(blobs: Blobs, folder: Path, clock: MovingClock) -> None:
    """What a crash left behind can be removed; what came just now may still get its record."""
    old = await blobs.put(PASSPORT)
    (folder / old.id).rename(folder / f"{old.id}.part")
    (folder / "keys").write_text("somebody's")
    clock.advance(minutes=61)
    new = await blobs.put(PASSPORT)
    assert await blobs.ids() == {old.id, new.id}
    assert await blobs.ids(older_than=timedelta(hours=1)) == {old.id}
    await blobs.delete(old.id)
    assert {path.name for path in files(folder)} == {new.id, "keys"}


async def test_a_disk_that_fails_is_told_and_leaves_nothing(blobs: Blobs, folder: Path) -> None:
    """The upload is refused, and not half kept."""
    block(folder)
    with pytest.raises(Unavailable):
        await blobs.put(PASSPORT)
    with pytest.raises(Unavailable):
        await blobs.ids()
    assert [path.name for path in files(folder.parent)] == ["documents"]
