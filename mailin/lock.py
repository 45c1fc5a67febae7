"""One writer at a time, by a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path


class Lock:
    """Made by `Lock.take`."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def take(cls, path: Path) -> Lock:
        """Take the lock; raises OSError, with the holder's pid in its words if another process has it."""
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise OSError(errno.EWOULDBLOCK, f"process {holder} writes to it") from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        return cls(file)

    def release(self) -> None:
        """Let others write."""
        os.close(self._file)
