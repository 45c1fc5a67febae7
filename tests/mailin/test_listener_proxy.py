"""The PROXY protocol (versions 1 and 2): behind a load balancer, a client is who the balancer says, and nobody else."""

import asyncio
import ssl
import struct
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from handlers.configuration.certificates import Certificate
from mailin import replies
from mailin.door import Limits
from tests.certificates import write_pair
from tests.mailin.smtp import HOSTNAME, LOOPBACK, Client, House, house

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def one(client: str = "198.51.100.7") -> bytes:
    """A header of version 1."""
    version = ip_address(client).version
    server = "192.0.2.1" if version == 4 else "2001:db8::1"
    return f"PROXY TCP{4 if version == 4 else 6} {client} {server} 40000 25\r\n".encode()


def two(client: str = "198.51.100.7", command: int = 0x21, tail: bytes = b"") -> bytes:
    """A header of version 2."""
    source = ip_address(client)
    server = ip_address("192.0.2.1" if source.version == 4 else "2001:db8::1")
    family = 0x11 if source.version == 4 else 0x21
    body = source.packed + server.packed + struct.pack("!HH", 40000, 25) + tail
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


async def introduced(desk: House, header: bytes) -> Client:
    """A client whose balancer said the header, greeting heard."""
    client = await desk.connect(greeted=False)
    await client.send(header)
    assert await client.hear() == replies.greeting(HOSTNAME)
    return client


@pytest.mark.parametrize("header", [one, two])
@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8:7::7"])
async def test_the_client_is_who_the_balancer_says(
    tmp_path: Path, header: Callable[[str], bytes], address: str
) -> None:
    """The envelope, and the log of a refusal, have the client's address and not the balancer's."""
    async with house(tmp_path, balancers=LOOPBACK) as desk:
        client = await introduced(desk, header(address))
        assert await client.mail(b"one") == replies.ACCEPTED
        with capture_logs() as logs:
            assert await client.mail(b"two\nthree") == replies.BARE_LINE_END
        assert [line["peer"] for line in logs if line["event"] == "mail.refused"] == [address]
        assert [mail.envelope.peer for mail in await desk.spooled()] == [address]


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n",
        two(command=0x20),
        SIGNATURE + b"\x20\x00\x00\x00",
        SIGNATURE + b"\x21\x00\x00\x03abc",
    ],
)
async def test_the_balancer_may_come_itself(tmp_path: Path, header: bytes) -> None:
    """Health checks and what it does not know (LOCAL, UNKNOWN, UNSPEC): the address is the connection's own."""
    async with house(tmp_path, balancers=LOOPBACK) as desk:
        client = await introduced(desk, header)
        assert await client.mail(b"one") == replies.ACCEPTED
        assert [mail.envelope.peer for mail in await desk.spooled()] == ["127.0.0.1"]


async def test_more_in_the_header_does_no_harm(tmp_path: Path) -> None:
    """Version 2 may bring further values; they are read over, and the commands behind them are not."""
    async with house(tmp_path, balancers=LOOPBACK) as desk:
        client = await introduced(desk, two(tail=b"\x05\x00\x03abc" + b"\x04\x10\x00" + bytes(4096)))
        assert await client.mail(b"one") == replies.ACCEPTED


@pytest.mark.parametrize("header", [one(), two("2001:db8:7::7")])
async def test_a_header_may_come_in_pieces(tmp_path: Path, header: bytes) -> None:
    """Byte by byte it is the same header, and commands right behind it are heard."""
    async with house(tmp_path, balancers=LOOPBACK) as desk:
        client = await desk.connect(greeted=False)
        for octet in header[:-1]:
            await client.send(bytes([octet]))
            await asyncio.sleep(0.001)
        await client.send(header[-1:] + b"NOOP\r\n")
        assert [await client.hear(), await client.hear()] == [replies.greeting(HOSTNAME), replies.OK]


