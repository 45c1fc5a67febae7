"""The TinyDB store's files: who may open them, what others see, and that TinyDB can read them."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tinydb import TinyDB, where
from tinydb.table import Document as TinyDocument

from handlers.model.document import Document
from handlers.store.contract import StoreDamaged, StoreFailed, StoreLocked
from handlers.store.tiny import TinyStore
from tests.store.conftest import journals_of
from tests.store.documents import KINDS, MINUTE, NOON, Bag, Job, Person, Purse, make_job, make_person, put

OPEN_AND_SAY = """
import asyncio, sys
from handlers.store.tiny import TinyStore
try:
    asyncio.run(TinyStore.open(sys.argv[1]))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
async def filled(path: Path) -> Path:
    """A store that was closed with a person and a job in it."""
    store = await TinyStore.open(path, kinds=KINDS)
    await put(store, make_person("ada", town="Lyon", seen=NOON), make_job("a"))
    await store.close()
    return path


def open_elsewhere(path: Path) -> str:
    """What another process says that opens the store to write."""
    command = [sys.executable, "-c", OPEN_AND_SAY, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# One writer


async def test_a_second_writer_is_refused_with_the_pid_of_the_first(filled: Path) -> None:
    """Another process, or a second start by mistake, learns whom to stop."""
    store = await TinyStore.open(filled)
    assert f"StoreLocked {filled} is in use by process {os.getpid()}." in await asyncio.to_thread(
        open_elsewhere, filled
    )
    with pytest.raises(StoreLocked):
        await TinyStore.open(filled)
    await store.close()
    await (await TinyStore.open(filled)).close()


async def test_a_store_that_failed_to_open_is_not_locked(filled: Path) -> None:
    """After an error the repaired store opens in the same process."""
    [*_, journal] = journals_of(filled)
    os.rename(journal, f"{journal}.away")
    with pytest.raises(StoreDamaged, match="is missing"):
        await TinyStore.open(filled)
    os.rename(f"{journal}.away", journal)
    await (await TinyStore.open(filled)).close()


async def test_work_leased_by_a_killed_process_can_be_claimed_at_once(path: Path) -> None:
    """The lock proves the last holder dead; its tries stay counted."""
    store = await TinyStore.open(path, kinds=KINDS)
    await put(store, make_job("a"))
    await store.claim(Job, "letters", NOON, 60 * MINUTE)
    shutil.copytree(path.parent, path.parent / "killed")
    await store.close()
    again = await TinyStore.open(path.parent / "killed" / path.name)
    assert [job.tries for job in await again.claim(Job, "letters", NOON, MINUTE)] == [2]
    await again.close()


async def test_files_are_for_their_owner_only(filled: Path) -> None:
    """Snapshots, journals and the lock are all mode 0600."""
    store = await TinyStore.open(filled)
    await put(store, make_person("bob"))
    await store.snapshot()
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in os.scandir(filled.parent)}
    assert len(modes) >= 4
    assert set(modes.values()) == {0o600}
    await store.close()


# Readers


async def test_readers_see_whole_commits_while_the_desk_writes(path: Path) -> None:
    """Opened again and again during writing and snapshots, the store is never half and never goes back."""
    store = await TinyStore.open(path, kinds=KINDS, snapshot_bytes=2000)
    await put(store, Purse(id="a", coins=500), Purse(id="b", coins=500), Purse(id="moves", coins=0))
    stop = asyncio.Event()
    writing = asyncio.gather(*(move_coins(store, stop) for _ in range(5)))
    moves = [await moves_seen_by_a_reader(path) for _ in range(60)]
    stop.set()
    await writing
    assert moves == sorted(moves)
    assert moves[-1] > moves[0]
    await store.close()


async def move_coins(store: TinyStore, stop: asyncio.Event) -> None:
    """Move one coin at a time, and count."""
    while not stop.is_set():
        async with store.transaction() as tx:
            a, b, moves = await tx.find(Purse)
            tx.put(Purse(id="a", coins=a.coins - 1), Purse(id="moves", coins=moves.coins + 1))
            tx.put(Purse(id="b", coins=b.coins + 1))


async def moves_seen_by_a_reader(path: Path) -> int:
    """How many moves there were; the coins must be all there."""
    reader = await TinyStore.open(path, read_only=True)
    a, b, moves = await reader.find(Purse)
    assert a.coins + b.coins == 1000
    assert b.coins - 500 == moves.coins
    await reader.close()
    return moves.coins


