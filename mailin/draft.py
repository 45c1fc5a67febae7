"""A mail while it is being received: in memory while it is small, in a file of its own once it is not."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Protocol
from zlib import crc32

from mailin.envelope import SpoolId
from mailin.errors import failure
from mailin.segments import large_path, sync_folder

MOST_IN_MEMORY = 256 * 1024


class Counting(Protocol):
    """Who counts what is kept."""

    def reserve(self, network: str, old: int, new: int) -> None:
        """Count a mail from `network` that grows from `old` to `new` bytes; raises SpoolFull."""

    def release(self, network: str, size: int) -> None:
        """Count its bytes as gone."""


class Draft:
    """The content so far. Write it, then either hand it to `Spool.accept` or discard it."""

    def __init__(self, id: SpoolId, network: str, folder: Path, room: Counting) -> None:
        self.id, self.network = id, network
        self.size = 0
        self.crc = 0
        self.pieces: list[bytes] = []
        self.apart = False
        self._folder, self._room = folder, room
        self._in_memory = 0
        self._moving: asyncio.Future[None] | None = None

    @property
    def path(self) -> Path:
        """Where the content goes if it is big."""
        return large_path(self._folder, self.id)

    async def write(self, piece: bytes) -> None:
        """Add a piece; raises SpoolFull or SpoolFailed."""
        self._room.reserve(self.network, self.size, self.size + len(piece))
        self.size += len(piece)
        self.crc = crc32(piece, self.crc)
        self._in_memory += len(piece)
        self.pieces.append(piece)
        if self._in_memory > MOST_IN_MEMORY:
            try:
                await self._move_to_file()
            except OSError as error:
                raise failure(error) from error

    async def settle(self) -> None:
        """Make the content durable if it has a file; if that fails (OSError), the content is forgotten."""
        if not self.apart:
            return
        try:
            await self._move_to_file()
            await asyncio.to_thread(self._sync)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Forget the content."""
        self._room.release(self.network, self.size)
        self.size, self.pieces = 0, []
        if self._moving is not None:
            # A thread may be at it still, when a connection broke: unlinked before, the file would come back.
            self._moving.add_done_callback(lambda _: self.path.unlink(missing_ok=True))

    async def _move_to_file(self) -> None:
        pieces, self.pieces, self._in_memory, self.apart = self.pieces, [], 0, True
        self._moving = asyncio.ensure_future(asyncio.to_thread(self._append, pieces))
        await asyncio.shield(self._moving)

    def _append(self, pieces: list[bytes]) -> None:
        file = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with open(file, "wb", buffering=0) as stream:
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    left = left[stream.write(left) :]

    def _sync(self) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(file)
        finally:
            os.close(file)
        sync_folder(self.path.parent)