@pytest.mark.parametrize(
    "said",
    [
        b"EHLO c.example\r\nMAIL FROM:<>\r\n",
        b"PROXY TCP4 198.51.100.7\r\n",
        b"PROXY TCP4 198.51.100.300 192.0.2.1 40000 25\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 40000 25\r\n",
        b"PROXY TCP4 198.51.100.7 192.0.2.1 40000 65536\r\n",
        b"PROXY TCP4 198.51.100.7 192.0.2.1 40000 25\n",
        b"PROXY UDP4 198.51.100.7 192.0.2.1 40000 25\r\n",
        b"PROXY UNKNOWN " + b"x" * 100 + b"\r\n",
        b"PROXY " + b"x" * 5000,
        SIGNATURE + b"\x11\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x22\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x12\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\x00\x02ab",
        SIGNATURE[:-1] + b"\r\x21\x11\x00\x0c" + bytes(12),
    ],
)
async def test_what_is_no_header_ends_the_connection(tmp_path: Path, said: bytes) -> None:
    """Nothing is guessed and nothing answered; the log says which balancer said something wrong."""
    async with house(tmp_path, balancers=LOOPBACK) as desk:
        client = await desk.connect(greeted=False)
        with capture_logs() as logs:
            await client.send(said)
            assert await client.is_hung_up()
        assert [(line["event"], line["balancer"]) for line in logs] == [("smtp.no_header", "127.0.0.1")]
        assert desk.guests.count == 0


@pytest.mark.parametrize("said", [b"", b"PROXY TCP4 198.", SIGNATURE, SIGNATURE + b"\x21\x11\xff\xff" + bytes(99)])
async def test_a_header_that_does_not_come_is_not_awaited_for_ever(tmp_path: Path, said: bytes) -> None:
    """Not even one that is dripped."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(header_seconds=0.2)) as desk:
        client = await desk.connect(greeted=False)
        began = time.monotonic()
        await client.send(said)
        assert await client.is_hung_up()
        assert time.monotonic() - began < 2
        assert desk.guests.count == 0


@pytest.mark.parametrize("said", [one(), two()])
async def test_nobody_else_may_say_who_they_are(tmp_path: Path, said: bytes) -> None:
    """A header from another network is no header: the session ends, or what it said is no command."""
    async with house(tmp_path, balancers=("192.0.2.0/24",)) as desk:
        client = await desk.connect()
        await client.send(said)
        assert await client.hear() in (replies.NOT_SMTP, replies.BAD_LINE)
        other = await desk.connect()
        assert await other.mail(b"one") == replies.ACCEPTED
        assert [mail.envelope.peer for mail in await desk.spooled()] == ["127.0.0.1"]


async def test_limits_are_the_clients_and_not_the_balancers(tmp_path: Path) -> None:
    """Each client has its own places; all of one network share them."""
    async with house(tmp_path, balancers=LOOPBACK, limits=Limits(sessions_per_address=1)) as desk:
        await introduced(desk, two("2001:db8:7::7"))
        await introduced(desk, one("198.51.100.7"))
        neighbour = await desk.connect(greeted=False)
        await neighbour.send(two("2001:db8:7::8"))
        assert await neighbour.hear() == replies.TOO_MANY_FROM_YOU


async def test_tls_works_behind_a_balancer(tmp_path: Path) -> None:
    """The header comes in the clear, and once; STARTTLS follows as ever."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    write_pair(cert, key, HOSTNAME)
    async with house(tmp_path, balancers=LOOPBACK, tls=Certificate(cert, key).context) as desk:
        client = await introduced(desk, two())
        assert await client.say("STARTTLS") == replies.TLS_READY
        await client.writer.start_tls(ssl.create_default_context(cafile=str(cert)), server_hostname=HOSTNAME)
        assert await client.mail(b"one") == replies.ACCEPTED
        [mail] = await desk.spooled()
    assert (mail.envelope.peer, mail.envelope.tls) == ("198.51.100.7", True)
