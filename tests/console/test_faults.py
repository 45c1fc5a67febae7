"""`check` says in people's words why a server was not reached."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from console import reach
from console.faults import why
from handlers.configuration.settings import Settings
from tests.certificates import write_pair
from tests.console.place import HOST
from tests.handlers.sink import open_sink


@asynccontextmanager
async def server(says: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port where one line is said to whoever comes, or where the connection is closed."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            if says is not None:
                writer.write(says)
                await reader.read()

    async with await asyncio.start_server(answer, HOST, 0, ssl=tls) as serving:
        yield serving.sockets[0].getsockname()[1]


async def said(url: str) -> str:
    """What `check` says of that relay, after its address."""
    found = await reach.relay(Settings.load(environ={"DESK_RELAY": url}))
    assert not found.well
    assert found.fix == reach.RELAY_FIX
    return found.says.partition(": ")[2]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No desk.toml of this folder counts."""
    monkeypatch.chdir(tmp_path)


async def test_a_port_where_nothing_listens_refuses() -> None:
    """And where a name has several addresses, each of them does."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    refused = "connection refused, nothing listens there"
    assert await said(f"smtp://{HOST}:{port}") == refused
    assert await said(f"smtps://localhost:{port}") == refused


async def test_a_host_that_does_not_exist_is_told() -> None:
    """Without a DNS at hand, that is told as well."""
    assert await said("smtp://no-such-host.invalid") in {
        "no such host",
        "its name cannot be looked up now: does the DNS answer?",
    }


async def test_a_server_that_never_greets_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that `check` waits, with TLS and without."""
    monkeypatch.setattr(reach, "SECONDS", 0.2)
    async with server(b"") as port:
        assert await said(f"smtp://{HOST}:{port}") == "timed out, nothing answers"
        assert await said(f"smtps://{HOST}:{port}") == "timed out, nothing answers"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there is no mail server"),
        (b"554 no \x1b[2J entry\r\n", "it answers 554 no \x1b[2J entry"),
        (None, "it closed the connection"),
    ],
)
async def test_a_server_that_is_none_or_turns_us_away_is_told(answer: bytes | None, words: str) -> None:
    """In its own words where it has some; `check` takes out of them what could steer a terminal."""
    async with server(answer) as port:
        assert await said(f"smtp://{HOST}:{port}") == words


async def test_a_certificate_that_cannot_be_trusted_and_a_port_without_tls_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The two ways in which TLS fails, which are mended in different places."""
    write_pair(tmp_path / "cert.pem", tmp_path / "key.pem", "relay.example")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with server(b"220 hello\r\n") as port:
        assert await said(f"smtps://{HOST}:{port}") == "TLS failed: does this port speak TLS from the start?"
    monkeypatch.setattr(reach, "is_loopback", lambda host: False)  # whose certificates are not looked at
    async with server(b"220 hello\r\n", tls) as port:
        assert (await said(f"smtps://{HOST}:{port}")).startswith("TLS failed, its certificate cannot be trusted: self")


async def test_a_wrong_password_is_told_without_the_password() -> None:
    """With the server's code."""
    async with open_sink() as sink:
        words = await said(f"smtp://desk:hush@{HOST}:{sink.port}")
    assert words == "it refuses this user and password (535)"


def test_what_nobody_foresaw_keeps_its_own_words() -> None:
    """The system's where there is a number, bounded, never nothing."""
    assert why(OSError(errno.EHOSTUNREACH, "x")) == "no route to host"
    assert why(socket.gaierror(socket.EAI_AGAIN, "x")) == "its name cannot be looked up now: does the DNS answer?"
    assert why(ValueError("odd\n" * 200)).startswith("odd odd")
    assert len(why(ValueError("odd" * 200))) == 200
    assert why(ValueError()) == "it failed without a word"
