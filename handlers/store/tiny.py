"""The store for one machine: TinyDB tables in memory, a journal synced before anybody is told, snapshots now and then.

One asyncio loop, one writing process. How the files work and why: `docs/store.md`, `docs/decisions/journal.md`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import structlog

from handlers.model.document import Document, Work
from handlers.store import recovery, snapshot
from handlers.store.contract import StoreFailed
from handlers.store.journal import Journal, JournalFile, path_of
from handlers.store.lock import Lock
from handlers.store.tables import Changes, Resident, ResidentDB, Residents, encode
from handlers.store.transaction import TinyTransaction

D = TypeVar("D", bound=Document)
W = TypeVar("W", bound=Work)

_SNAPSHOT_BYTES = 4 * 1024 * 1024
_log = structlog.get_logger()


class TinyStore:
    """A `handlers.store.contract.Store`; make one with `await TinyStore.open(path)`."""

    def __init__(self, path: Path, found: recovery.Found, lock: Lock | None, snapshot_bytes: int) -> None:
        self.path = path
        self.db = ResidentDB(found.tables)
        self.epoch = 0  # counts how often memory went back to what is durable
        self._bodies = asyncio.Lock()
        self._inside: asyncio.Task[object] | None = None
        self._lock = lock
        self._journal: Journal | None = None
        self._tables: dict[type[Document], Resident] = {}
        self._unsettled: deque[tuple[int, dict[Resident, Changes]]] = deque()
        self._closed = False
        self._snapshot_commit = found.snapshot_commit
        self._snapshot_bytes = self._snapshot_at = snapshot_bytes
        self._snapshotting: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        path: str | Path,
        *,
        kinds: Sequence[type[Document]] = (),
        read_only: bool = False,
        snapshot_bytes: int = _SNAPSHOT_BYTES,
    ) -> TinyStore:
        """Open the store whose snapshot is (or will be) the file `path`.

        Documents of `kinds` are decoded now, others when first asked for. A snapshot is taken when the journal has
        grown by `snapshot_bytes`, or by the size of the last snapshot if that is more. Read only, one sees the store as
        it is now, also while another process writes. Raises StoreLocked, StoreDamaged, or StoreFailed.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise StoreFailed(f"The folder {path.parent.absolute()} does not exist. Create it, or correct DESK_STORE.")
        lock = None if read_only else Lock(path)
        try:
            started = time.monotonic()
            found = await asyncio.to_thread(recovery.look_again if read_only else recovery.look, path)
            store = cls(path, found, lock, snapshot_bytes)
            for kind in kinds:
                store.table(kind)
            if lock is not None:
                store._continue(found)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        _log.info(
            "store.opened",
            file=path.name,
            read_only=read_only,
            commit=found.commit,
            replayed=found.replayed,
            ms=round((time.monotonic() - started) * 1000),
        )
        return store

    # Look-ups

    async def get(self, kind: type[D], id: str) -> D | None:
        """See `Reader.get`."""
        table = self._tables.get(kind) or self.table(kind)
        self.refuse_if_broken()
        return cast("D | None", table.get_one(id, table.durable))

    async def find(self, kind: type[D], **fields: object) -> list[D]:
        """See `Reader.find`."""
        table = self._tables.get(kind) or self.table(kind)
        self.refuse_if_broken()
        return cast("list[D]", table.find(fields, table.durable))

    async def count(self, kind: type[D]) -> int:
        """See `Reader.count`."""
        table = self.table(kind)
        self.refuse_if_broken()
        return table.size(table.durable)

    # Changes

    def transaction(self) -> TinyTransaction:
        """See `Store.transaction`."""
        return TinyTransaction(self)

    async def claim(self, kind: type[W], queue: str, now: datetime, lease: timedelta, most: int = 1) -> Sequence[W]:
        """See `Store.claim`."""
        table = self.table(kind)
        if table.queues is None:
            raise TypeError(f"{kind.__name__} is not Work.")
        async with self.transaction() as tx:
            ready = cast("list[W]", [table.hand_out(work) for work in table.queues.ready(queue, now, most)])
            taken = [msgspec.structs.replace(work, tries=work.tries + 1, leased_until=now + lease) for work in ready]
            tx.put(*taken)
        return taken

    async def next_due(self, kind: type[W], queue: str) -> datetime | None:
        """See `Store.next_due`."""
        queues = self.table(kind).queues
        return None if queues is None else queues.next_due(queue)

    async def changed(self, kind: type[Work], queue: str, timeout: float) -> None:
        """See `Store.changed`."""
        queues = self.table(kind).queues
        if queues is not None:
            await queues.changed(queue, timeout)

    async def vacuum(self) -> None:
        """See `Store.vacuum`. The first snapshot replaces what is read, the second what is kept behind it."""
        self._refuse_within()
        for _ in range(2):
            await self.snapshot()

    async def close(self) -> None:
        """See `Store.close`; takes a snapshot, so that the next start is quick."""
        if self._closed:
            return
        if self._journal is not None:
            await self._close_journal(self._journal)
        self._closed = True
        if self._lock is not None:
            self._lock.release()
        _log.info("store.closed", file=self.path.name)

    # What transactions need

    async def enter(self) -> None:
        """Wait for the transaction before. Raises StoreFailed, or RuntimeError where that would be for ever."""
        self._refuse_within()
        await self._bodies.acquire()
        self._inside = asyncio.current_task()
        try:
            self.refuse_if_broken()
        except StoreFailed:
            self.leave()
            raise

    def _refuse_within(self) -> None:
        if self._inside is not None and self._inside is asyncio.current_task():
            raise RuntimeError("There is a transaction around this one: pass it on, or end it first.")

    def leave(self) -> None:
        """Let the next transaction in."""
        self._inside = None
        self._bodies.release()

    def table(self, kind: type[Document]) -> Resident:
        """The table of a kind of document."""
        table = self._tables.get(kind)
        if table is None:
            table = cast("Resident", self.db.table(kind.TABLE))
            if table.kind is not None:
                raise TypeError(f"{kind.__name__} and {table.kind.__name__} both call their table {kind.TABLE}.")
            table.bind(kind, end_leases=self._lock is not None)
            self._tables[kind] = table
        return table

    def refuse_if_broken(self) -> None:
        """Raises StoreFailed if the store is closed, or was left in doubt by its disk."""
        if self._closed:
            raise StoreFailed("The store is closed.")
        if self._journal is not None and self._journal.broken is not None:
            raise StoreFailed(str(self._journal.broken))

    def pending(self) -> asyncio.Future[None] | None:
        """What to wait for until everything in memory is durable."""
        return None if self._journal is None else self._journal.pending()

    def commit(self, changes: dict[Resident, Changes], texts: dict[str, dict[str, msgspec.Raw]]) -> Awaitable[None]:
        """Make the changes the newest state; the result ends when they are durable. Raises Duplicate or StoreFailed."""
        self.refuse_if_broken()
        journal = self._require_journal()
        for table, some in changes.items():
            table.check(some)
        durable = journal.append(encode(texts))
        for table, some in changes.items():
            table.apply(some, journal.commit)
        self._unsettled.append((journal.commit, changes))
        return durable

    def _require_journal(self) -> Journal:
        if self._journal is None:
            raise StoreFailed(f"{self.path} was opened for reading only.")
        return self._journal

    # The journal's side

    def _continue(self, found: recovery.Found) -> None:
        """Go on writing where the last writer stopped."""
        try:
            file = JournalFile(found.journal or path_of(self.path, 1), found.end, found.commit + 1)
            file.cut(found.end)
        except OSError as error:
            raise StoreFailed(f"Cannot write to {self.path.parent}: {error.strerror}.") from error
        if found.torn:
            _log.warning("store.tail_cut", file=file.path.name, bytes=found.torn, after_commit=found.commit)
        self._journal = Journal(file, self._settle, self._revert)

    def _settle(self, durable: int) -> None:
        while self._unsettled and self._unsettled[0][0] <= durable:
            commit, changes = self._unsettled.popleft()
            for table, some in changes.items():
                table.settle(some, commit)
        if self._snapshotting is None and self._journal is not None and self._journal.size > self._snapshot_at:
            self._begin_snapshot()

    def _revert(self) -> None:
        self.epoch += 1
        self._unsettled.clear()
        for table in self._tables.values():
            table.revert()

    async def snapshot(self) -> None:
        """Write the whole store to its snapshot and start a new journal. Raises StoreFailed; nothing is lost then."""
        while self._snapshotting is not None:
            await asyncio.wait([self._snapshotting])
        await asyncio.shield(self._begin_snapshot())

    def _begin_snapshot(self) -> asyncio.Task[None]:
        """A task that goes on when its caller is cancelled: threads work for it, and no second one may meet them."""
        self._snapshotting = asyncio.create_task(self._take_snapshot())
        self._snapshotting.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._snapshotting

    async def _take_snapshot(self) -> None:
        started = time.monotonic()
        try:
            tables, commit = await self._freeze()
            size = await snapshot.write(self.path, tables, commit)
            before, self._snapshot_commit = self._snapshot_commit, commit
            self._snapshot_at = max(self._snapshot_bytes, size)
            await asyncio.to_thread(recovery.drop_journals, self.path, before)
        except StoreFailed as error:
            self._snapshot_at += self._snapshot_bytes
            _log.error("store.snapshot_failed", file=self.path.name, error=str(error))
            raise
        finally:
            self._snapshotting = None
        ms = round((time.monotonic() - started) * 1000)
        _log.info("store.snapshot", file=self.path.name, bytes=size, commit=commit, ms=ms)

    async def _freeze(self) -> tuple[dict[str, dict[str, object]], int]:
        """Copy the tables (not the documents, they do not change) at a moment when the journal changes files."""
        async with self._bodies:
            self.refuse_if_broken()
            journal = self._require_journal()
            if (pending := journal.pending()) is not None:
                await asyncio.shield(pending)
            tables = cast("Residents", self.db.storage).rows()
            await journal.rotate(self.path)
            return tables, journal.commit

    async def _close_journal(self, journal: Journal) -> None:
        if journal.broken is None and (journal.size or journal.pending() is not None):
            with suppress(StoreFailed):  # which is logged, and the journal has it all
                await self.snapshot()
        while (waiting := journal.pending() or self._snapshotting) is not None:
            await asyncio.wait([waiting])
        self._closed = True
        journal.close()
