"""STARTTLS: offered with a certificate, and nothing said before it counts after it (THREATS T4)."""

import asyncio
import ssl
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from handlers.clock import system_clock
from mailin import replies
from mailin.door import Limits
from tests.mailin.smtp import HOSTNAME, MAILBOX, SENDER, Client, house


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), system_clock()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTNAME)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOSTNAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "door.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form) + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def ours(certificate: Path) -> ssl.SSLContext:
    """The server's side."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def theirs(certificate: Path) -> ssl.SSLContext:
    """The client's side, which trusts that certificate alone."""
    return ssl.create_default_context(cafile=str(certificate))


async def encrypt(client: Client, context: ssl.SSLContext) -> None:
    """Go on encrypted."""
    await client.writer.start_tls(context, server_hostname=HOSTNAME)


async def test_a_mail_is_taken_encrypted(tmp_path: Path, ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
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


async def test_what_was_said_in_the_clear_is_forgotten(
    tmp_path: Path, ours: ssl.SSLContext, theirs: ssl.SSLContext
) -> None:
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
    tmp_path: Path, ours: ssl.SSLContext, theirs: ssl.SSLContext
) -> None:
    """What comes in the same packet as STARTTLS is never answered, neither before nor after the handshake."""
    injected = f"EHLO a\r\nMAIL FROM:<attacker@evil.example>\r\nRCPT TO:<{MAILBOX}>\r\n"
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.send(b"STARTTLS\r\n" + injected.encode())
        assert await client.hear() == replies.TLS_READY
        await encrypt(client, theirs)
        assert await client.say("DATA") == replies.SENDER_FIRST


async def test_more_plaintext_than_we_read_at_once_breaks_the_handshake(tmp_path: Path, ours: ssl.SSLContext) -> None:
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


async def test_mail_can_be_made_to_need_tls(tmp_path: Path, ours: ssl.SSLContext, theirs: ssl.SSLContext) -> None:
    """Where it is asked for, nothing that concerns a mail is taken in the clear."""
    async with house(tmp_path, tls=ours, tls_required=True) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        for command in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{MAILBOX}>", "DATA", "VRFY x"):
            assert await client.say(command) == replies.TLS_FIRST
        await client.say("STARTTLS")
        await encrypt(client, theirs)
        assert await client.mail(b"one") == replies.ACCEPTED


async def test_a_handshake_that_never_comes_ends_the_session(tmp_path: Path, ours: ssl.SSLContext) -> None:
    """STARTTLS is no way to hold a connection."""
    async with house(tmp_path, tls=ours, limits=Limits(command_seconds=0.2)) as desk:
        client = await desk.connect()
        await client.say("STARTTLS")
        await asyncio.sleep(0.6)
        assert desk.guests.count == 0


async def test_stopping_ends_encrypted_sessions_too(
    tmp_path: Path, ours: ssl.SSLContext, theirs: ssl.SSLContext
) -> None:
    """A client that does not answer the end of TLS does not delay the stop."""
    async with house(tmp_path, tls=ours) as desk:
        client = await desk.connect()
        await client.say("STARTTLS")
        await encrypt(client, theirs)
        await client.say("EHLO c")
        await asyncio.wait_for(desk.listener.stop(), 3)
        assert await client.hear() == replies.SHUTTING_DOWN
        assert desk.guests.count == 0
