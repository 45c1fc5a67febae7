"""Opens what customers send without touching it: a process of its own looks, and makes pages anew for staff.

Nobody ever gets the original bytes to see. What a file can break is a process that holds nothing and is gone with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from math import ceil

import msgspec
import structlog
from msgspec.structs import replace

from handlers.files.pages import Answer, Code, Limits, Task
from handlers.model.case import Way
from handlers.model.document import Value
from handlers.model.errors import DeskError, Unavailable
from handlers.rules import files

AT_ONCE = 2
SUBMISSION_SECONDS = 20.0
"""For so long all files of a mail, or of one visit to the page, are opened; what is left then takes too long."""

MOST_ANSWER = 64 * 1024 * 1024  # bytes; twenty pages of a scan take 20 MB
PIECE = 256 * 1024
START = "import sys; sys.path[:] = sys.argv[1:]; from handlers.files.rendering import serve; serve()"
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
NEVER_BEGAN = 1  # how Python ends when it cannot even import

log = structlog.get_logger()


class Unreadable(DeskError):
    """A file that cannot be taken, and `code` says why; it would be so again."""

    def __init__(self, code: Code) -> None:
        super().__init__(f"The file is {code.replace('_', ' ')}.")
        self.code: Code = code


class Inspected(Value, frozen=True, kw_only=True):
    """A file that can be opened: its type by content, its pages, and the pixels of an image (0 for a PDF)."""

    type: files.Type
    pages: int
    pixels: int


class Allowance:
    """How many seconds all files of one submission may still take together, not counting the wait for their turn."""

    def __init__(self, left: float = SUBMISSION_SECONDS) -> None:
        self.left = left


class Inspector:
    """Opens files, two at once; the others wait. One of the two is kept free of mail: anybody can send that (T33)."""

    def __init__(self, limits: Limits | None = None, at_once: int = AT_ONCE) -> None:
        self._limits = limits or Limits()
        self._free = asyncio.Semaphore(at_once)
        self._free_for_mail = asyncio.Semaphore(max(1, at_once - 1))

    async def inspect(self, content: bytes, source: Way = "portal", allowance: Allowance | None = None) -> Inspected:
        """What the file is and holds, every page of it made once, in half the time that showing it may take.

        So what is taken can be shown. Raises Unreadable, `too_long` also when nothing is left of the allowance, and
        Unavailable when no process can be started.
        """
        type, allowance = _type(content), allowance or Allowance()
        if allowance.left <= 0:
            raise Unreadable("too_long")
        limits = _within(self._limits, allowance.left)
        async with AsyncExitStack() as turn:
            if source == "mail":
                await turn.enter_async_context(self._free_for_mail)
            await turn.enter_async_context(self._free)
            answer = await _timed(allowance, self._answer(type, content, limits, render=False))
        return Inspected(type=type, pages=answer.pages, pixels=answer.pixels)

    async def render(self, content: bytes) -> list[bytes]:
        """Each page anew as JPEG, at most 1600 by 2400 pixels, without metadata: what staff see of a file.

        Raises Unreadable, or Unavailable when no process can be started.
        """
        type = _type(content)
        async with self._free:
            answer = await self._answer(type, content, self._limits, render=True)
        # The process may have been taken over by the file: only pictures leave it.
        if len(answer.images) != answer.pages or any(files.kind(image) != "image/jpeg" for image in answer.images):
            raise Unreadable("unreadable")
        return list(answer.images)

    async def _answer(self, type: files.Type, content: bytes, limits: Limits, *, render: bool) -> Answer:
        task = msgspec.json.encode(Task(type=type, render=render, limits=limits))
        said, ended = await self._run(limits.waiting, task + b"\n", content)
        answer = _read(said, ended)
        if answer.fault is not None:
            raise Unreadable(answer.fault)
        return answer

    async def _run(self, waiting: float, *parts: bytes) -> tuple[bytes, int]:
        """What the process said to that input, and how it ended."""
        process = await _start()
        try:
            async with asyncio.timeout(waiting):
                said = await _exchange(process, *parts)
                return said, await process.wait()
        except TimeoutError:
            raise Unreadable("too_long") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # whatever it may have started, too
            await process.wait()


def _within(limits: Limits, left: float) -> Limits:
    half = max(1, limits.seconds // 2)
    return replace(limits, seconds=min(half, ceil(left)), waiting=min(limits.waiting, left))


async def _timed(allowance: Allowance, work: Awaitable[Answer]) -> Answer:
    """The answer, its time taken off the allowance however it ended."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    try:
        return await work
    finally:
        allowance.left -= clock() - begun


def _type(content: bytes) -> files.Type:
    head = content[: files.HEAD]
    wrong = files.fault(head, len(content))
    if wrong is not None:
        raise Unreadable(wrong)
    type: files.Type = msgspec.convert(files.kind(head), files.Type)
    return type


def _read(said: bytes, ended: int) -> Answer:
    if ended in OUT_OF_TIME:
        raise Unreadable("too_long")
    if ended == NEVER_BEGAN:
        log.error("inspection.cannot_start", fix="run `make setup`: a library that opens documents is missing")
        raise Unavailable("Documents cannot be opened: the process for it does not start.")
    try:
        return msgspec.msgpack.decode(said, type=Answer)
    except msgspec.DecodeError:
        log.warning("inspection.died", ended=ended)
        raise Unreadable("unreadable") from None


async def _start() -> Process:
    try:
        # Without the environment, which holds the desk's secrets; what parsers print of a file is nobody's business.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", START, *sys.path),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise Unavailable("No process can be started to open documents.") from error


async def _exchange(process: Process, *parts: bytes) -> bytes:
    """Send the parts and read the answer to its end, or as much as an answer may have."""
    sink, source = process.stdin, process.stdout
    if sink is None or source is None:
        return b""
    with suppress(OSError):  # it died before it read everything: how it ended says why
        for part in parts:
            for at in range(0, len(part), PIECE):
                sink.write(part[at : at + PIECE])
                await sink.drain()
    sink.close()
    said = bytearray()
    while len(said) <= MOST_ANSWER and (piece := await source.read(PIECE)):
        said += piece
    if len(said) > MOST_ANSWER:
        raise Unreadable("unreadable")
    return bytes(said)
