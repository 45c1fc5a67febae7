"""`audit --verify` as whoever doubts the trail runs it: it passes, and fails after any byte of it was changed."""

from __future__ import annotations

import random
import re
from pathlib import Path
from zlib import crc32

import pytest

from handlers.store import recovery
from tests.console.place import Place

POSITIONS = 40


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks damaged is read again for a while, in case somebody is writing; nobody is."""
    monkeypatch.setattr(recovery, "_TRIES", 1)
    monkeypatch.setattr(recovery, "_PAUSE", 0.0)


@pytest.fixture
def snapshot(place: Place) -> Path:
    """The snapshot of a desk that has stopped, with a few entries on its trail."""
    for number in range(4):
        place.quick("accounts", "add", "esp", f"user{number}", f"user{number}@mail.example")
    return place.data / "desk.json"


def test_what_is_not_there_ends_with_1(place: Place, snapshot: Path) -> None:
    """As the help says; JSON stays JSON."""
    for command in ("find nobody", "audit nobody", "audit R-NONE", "case R-NONE", "accounts show nobody"):
        done = place.quick(*command.split())
        assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1), done
    for command in ("find nobody --json", "audit nobody --json"):
        done = place.quick(*command.split())
        assert (done.status, done.json) == (1, [])
    assert [place.quick(*command.split()).status for command in ("find user1", "audit", "cases")] == [0, 0, 0]


@pytest.fixture
def journal(place: Place) -> Path:
    """The journal of a desk that was killed, with a few entries of the trail in it."""
    with place.serving("--only", "timers") as desk:
        for number in range(4):
            place.quick("find", f"user{number}")
        desk.kill()
    return max(place.data.glob("desk.json.journal-*"))


def refused(place: Place) -> str:
    """What verifying says of a trail that was changed: sentences, never a traceback."""
    done = place.quick("audit", "--verify")
    assert done.status == 1, done
    assert "Traceback" not in done.out + done.err
    return done.out + done.err


def flip(place: Place, file: Path, seed: int) -> None:
    """Change one byte at many places of the file, one after another, and verify each time."""
    whole = file.read_bytes()
    end = len(whole.rstrip(b"\0"))
    chance = random.Random(seed)  # noqa: S311 (the same places every time)
    for at in (*chance.sample(range(end), POSITIONS), 0, end - 1):
        changed = bytearray(whole[:end])
        changed[at] ^= chance.randrange(1, 256)
        file.write_bytes(changed)
        assert f"{file.name} " in refused(place), at
    file.write_bytes(whole)
    assert place.quick("audit", "--verify").out == "The trail is whole; entries: 5.\n"


def test_a_changed_byte_of_the_snapshot_is_found(place: Place, snapshot: Path) -> None:
    """Wherever it is, the sentence names the file and what to do."""
    flip(place, snapshot, seed=1)


def test_a_changed_byte_of_the_journal_is_found(place: Place, journal: Path) -> None:
    """Also in the last line, which a crash could have cut."""
    flip(place, journal, seed=2)


def test_a_changed_byte_of_the_files_kept_as_a_way_back_is_found(place: Place, snapshot: Path) -> None:
    """The snapshot before the last one, and the journals between the two, hold the trail as well."""
    older = [file for file in place.data.glob("desk.json.*") if b'"audit"' in file.read_bytes()]
    assert {file.name.rpartition("-")[0] or file.name for file in older} == {"desk.json.previous", "desk.json.journal"}
    for seed, file in enumerate(older):
        flip(place, file, seed)


def test_a_change_is_found_by_the_command_as_it_is_typed(place: Place, snapshot: Path) -> None:
    """In a process of its own: status 1 and one line on standard error."""
    changed = bytearray(snapshot.read_bytes())
    changed[len(changed) // 2] ^= 1
    snapshot.write_bytes(changed)
    done = place.run("audit", "--verify")
    assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "data/desk.json was changed or damaged" in done.err


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (rb'"by":"console:(\w+)"', rb'"by":"console:eve"', "Entry 2 was changed."),
        (rb'"000000000005":\{"id":"000000000005".*?\},?(?="\d|\})', b"", "The trail should end with entry 5"),
        (rb'"count":5', b'"count":4', "The trail's end mark was changed."),
        (rb'"audit":\{', b'"audit_":{', "The trail should end with entry 5, and has 0 entries."),
        (rb'"key":"\w{8}"', b'"key":"00000000"', "was signed with key 00000000, which is not in DESK_KEYS."),
    ],
)
def test_whoever_knows_the_files_still_cannot_edit_the_trail(
    place: Place, snapshot: Path, old: bytes, new: bytes, sentence: str
) -> None:
    """A change with the checksum made right again is found by the chain, which needs the desk's key."""
    whole = snapshot.read_bytes()
    assert re.search(old, whole), whole
    changed = re.sub(rb",\}", b"}", re.sub(old, new, whole, flags=re.DOTALL))
    sealed, mark, _ = changed.rpartition(b'"crc32":')
    snapshot.write_bytes(sealed + mark + b"%d}}}" % crc32(sealed + mark))
    assert sentence in refused(place)


def test_a_trail_cannot_be_verified_without_its_keys(place: Place, snapshot: Path) -> None:
    """Another key makes every entry suspicious, and the sentence says which key is missing."""
    assert snapshot.exists()
    (place.data / "keys").write_text("q" * 20 + "0123456789abcdefghijklmnop\n", "ascii")
    assert "which is not in DESK_KEYS" in refused(place)
