"""The journal: what was committed since the snapshot, one line a commit, synced before anybody is told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import structlog

from handlers.store import lines
from handlers.store.contract import StoreFailed

_log = structlog.get_logger()
_STEP = 4 * 1024 * 1024  # bytes allocated ahead: a sync that need not grow the file is a fifth cheaper


class DiskLost(StoreFailed):
    """What is on disk is not known any more, so nothing can be promised until the store is opened again."""


def path_of(store: Path, first: int) -> Path:
    """The journal file of the store at `store` whose first line is commit `first`."""
    return store.with_name(f"{store.name}.journal-{first:012d}")


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class JournalFile:
    """The file being written, from byte `end` on with `commit`. Every method blocks; one thread at a time."""

    def __init__(self, path: Path, end: int, commit: int) -> None:
        self.path = path
        self.end = end
        self.commit = commit
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._allocated = os.fstat(self._fd).st_size

    def cut(self, end: int) -> None:
        """Drop everything from byte `end` on, durably, and continue there."""
        os.ftruncate(self._fd, end)
        if end and os.pread(self._fd, 1, end - 1) != b"\n":
            end += os.pwrite(self._fd, b"\n", end)
        os.fsync(self._fd)
        sync_folder(self.path.parent)
        self.end = self._allocated = end

    def append(self, bodies: list[bytes]) -> None:
        """Write these commits and sync them. Raises StoreFailed; nothing of them is kept then."""
        data = b"".join(lines.write(self.commit + place, self.commit, body) for place, body in enumerate(bodies))
        try:
            self._write(data)
        except OSError as error:
            self._take_back(error)
        self._sync()
        self.end += len(data)
        self.commit += len(bodies)

    def next(self, store: Path) -> JournalFile:
        """Continue in a new file of the store at `store`. Raises StoreFailed; this one can be used on then."""
        path = path_of(store, self.commit)
        if path == self.path:
            return self  # it has no commit yet
        try:
            new = JournalFile(path, 0, self.commit)
            sync_folder(path.parent)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StoreFailed(f"Cannot start {path}: {error.strerror}.") from error
        self.close()
        return new

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)

    def _write(self, data: bytes) -> None:
        needed = self.end + len(data)
        if needed > self._allocated:
            os.posix_fallocate(self._fd, self._allocated, max(_STEP, needed - self._allocated))
            self._allocated = os.fstat(self._fd).st_size
        written = 0
        while written < len(data):
            written += os.pwrite(self._fd, data[written:], self.end + written)

    def _take_back(self, error: OSError) -> None:
        """Leave no trace of a write that failed half-way: a later, shorter one would not cover it."""
        try:
            os.ftruncate(self._fd, self.end)
        except OSError as worse:
            raise DiskLost(f"Cannot undo a failed write to {self.path}: {worse.strerror}. Restart the desk.") from error
        self._allocated = self.end
        raise StoreFailed(f"Cannot write to {self.path}: {error.strerror}. Nothing of this was kept.") from error

    def _sync(self) -> None:
        """A sync that failed is never tried again: the system may have dropped the pages and call the next one good."""
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            raise DiskLost(
                f"Cannot sync {self.path}: {error.strerror}. Check the disk, then restart the desk."
            ) from error
        if os.fstat(self._fd).st_nlink == 0:
            raise DiskLost(f"{self.path} was deleted while in use. Restore the folder, then restart the desk.")


class Journal:
    """Collects what is committed while a sync runs and gives it the next one, so that many commits share one sync.

    `on_durable(commit)` is called when everything up to `commit` is on disk, `on_lost()` when everything after the last
    such commit is not; both before any waiter hears of it.
    """

    def __init__(self, file: JournalFile, on_durable: Callable[[int], None], on_lost: Callable[[], None]) -> None:
        self.commit = self._durable = file.commit - 1
        self.broken: DiskLost | None = None
        self._file = file
        self._on_durable = on_durable
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()
        self._bodies: list[bytes] = []
        self._collecting: asyncio.Future[None] = self._loop.create_future()
        self._syncing: asyncio.Future[None] | None = None

    @property
    def size(self) -> int:
        """Bytes of commits in the file being written."""
        return self._file.end

    def append(self, body: bytes) -> asyncio.Future[None]:
        """Take one commit; the future ends when it is durable, or with StoreFailed. Others wait for it: shield it."""
        self.commit += 1
        self._bodies.append(body)
        told = self._collecting
        if self._syncing is None:
            self._start()
        return told

    def pending(self) -> asyncio.Future[None] | None:
        """What to wait for until everything taken so far is durable; None if it is."""
        return self._collecting if self._bodies else self._syncing

    async def rotate(self, store: Path) -> None:
        """Continue in a new file, after what is pending. Raises StoreFailed, and goes on in the old one."""
        told = self._loop.create_future()
        self._jobs.put(partial(self._rotate, store, told))
        await told

    def close(self) -> None:
        """Let go of the file; nothing may be pending."""
        self._jobs.put(None)
        self._thread.join()
        self._file.close()

    def _start(self) -> None:
        bodies, self._bodies = self._bodies, []
        self._syncing, self._collecting = self._collecting, self._loop.create_future()
        self._jobs.put(partial(self._write, bodies))

    # In the thread: a queue and a wake-up cost half of what an executor costs, and every commit pays it.

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _write(self, bodies: list[bytes]) -> None:
        error = None
        try:
            self._file.append(bodies)
        except Exception as problem:
            error = problem
        self._loop.call_soon_threadsafe(self._end, len(bodies), error)

    def _rotate(self, store: Path, told: asyncio.Future[None]) -> None:
        error = None
        try:
            self._file = self._file.next(store)
        except Exception as problem:
            error = problem
        self._loop.call_soon_threadsafe(_tell, told, error)

    # On the loop again

    def _end(self, commits: int, error: Exception | None) -> None:
        told, self._syncing = self._syncing, None
        if error is not None:
            self._lose(error, told)
        else:
            self._durable += commits
            self._on_durable(self._durable)
            _tell(told, None)
            if self._bodies:
                self._start()

    def _lose(self, error: Exception, told: asyncio.Future[None] | None) -> None:
        """What waits behind a failed write may build on it, so it fails too."""
        if not isinstance(error, StoreFailed) or isinstance(error, DiskLost):
            self.broken = error if isinstance(error, DiskLost) else DiskLost(f"The journal failed: {error!r}")
        waiting, self._collecting = self._collecting, self._loop.create_future()
        self._bodies.clear()
        self.commit = self._durable
        self._on_lost()
        _tell(told, error)
        _tell(waiting, error)
        # Last: where the disk is full, the log may be refused too.
        _log.error("store.commits_lost", file=self._file.path.name, error=str(error))


def _tell(told: asyncio.Future[None] | None, error: Exception | None) -> None:
    if told is None or told.done():
        return
    if error is None:
        told.set_result(None)
    else:
        told.set_exception(error)
        told.exception()  # nobody may be waiting any more, and asyncio would complain about that
