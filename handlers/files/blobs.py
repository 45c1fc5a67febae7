"""Files that customers sent, encrypted on disk: each under a random key of its own, which the record keeps sealed.

Whoever has the folder and not the desk's keys has noise; who destroys a record's sealed key has destroyed the file, in
every copy of it. Nothing here knows what a file is about.
"""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from handlers.clock import Clock, system_clock
from handlers.model.document import Value
from handlers.model.errors import Unavailable, Unknown
from handlers.vault import Vault

_ID = re.compile(r"B-[0-9A-Z]{24}")
_ASIDE = ".part"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY


class Blob(Value, frozen=True, kw_only=True):
    """Where a file lies, and its key as only the vault opens it."""

    id: str
    sealed_key: str


class Blobs:
    """The folder of encrypted files; made when the first one comes."""

    def __init__(self, folder: Path, vault: Vault, clock: Clock = system_clock) -> None:
        self._folder = folder
        self._vault = vault
        self._clock = clock

    async def put(self, content: bytes) -> Blob:
        """Keep a file, durably; raises Unavailable when the disk is full or fails."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, id: str, sealed_key: str) -> bytes:
        """The file; raises Unknown when it is gone, Unavailable when it cannot be read or was changed."""
        return await asyncio.to_thread(self._get, id, sealed_key)

    async def delete(self, id: str) -> None:
        """Remove a file, durably; one that is gone is no error. Raises Unavailable when the disk fails."""
        await asyncio.to_thread(self._delete, id)

    async def ids(self, older_than: timedelta = timedelta(0)) -> set[str]:
        """The files that lie there for so long, half-written ones included.

        A file comes before its record is committed, so a sweeper asks for those that had an hour's time to get one.
        Raises Unavailable when the disk fails.
        """
        return await asyncio.to_thread(self._ids, self._clock() - older_than)

    def _put(self, content: bytes) -> Blob:
        id = self._vault.name("B", 24)
        sealed_key, locked = self._vault.lock(id, content)
        try:
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _settle(self._folder.parent)
            self._write(id, locked)
        except OSError as error:
            for name in (id + _ASIDE, id):
                with suppress(OSError):
                    (self._folder / name).unlink()
            raise Unavailable(f"A document cannot be kept: {error.strerror}.") from error
        return Blob(id=id, sealed_key=sealed_key)

    def _write(self, id: str, locked: bytes) -> None:
        aside, moment = self._folder / (id + _ASIDE), self._clock().timestamp()
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(locked)
            file.flush()
            os.utime(file.fileno(), (moment, moment))  # by the desk's clock, for `ids`
            os.fsync(file.fileno())
        aside.rename(self._folder / id)
        _settle(self._folder)

    def _get(self, id: str, sealed_key: str) -> bytes:
        try:
            locked = self._path(id).read_bytes()
        except FileNotFoundError as error:
            raise Unknown(f"The file {id} is gone.") from error
        except OSError as error:
            raise Unavailable(f"The file {id} cannot be read: {error.strerror}.") from error
        return self._vault.unlock(id, sealed_key, locked)

    def _delete(self, id: str) -> None:
        path = self._path(id)
        try:
            if not self._folder.is_dir():
                return
            path.unlink(missing_ok=True)
            path.with_name(id + _ASIDE).unlink(missing_ok=True)
            _settle(self._folder)
        except OSError as error:
            raise Unavailable(f"The file {id} cannot be removed: {error.strerror}.") from error

    def _ids(self, before: datetime) -> set[str]:
        found: set[str] = set()
        try:
            for entry in os.scandir(self._folder):
                with suppress(FileNotFoundError):  # removed or renamed since the folder was listed
                    id, known = entry.name.removesuffix(_ASIDE), entry.stat().st_mtime <= before.timestamp()
                    found |= {id} if known and _ID.fullmatch(id) else set()
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise Unavailable(f"The documents cannot be listed: {error.strerror}.") from error
        return found

    def _path(self, id: str) -> Path:
        # An id comes from a record, and yet it never becomes a path that leads anywhere else.
        if not _ID.fullmatch(id):
            raise Unknown(f"There is no file {id!r}.")
        return self._folder / id


def _settle(folder: Path) -> None:
    """Make what was made, renamed or removed in the folder outlive a power cut."""
    directory = os.open(folder, _DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
