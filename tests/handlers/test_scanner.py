"""Files are shown to clamd when there is one; whatever goes wrong with it, nothing is called clean (rule 10)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import pytest
import structlog

from handlers.configuration.endpoints import HostPort
from handlers.files.scanner import Scanner
from handlers.rules.files import FILE_BYTES

# In two pieces, so that no scanner takes this file for the harmless virus of EICAR.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Says = Callable[[bytes], bytes]


async def received(reader: asyncio.StreamReader) -> bytes:
    """What came by INSTREAM: pieces, each behind its length, up to one of length 0 (clamd(8))."""
    assert await reader.readline() == b"nINSTREAM\n"
    content = bytearray()
    while length := struct.unpack("!L", await reader.readexactly(4))[0]:
        content += await reader.readexactly(length)
    return bytes(content)


def verdict(content: bytes) -> bytes:
    """What clamd says of a file, with the one signature everybody has."""
    return b"stream: Win.Test.EICAR_HDB-1 FOUND\n" if EICAR in content else b"stream: OK\n"


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[HostPort]:
    """A server on loopback."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await serve(reader, writer)

    async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
        yield HostPort(host="127.0.0.1", port=server.sockets[0].getsockname()[1])


@asynccontextmanager
async def clamd(says: Says = verdict) -> AsyncIterator[HostPort]:
    """A clamd that takes files and says what it is told to."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says(await received(reader)))
        await writer.drain()
        writer.close()

    async with listening(serve) as where:
        yield where


async def test_a_file_is_clean_only_when_clamd_says_so() -> None:
    """A harmless file and the one every scanner knows, also deep inside ten megabytes."""
    async with clamd() as where:
        scanner = Scanner(where)
        assert await scanner.scan(b"%PDF-1.7 harmless") == "clean"
        assert await scanner.scan(EICAR) == "infected"
        assert await scanner.scan(bytes(FILE_BYTES - 1000) + EICAR + bytes(500)) == "infected"
        assert await scanner.scan(b"") == "clean"


async def test_clamd_gets_every_byte() -> None:
    """What is scanned is what was sent."""
    content, seen = bytes(range(256)) * 5000, []

    def keep(came: bytes) -> bytes:
        seen.append(came)
        return b"stream: OK\n"

    async with clamd(keep) as where:
        await Scanner(where).scan(content)
    assert seen == [content]


async def test_without_clamd_nothing_is_clean() -> None:
    """The default: staff are told that nobody looked."""
    assert await Scanner().scan(b"%PDF-") == "not_scanned"


async def test_a_clamd_that_is_down_is_told_and_nothing_is_clean(free_port: int) -> None:
    """The desk goes on, staff read "not scanned", the operator reads why."""
    with structlog.testing.capture_logs() as logs:
        assert await Scanner(HostPort(host="127.0.0.1", port=free_port)).scan(b"%PDF-") == "not_scanned"
    assert [line["event"] for line in logs] == ["scanner.failed"]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\n",
        b"stream: Heuristics.Limits.Exceeded ERROR\n",
        b"INSTREAM size limit exceeded. ERROR\n",
        b"another: OK\n",
        b"OK\n",
        b"stream: OK FOUND ERROR\n",
        b"HTTP/1.1 200 OK\r\n\r\nstream: OK",
        b"\xff\xfe\n",
        b"x" * 100_000,
    ],
)
async def test_an_answer_that_is_no_verdict_is_none(said: bytes) -> None:
    """Errors, other protocols and noise are no reason to trust a file."""
    async with clamd(lambda _: said) as where:
        with structlog.testing.capture_logs() as logs:
            assert await Scanner(where).scan(b"%PDF-") == "not_scanned"
    assert [line["event"] for line in logs] == ["scanner.failed"]


async def test_a_clamd_that_hangs_is_not_waited_for_long() -> None:
    """It takes the connection and says nothing, as when it loads signatures."""

    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(hang) as where:
        assert await asyncio.wait_for(Scanner(where, seconds=0.2).scan(bytes(1000)), 5) == "not_scanned"


async def test_a_clamd_that_hangs_up_in_the_middle_is_survived() -> None:
    """As it does when a file is larger than its StreamMaxLength."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(10)
        writer.transport.abort()

    async with listening(serve) as where:
        assert await Scanner(where).scan(bytes(FILE_BYTES)) == "not_scanned"
