"""One writer at a time, across processes."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from handlers.store.contract import StoreFailed, StoreLocked


class Lock:
    """Held until `release` or the end of the process; the file beside the store names the holder's pid."""

    def __init__(self, store: Path) -> None:
        path = store.with_name(store.name + ".lock")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreFailed(f"Cannot write to {path.parent.absolute()}: {error.strerror}.") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._fd, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise StoreLocked(f"{store} is in use by process {holder}. Stop that one first.") from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Let the next one write."""
        os.close(self._fd)