async def test_a_reader_changes_nothing(filled: Path) -> None:
    """Read only means: no write, no claim, no new file, no lock."""
    before = {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(filled.parent)}
    reader = await TinyStore.open(filled, read_only=True)
    with pytest.raises(StoreFailed, match="opened for reading only"):
        await put(reader, make_person("bob"))
    with pytest.raises(StoreFailed, match="opened for reading only"):
        await reader.claim(Job, "letters", NOON, MINUTE)
    async with reader.transaction() as tx:
        assert await tx.count(Person) == 1
    await reader.close()
    assert {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(filled.parent)} == before


async def test_a_store_that_does_not_exist_yet_is_empty_to_a_reader(path: Path) -> None:
    """The command line works before the first start."""
    reader = await TinyStore.open(path, read_only=True)
    assert await reader.find(Person) == []
    await reader.close()


async def test_a_closed_store_says_so(filled: Path) -> None:
    """Late callers get an error, not old data; closing twice is no error."""
    store = await TinyStore.open(filled)
    await store.close()
    await store.close()
    with pytest.raises(StoreFailed, match="closed"):
        await store.get(Person, "ada")
    with pytest.raises(StoreFailed, match="closed"):
        await put(store, make_person("bob"))


# TinyDB


async def test_plain_tinydb_opens_the_snapshot(filled: Path) -> None:
    """What the desk leaves is TinyDB's own format."""
    with TinyDB(filled) as db:
        people = db.table("people")
        people.document_id_class = str
        found = people.search(where("town") == "Lyon")
    assert [(str(person.doc_id), person["login"], person["seen"]) for person in found] == [
        ("ada", "ada", "2026-03-14T12:00:00Z")
    ]


async def test_tinydbs_queries_work_on_the_running_store(filled: Path) -> None:
    """The resident tables are TinyDB tables: search, get, contains, count and length."""
    store = await TinyStore.open(filled, kinds=KINDS)
    await put(store, make_person("bob", town="Paris"))
    people = store.db.table("people")
    assert [str(person.doc_id) for person in people.search(where("town") == "Paris")] == ["bob"]
    ada = people.get(doc_id="ada")  # type: ignore[call-overload]
    assert isinstance(ada, TinyDocument)
    assert ada["town"] == "Lyon"
    both = people.get(doc_ids=["ada", "nobody", "bob"])
    assert isinstance(both, list)
    assert [str(person.doc_id) for person in both] == ["ada", "bob"]
    assert people.contains(where("town") == "Lyon")
    assert len(people) == 2
    assert store.db.tables() == {"people", "jobs", "purses", "bags"}
    await store.close()


async def test_tinydb_cannot_change_the_running_store(filled: Path) -> None:
    """What TinyDB returns is a copy, and its writing methods refuse: they would be neither durable nor isolated."""
    store = await TinyStore.open(filled, kinds=KINDS)
    people = store.db.table("people")
    people.all()[0]["town"] = "Rome"
    with pytest.raises(TypeError, match="write through a transaction"):
        people.insert(TinyDocument({}, doc_id="bob"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="write through a transaction"):
        people.update({"town": "Rome"})
    with pytest.raises(TypeError, match="write through a transaction"):
        store.db.drop_tables()
    assert await store.find(Person) == [make_person("ada", town="Lyon", seen=NOON)]
    await store.close()


# Kinds


async def test_tables_nobody_asked_for_survive(path: Path) -> None:
    """A version of the desk that does not know a table keeps it."""
    store = await TinyStore.open(path, kinds=KINDS)
    await put(store, make_person("ada"), Bag(id="bag", things=["pen"], marks={}))
    await store.close()
    for number in range(2):
        store = await TinyStore.open(path, kinds=[Person])
        await put(store, make_person(f"p{number}"))
        await store.close()
    store = await TinyStore.open(path)
    assert await store.find(Bag) == [Bag(id="bag", things=["pen"], marks={})]
    assert await store.count(Person) == 3
    await store.close()


async def test_two_kinds_cannot_share_a_table(path: Path) -> None:
    """A table holds documents of one class."""

    class Impostor(Document, frozen=True, kw_only=True):
        TABLE = "people"

    store = await TinyStore.open(path, kinds=[Person])
    with pytest.raises(TypeError, match="Impostor and Person both call their table people"):
        await store.get(Impostor, "ada")
    await store.close()


async def test_an_unchanged_store_is_not_written_again(filled: Path) -> None:
    """Opening and closing leaves the snapshot as it was."""
    before = os.stat(filled).st_mtime_ns
    await (await TinyStore.open(filled)).close()
    assert os.stat(filled).st_mtime_ns == before


async def test_the_log_holds_no_documents(path: Path) -> None:
    """What customers wrote stays out of the log."""
    with capture_logs() as logs:
        store = await TinyStore.open(path, kinds=KINDS)
        await put(store, make_person("ada", address="secret@example.com"))
        await store.close()
    assert [log["event"] for log in logs] == ["store.opened", "store.snapshot", "store.closed"]
    assert "secret" not in str(logs)
