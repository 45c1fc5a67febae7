"""The spool: accepted mails on disk, from the reply 250 until the desk has taken them in.

spool/lock             who writes here
spool/00000007.mails   a segment: mails one after another; one sync for all that arrive together
spool/00000007.done    the ids of its mails that are done; a segment whose mails are all done is deleted, soon
spool/large/ID.eml     the content of a mail too big to be held in memory
spool/aside/ID.eml     a mail the desk could not take in, beside ID.json saying why
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import msgspec
import structlog

from mailin import segments
from mailin.aside import Aside, Shelf, clear_begun, list_aside
from mailin.draft import Draft
from mailin.envelope import Envelope, SpoolId
from mailin.errors import SpoolFailed, SpoolFull, failure
from mailin.journal import Journal, Place
from mailin.lock import Lock
from mailin.receiving import Receiving
from mailin.recovery import Kept, recover

P = ParamSpec("P")
T = TypeVar("T")
_log = structlog.get_logger(__name__)

QUIET_SECONDS = 60.0
"""So long after a mail is done, what is written of it may lie on disk: it can hold identity papers (O2.20)."""

LOOK_SECONDS = 10.0
"""So often, while there is no room, it is looked whether people have dealt with mails that were set aside."""


class Room(NamedTuple):
    """What may lie in the spool, set aside or waiting; each mail that waits also takes about a kilobyte of memory."""

    bytes: int = 1 << 30
    mails: int = 100_000


class Spooled(NamedTuple):
    """A mail that waits to be taken in."""

    envelope: Envelope
    content: bytes


class Spool:
    """Made by `Spool.open`. One process writes; `next` hands out each mail once, `done` or `set_aside` ends it.

    What was handed out and not ended comes again after a restart, so taking in must be idempotent.
    """

    def __init__(self, folder: Path, lock: Lock, journal: Journal, kept: list[Kept], most: Room) -> None:
        self._folder, self._lock, self._journal, self._most = folder, lock, journal, most
        self._run, self._count, self._newest = journal.number, 0, journal.number
        self._waiting = deque(kept)
        self._kept = {mail.envelope.id: mail for mail in kept}
        self._bytes = sum(mail.envelope.size for mail in kept)
        self._shelf, self._looked = Shelf(folder / "aside"), 0.0
        self._shelf.measure()
        self._receiving = Receiving(most.bytes)
        self._open = Counter(mail.segment for mail in kept)  # mails not done, by segment
        self._more = asyncio.Event()
        self._turning: asyncio.TimerHandle | None = None
        # One thread, so that one memory arena, and not each of a pool's, keeps room for the biggest mail.
        self._files = ThreadPoolExecutor(1, thread_name_prefix="spool-files")

    @classmethod
    async def open(cls, folder: Path, most: Room | None = None, segment_bytes: int = 16 << 20) -> Spool:
        """Open the spool in `folder`, whose parent must exist, with every mail that was accepted and is not done.

        `most` is what may wait or lie aside before mails are refused; `segment_bytes` is when a new segment is begun.
        Raises SpoolFailed if the parent is missing or another process holds the spool; it names that one's pid.
        """
        return await asyncio.to_thread(cls._open_now, folder, most or Room(), segment_bytes)

    @classmethod
    def _open_now(cls, folder: Path, most: Room, segment_bytes: int) -> Spool:
        try:
            for each in (folder, folder / "large", folder / "aside"):
                each.mkdir(mode=0o700, exist_ok=True)
            lock = Lock.take(folder / "lock")
            clear_begun(folder / "aside")
            # The new segment comes before old ones are deleted, so that numbers, and with them ids, never repeat.
            journal = Journal(folder, max(segments.numbers(folder), default=0) + 1, segment_bytes)
            return cls(folder, lock, journal, recover(folder, journal.number), most)
        except OSError as error:
            raise SpoolFailed(f"The mail spool {folder} cannot be opened: {error.strerror or error}.") from error

    @property
    def pending(self) -> int:
        """How many accepted mails are not done."""
        return len(self._kept)

    @property
    def pending_bytes(self) -> int:
        """How many bytes they, and the mails being received, have."""
        return self._bytes

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        full = self._left <= 0 or len(self._kept) + self._shelf.mails >= self._most.mails
        if full:
            self._look_again()
        return full

    @property
    def set_aside_now(self) -> int:
        """How many mails are set aside; they take room until people have dealt with them."""
        return self._shelf.mails

    @property
    def _left(self) -> int:
        return self._most.bytes - self._bytes - self._shelf.bytes

    def reserve(self, network: str, old: int, new: int) -> None:
        """Count a draft from `network` that grows from `old` to `new` bytes; raises SpoolFull."""
        if new - old > self._left:
            self._look_again()
            aside = f", {self._shelf.bytes} of them set aside" if self._shelf.mails else ""
            raise SpoolFull(f"The mails have {self._bytes + self._shelf.bytes} of {self._most.bytes} bytes{aside}.")
        self._receiving.grow(network, old, new)
        self._bytes += new - old

    def _look_again(self) -> None:
        """Room comes back when people delete what was set aside; a look that fails is taken again as soon as any."""
        now = asyncio.get_running_loop().time()
        if self._shelf.mails and now >= self._looked + LOOK_SECONDS:
            self._looked = now
            self._files.submit(self._shelf.measure)

    def release(self, network: str, size: int) -> None:
        """Count a draft's bytes as gone."""
        self._receiving.end(network, size)
        self._bytes -= size

    def draft(self, network: str = "") -> Draft:
        """Begin to receive a mail; those from one `network` share a part of the room."""
        self._count += 1
        return Draft(SpoolId(f"{self._run:08d}-{self._count:08d}"), network, self._folder, self)

    async def accept(self, envelope: Envelope, draft: Draft) -> SpoolId:
        """Keep a mail; when this returns it is on disk. Raises SpoolFull or SpoolFailed, and then it is not kept.

        The draft is the spool's from here on. Mails accepted at the same time are written and synced together. A caller
        that is cancelled does not know whether the mail was kept.
        """
        try:
            await draft.settle()
            written = self._journal.append(_record(envelope, draft))
            written.add_done_callback(partial(self._settle, envelope, draft))
            await asyncio.shield(written)
        except OSError as error:
            raise failure(error) from error
        return envelope.id

    async def next(self) -> Spooled:
        """The mail that waits longest; waits for one. Mails the disk damaged are set aside on the way."""
        while True:
            while not self._waiting:
                self._more.clear()
                await self._more.wait()
            mail = self._waiting.popleft()
            try:
                content = await self._with_files(mail.read, self._folder)
            except BaseException:
                self._waiting.appendleft(mail)
                raise
            if content is not None:
                return Spooled(mail.envelope, content)
            _log.error("spool.damaged", mail=mail.envelope.id)
            try:
                await self.set_aside(mail.envelope.id, "the mail is damaged on disk")
            except OSError as error:
                _log.error("spool.not_set_aside", mail=mail.envelope.id, error=error.strerror, seconds=LOOK_SECONDS)
                asyncio.get_running_loop().call_later(LOOK_SECONDS, self._hand_out, mail)  # nobody waits for it

    async def done(self, id: SpoolId) -> None:
        """The mail was taken in: forget it. Not synced, so after a power cut it may come again. Raises KeyError."""
        mail = self._kept.pop(id)
        self._bytes -= mail.envelope.size
        self._open[mail.segment] -= 1
        try:
            await self._with_files(self._forget, mail, self._emptied())
        except OSError as error:
            _log.error("spool.not_forgotten", mail=id, error=error.strerror)
        if self._turning is None:
            self._turning = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._turn)

    async def set_aside(self, id: SpoolId, reason: str) -> None:
        """Keep a mail that cannot be taken in where `aside` lists it, with the reason; it never comes again.

        Raises OSError, and then it is kept here as before.
        """
        mail = self._kept[id]
        await self._with_files(self._keep_aside, mail, reason)
        await self.done(id)

    async def aside(self) -> list[Aside]:
        """The mails that were set aside, oldest first; raises OSError."""
        return await self._with_files(list_aside, self._folder / "aside")

    async def close(self) -> None:
        """Finish what is being written and let go of the files."""
        if self._turning:
            self._turning.cancel()
        await self._journal.close()
        self._files.shutdown()
        self._lock.release()

    def _settle(self, envelope: Envelope, draft: Draft, written: asyncio.Future[Place]) -> None:
        """Take over a draft that is on disk, or drop it; runs even when nobody waits for it any more."""
        if written.exception() is not None:
            draft.discard()
            return
        self._receiving.end(draft.network, draft.size)
        place = written.result()
        content_at = 0 if draft.apart else place.end - draft.size
        mail = Kept(envelope, place.segment, content_at, draft.apart, draft.crc)
        self._newest = max(self._newest, place.segment)
        self._open[place.segment] += 1
        self._kept[envelope.id] = mail
        self._hand_out(mail)

    def _hand_out(self, mail: Kept) -> None:
        self._waiting.append(mail)
        self._more.set()

    def _turn(self) -> None:
        """Write to a new segment when all is done in the last; else whatever is done last comes here again."""
        self._turning = None
        is_done = self._open.get(self._newest) == 0
        turning = self._journal.turn() if is_done else None
        if turning:
            turning.add_done_callback(self._turned)

    def _turned(self, turning: asyncio.Future[Place]) -> None:
        error = turning.exception()
        if error:
            _log.error("spool.not_turned", error=str(error))
            return
        self._newest = max(self._newest, turning.result().segment)
        self._files.submit(self._delete, self._emptied())

    def _emptied(self) -> list[int]:
        """The segments whose mails are all done, now forgotten here; never one that may still be written to."""
        emptied = [number for number, count in self._open.items() if count == 0 and number < self._newest]
        for number in emptied:
            del self._open[number]
        return emptied

    async def _with_files(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._files, partial(work, *arguments, **named))

    def _keep_aside(self, mail: Kept, reason: str) -> None:
        aside = Aside(id=mail.envelope.id, reason=reason, envelope=mail.envelope)
        self._shelf.keep(aside, mail.read_anyway(self._folder))

    def _forget(self, mail: Kept, emptied: list[int]) -> None:
        mail.forget(self._folder)
        self._delete(emptied)

    def _delete(self, emptied: list[int]) -> None:
        for number in emptied:
            segments.delete(self._folder, number)


def _record(envelope: Envelope, draft: Draft) -> list[bytes]:
    head = segments.head(msgspec.json.encode(envelope), draft.size, draft.crc, draft.apart)
    return [head, *draft.pieces]
