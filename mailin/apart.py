"""Mails understood in processes of their own, so that no mail can hold the desk up, whatever it is made of."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import msgspec

from handlers.model.errors import DeskError, Invalid, Unavailable
from handlers.model.mail import ServiceNames
from handlers.rules import files
from mailin.origin.clues import NO_TRUST, Trust
from mailin.reading import LENGTH, Request, Terms, Understood, Wanted, Wrapping
from mailin.spool import Spooled

Answer = TypeVar("Answer")

READERS = 2  # one goes on while a hostile mail keeps the other busy
MOST_SECONDS = 10.0
ENDING_SECONDS = 2.0
AT_ONCE = 256 * 1024  # bytes written at once: a small mail goes in one piece, of a big one no second copy is made
START = "import sys; sys.path[:] = sys.argv[1:]; from mailin.reading import serve; serve()"


class TooLong(DeskError):
    """A mail takes more time to read than any is given, and would again."""


class ReaderDied(DeskError):
    """The process that read a mail ended, nobody knows why."""


class Readers:
    """The processes: each is started when it is first needed, and again after it ended."""

    def __init__(
        self,
        services: Sequence[ServiceNames],
        seconds: float = MOST_SECONDS,
        most: int = READERS,
        trust: Trust = NO_TRUST,
    ) -> None:
        terms = Terms(services=tuple(services), seconds=seconds, trust=trust)
        self._readers = [_Reader(terms) for _ in range(most)]
        self._free: asyncio.LifoQueue[_Reader] = asyncio.LifoQueue()
        for reader in self._readers:
            self._free.put_nowait(reader)

    async def understand(self, mail: Spooled) -> Understood:
        """All that a mail says, and what its origin can be told by.

        Raises TooLong, ReaderDied, or Unavailable when no process can be started.
        """
        async with self._one() as reader:
            return await reader.read(mail)

    async def files(self, mail: Spooled, wanted: Sequence[int]) -> list[bytes]:
        """The decoded bytes of the files at `wanted`, places in `InboundMail.attachments`, in that order.

        One of more than `files.FILE_BYTES` comes cut one byte after, so that `files.fault` finds it too large; one that
        is not there is empty. Raises Invalid when they are more than a submission may have, in number or together;
        else what `understand` raises.
        """
        if len(wanted) > files.FILES or len(set(wanted)) < len(wanted):
            raise Invalid(f"at most {files.FILES} files of a mail, each once")
        async with self._one() as reader:
            found = await reader.files(mail, tuple(wanted))
        if sum(map(len, found)) > files.SUBMISSION_BYTES:
            raise Invalid(f"files of at most {files.SUBMISSION_BYTES} bytes together")
        return found

    async def warm_up(self) -> None:
        """Start the process that is used first, so that the first mail need not wait for it; raises Unavailable."""
        async with self._one() as reader:
            await reader.start()

    async def close(self) -> None:
        """End the processes, whatever they do."""
        await asyncio.gather(*(reader.end() for reader in self._readers))

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[_Reader]:
        reader = await self._free.get()
        try:
            yield reader
        finally:
            self._free.put_nowait(reader)


class _Reader:
    """One process, which reads one mail at a time."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._process: Process | None = None

    async def start(self) -> Process:
        """The process, ready to read; raises Unavailable."""
        if self._process is None:
            try:
                # In a session of its own, so that Ctrl-C in a terminal is for the desk alone; without the environment,
                # which holds the desk's secrets.
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-c", START, *sys.path), stdin=PIPE, stdout=PIPE, env={}, start_new_session=True
                )
                await _exchange(self._process, msgspec.json.encode(self._terms))
            except (OSError, EOFError) as error:
                await self.end()
                raise Unavailable("No process can be started to read mails.") from error
            except BaseException:
                await self.end()
                raise
        return self._process

    async def read(self, mail: Spooled) -> Understood:
        """What the process understands of a mail. After any error it ends: an answer must never be the next mail's."""
        envelope = mail.envelope
        wrapping = Wrapping(
            received_at=envelope.received_at, mail_from=envelope.mail_from, recipients=tuple(envelope.rcpt_tos)
        )
        return await self._ask(wrapping, mail.content, msgspec.json.Decoder(Understood).decode)

    async def files(self, mail: Spooled, places: tuple[int, ...]) -> list[bytes]:
        """The files at these places, as the process finds them; after any error it ends as well."""
        return await self._ask(Wanted(places=places), mail.content, msgspec.msgpack.Decoder(list[bytes]).decode)

    async def _ask(self, request: Request, content: bytes, decode: Callable[[bytes], Answer]) -> Answer:
        process = await self.start()
        try:
            return decode(await _exchange(process, msgspec.json.encode(request), content))
        except (OSError, EOFError):
            # It is ending by itself. Killed at the same time, how it ended would be lost.
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), ENDING_SECONDS)
            if await self.end() == -signal.SIGPROF:
                raise TooLong(f"it took more than {self._terms.seconds:g} seconds to read") from None
            raise ReaderDied("the process that read it died") from None
        except BaseException:
            await self.end()
            raise

    async def end(self) -> int | None:
        """End the process at once; returns how it ended, None if there was none."""
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(ProcessLookupError):
            process.kill()
        return await process.wait()


async def _exchange(process: Process, *frames: bytes) -> bytes:
    """Send frames and wait for one; raises OSError or EOFError when the process is gone."""
    sink, source = process.stdin, process.stdout
    if sink is None or source is None:
        raise EOFError
    waiting = b""
    for frame in frames:
        waiting += LENGTH.pack(len(frame))
        for at in range(0, len(frame), AT_ONCE):
            if len(waiting) >= AT_ONCE:
                sink.write(waiting)
                await sink.drain()
                waiting = b""
            waiting += frame[at : at + AT_ONCE]
    sink.write(waiting)
    await sink.drain()
    return await source.readexactly(*LENGTH.unpack(await source.readexactly(LENGTH.size)))
