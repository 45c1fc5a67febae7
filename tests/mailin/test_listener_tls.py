"""STARTTLS: offered with a certificate, and nothing said before it counts after it (THREATS T4)."""

import asyncio
import ssl
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from handlers.configuration.certificates import Certificate
from mailin import replies
from mailin.door import Limits
from tests.certificates import write_pair
from tests.mailin.smtp import HOSTNAME, MAILBOX, SENDER, Client, house

Ours = Callable[[], ssl.SSLContext]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    folder = tmp_path_factory.mktemp("tls")
    write_pair(folder / "cert.pem", folder / "key.pem", HOSTNAME)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def ours(certificate: tuple[Path, Path]) -> Callable[[], ssl.SSLContext]:
    """The server's side."""
    return Certificate(*certificate).context


@pytest.fixture
def theirs(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """The client's side, which trusts that certificate alone."""
    return ssl.create_default_context(cafile=str(certificate[0]))


async def encrypt(client: Client, context: ssl.SSLContext) -> None:
    """Go on encrypted."""
    await client.writer.start_tls(context, server_hostname=HOSTNAME)


async def test_a_mail_is_taken_encrypted(tmp_path: Path, ours: Ours, theirs: ssl.SSLContext) -> None:
    """STARTTLS is offered, works, is not offered again, and the envelope says so; a big mail goes through too."""
    big = b"x" * 1_000_000
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        assert await client.say("EHLO c") == replies.extensions(HOSTNAME, Limits().mail_bytes, starttls=True)
        assert await client.say("STARTTLS") == replies.TLS_READY
        await encrypt(client, theirs)
        assert await client.say("EHLO c") == replies.extensions(HOSTNAME, Limits().mail_bytes, starttls=False)
        assert await client.say("STARTTLS") == replies.TLS_TWICE
        assert await client.mail(b"small") == replies.ACCEPTED
        assert await client.mail(big) == replies.ACCEPTED
        assert await client.say("QUIT") == replies.BYE
        mails = await desk.spooled()
    assert [(mail.envelope.tls, mail.content) for mail in mails] == [(True, b"small\r\n"), (True, big + b"\r\n")]


async def test_what_was_said_in_the_clear_is_forgotten(tmp_path: Path, ours: Ours, theirs: ssl.SSLContext) -> None:
    """An attacker on the way cannot begin the session for the client (RFC 3207 4.2)."""
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.say("EHLO attacker.example")
        await client.say("MAIL FROM:<attacker@evil.example>")
        await client.say("STARTTLS")
        await encrypt(client, theirs)
        assert await client.say(f"RCPT TO:<{MAILBOX}>") == replies.SENDER_FIRST
        assert await client.say(f"MAIL FROM:<{SENDER}>") == replies.HELO_FIRST


async def test_commands_injected_before_the_handshake_are_dropped(
    tmp_path: Path, ours: Ours, theirs: ssl.SSLContext
) -> None:
    """What comes in the same packet as STARTTLS is never answered, neither before nor after the handshake."""
    injected = f"EHLO a\r\nMAIL FROM:<attacker@evil.example>\r\nRCPT TO:<{MAILBOX}>\r\n"
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.send(b"STARTTLS\r\n" + injected.encode())
        assert await client.hear() == replies.TLS_READY
        await encrypt(client, theirs)
        assert await client.say("DATA") == replies.SENDER_FIRST


async def test_more_plaintext_than_we_read_at_once_breaks_the_handshake(tmp_path: Path, ours: Ours) -> None:
    """Injected commands beyond the first packet are taken for TLS, which they are not: the session ends."""
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.send(b"STARTTLS\r\n" + b"NOOP\r\n" * 100_000)
        assert await client.hear() == replies.TLS_READY
        with suppress(ConnectionError):
            said = await asyncio.wait_for(client.reader.read(), 10)
            assert said.count(replies.OK) == 0
        await asyncio.sleep(0.1)
        assert desk.guests.count == 0


async def test_mail_can_be_made_to_need_tls(tmp_path: Path, ours: Ours, theirs: ssl.SSLContext) -> None:
    """Where it is asked for, nothing that concerns a mail is taken in the clear."""
    async with house(tmp_path, tls=ours, tls_required=True) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        for command in ("HELO c", "RSET", "HELP", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{MAILBOX}>", "DATA", "VRFY x"):
            assert await client.say(command) == replies.TLS_FIRST
        await client.say("STARTTLS")
        await encrypt(client, theirs)
        assert await client.mail(b"one") == replies.ACCEPTED


async def test_a_handshake_that_never_comes_ends_the_session(tmp_path: Path, ours: Ours) -> None:
    """STARTTLS is no way to hold a connection."""
    async with house(tmp_path, tls=ours, limits=Limits(command_seconds=0.2)) as desk:
        client = await desk.connect()
        await client.say("STARTTLS")
        await asyncio.sleep(0.6)
        assert desk.guests.count == 0


async def test_stopping_ends_encrypted_sessions_too(tmp_path: Path, ours: Ours, theirs: ssl.SSLContext) -> None:
    """A client that does not answer the end of TLS does not delay the stop."""
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.say("STARTTLS")
        await encrypt(client, theirs)
        await client.say("EHLO c")
        await asyncio.wait_for(desk.listener.stop(), 3)
        assert await client.hear() == replies.SHUTTING_DOWN
        assert desk.guests.count == 0


async def test_a_renewed_certificate_is_used_by_the_next_session(
    tmp_path: Path, ours: Ours, theirs: ssl.SSLContext
) -> None:
    """No restart: who comes after the files changed meets the new one, who is inside goes on."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    write_pair(cert, key, HOSTNAME)
    async with house(tmp_path, tls=Certificate(cert, key).context) as desk:
        inside = await desk.connect()
        await inside.say("STARTTLS")
        await encrypt(inside, ssl.create_default_context(cafile=str(cert)))
        write_pair(cert, key, HOSTNAME)
        after = await desk.connect()
        await after.say("STARTTLS")
        await encrypt(after, ssl.create_default_context(cafile=str(cert)))
        assert await after.mail(b"one") == await inside.mail(b"two") == replies.ACCEPTED


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_tls_of_today_is_spoken(
    tmp_path: Path, ours: Ours, theirs: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    """TLS 1.2 and 1.3, with a key of its own for every session."""
    theirs.maximum_version = version
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.say("STARTTLS")
        await encrypt(client, theirs)
        name, _, bits = client.writer.get_extra_info("cipher")
        assert "ECDHE" in name or name.startswith("TLS_")
        assert bits >= 128
        assert await client.mail(b"one") == replies.ACCEPTED


async def test_tls_of_yesterday_is_not(tmp_path: Path, ours: Ours, theirs: ssl.SSLContext) -> None:
    """TLS 1.1 and older are refused (RFC 8996)."""
    theirs.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs.minimum_version = ssl.TLSVersion.TLSv1
        theirs.maximum_version = ssl.TLSVersion.TLSv1_1
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.say("STARTTLS")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await encrypt(client, theirs)
