"""The SMTP door says what RFC 5321 wants, takes mail only for us, and tells strangers nothing."""

import asyncio
import re
import smtplib
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import aiosmtpd
import pytest
from structlog.testing import capture_logs

from handlers.clock import system_clock
from mailin import replies
from tests.mailin.smtp import HOSTNAME, MAILBOX, SENDER, house


def send(port: int, message: EmailMessage) -> None:
    """Send as every Python program does."""
    with smtplib.SMTP("127.0.0.1", port) as session:
        session.send_message(message)


async def test_a_mail_is_in_the_spool_as_it_was_sent(tmp_path: Path) -> None:
    """What a usual client sends is kept with who, for whom, when and from where."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, MAILBOX, "mot de passe oublié"
    message.set_content("Bonjour,\n.un point\n..deux\nMerci\n", cte="8bit")
    async with house(tmp_path) as desk:
        await asyncio.to_thread(send, desk.port, message)
        [mail] = await desk.spooled()
    assert b"\r\n.un point\r\n..deux\r\nMerci\r\n" in mail.content
    assert (mail.envelope.mail_from, mail.envelope.rcpt_tos) == (SENDER, (MAILBOX,))
    assert (mail.envelope.peer, mail.envelope.tls, mail.envelope.size) == ("127.0.0.1", False, len(mail.content))
    assert timedelta() <= system_clock() - mail.envelope.received_at < timedelta(minutes=1)


async def test_every_step_is_answered_with_its_own_reply(tmp_path: Path) -> None:
    """Clients and operators can rely on each code and its enhanced status."""
    async with house(tmp_path) as desk:
        client = await desk.connect(greeted=False)
        assert await client.hear() == replies.greeting(HOSTNAME)
        assert await client.say("HELO client.example") == replies.hello(HOSTNAME)
        assert await client.say("EHLO client.example") == replies.extensions(HOSTNAME, 25 * 1024 * 1024, starttls=False)
        assert await client.say(f"MAIL FROM:<{SENDER}> SIZE=100 BODY=8BITMIME") == replies.SENDER_OK
        assert await client.say(f"RCPT TO:<{MAILBOX}>") == replies.RECIPIENT_OK
        assert await client.say("DATA") == replies.SEND_DATA
        assert await client.say("Subject: x\r\n\r\nhello\r\n.") == replies.ACCEPTED
        assert await client.say("NOOP") == replies.OK
        assert await client.say("RSET") == replies.OK
        assert await client.say("HELP") == replies.HELP
        assert await client.say("QUIT") == replies.BYE
        assert await client.is_hung_up()


async def test_the_banner_names_no_software(tmp_path: Path) -> None:
    """An attacker who looks for a vulnerable version learns nothing from us."""
    async with house(tmp_path) as desk:
        client = await desk.connect(greeted=False)
        words = await client.hear() + await client.say("EHLO x") + await client.say("HELP")
    assert not re.search(rb"python|smtpd|recovery|desk/|" + aiosmtpd.__version__.encode(), words, re.IGNORECASE)


@pytest.mark.parametrize("recipient", ["root@shop.example", "support@other.example", "nobody"])
async def test_only_our_mailboxes_are_accepted(tmp_path: Path, recipient: str) -> None:
    """We are nobody's open relay, and a mail without a good recipient has no DATA."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.say("EHLO client.example")
        await client.say(f"MAIL FROM:<{SENDER}>")
        assert await client.say(f"RCPT TO:<{recipient}>") == replies.NO_SUCH_MAILBOX
        assert await client.say("DATA") == replies.RECIPIENT_FIRST


async def test_the_null_sender_is_accepted(tmp_path: Path) -> None:
    """Bounces of our own letters must reach us (RFC 5321 4.5.5)."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        assert await client.mail(b"Subject: Undelivered", sender="") == replies.ACCEPTED
        [mail] = await desk.spooled()
    assert mail.envelope.mail_from == ""


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("VRFY support", replies.NOT_VERIFIED),
        ("EXPN staff", replies.NOT_OFFERED),
        ("AUTH PLAIN AGEAYg==", replies.UNKNOWN_COMMAND),
        ("BDAT 10 LAST", replies.UNKNOWN_COMMAND),
        ("GET / HTTP/1.1", replies.NOT_SMTP),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 40000 25", replies.NOT_SMTP),
        ("ſtarttls", replies.BAD_LINE),
        ("", replies.BAD_LINE),
        ("NOOP \x00", replies.BAD_LINE),
        ("NOOP " + "x" * 2000, replies.LINE_TOO_LONG),
        ("EHLO", replies.BAD_ARGUMENT),
        ("STARTTLS", replies.NOT_OFFERED),
        ("RSET now", replies.BAD_ARGUMENT),
        ("QUIT now", replies.BAD_ARGUMENT),
        ("VRFY", replies.BAD_ARGUMENT),
        ("NOOP whatever", replies.OK),
        ("HELP MAIL", replies.HELP),
        ("NOOP \t ", replies.OK),
        ("RCPT TO:<a@b.example>", replies.SENDER_FIRST),
        ("DATA", replies.SENDER_FIRST),
        ("MAIL TO:<a@b.example>", replies.BAD_ARGUMENT),
        ("MAIL FROM:a@b.example", replies.BAD_SENDER),
        ("MAIL FROM:<a b@b.example>", replies.BAD_SENDER),
    ],
)
async def test_what_we_do_not_do_is_refused_by_name(tmp_path: Path, command: str, reply: bytes) -> None:
    """Every refusal is a constant that says which rule was broken, and nothing about who lives here."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.say("EHLO client.example")
        assert await client.say(command) == reply


async def test_commands_have_an_order(tmp_path: Path) -> None:
    """No mail before a greeting, and no second mail inside the first."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        assert await client.say(f"MAIL FROM:<{SENDER}>") == replies.HELO_FIRST
        await client.say("EHLO client.example")
        await client.say(f"MAIL FROM:<{SENDER}>")
        assert await client.say(f"MAIL FROM:<{SENDER}>") == replies.SENDER_TWICE
        assert await client.say("RSET") == replies.OK
        assert await client.say(f"MAIL FROM:<{SENDER}>") == replies.SENDER_OK


@pytest.mark.parametrize("line", [b"NOOP\n", b"NOOP\rNOOP\r\n", b"NOOP \xff\r\n"])
async def test_a_command_is_one_line_of_utf8_ended_by_crlf(tmp_path: Path, line: bytes) -> None:
    """Nothing is read as a command that another server would read otherwise."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.send(line)
        assert await client.hear() == replies.BAD_LINE


async def test_a_client_may_talk_ahead(tmp_path: Path) -> None:
    """Pipelined commands are answered in order, also those behind the end of a mail (RFC 2920)."""
    ahead = f"EHLO c.example\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{MAILBOX}>\r\nDATA\r\none\r\n.\r\nNOOP\r\nQUIT\r\n"
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.send(ahead.encode())
        heard = [await client.hear() for _ in range(7)]
        assert len(await desk.spooled()) == 1
    expected = [replies.SENDER_OK, replies.RECIPIENT_OK, replies.SEND_DATA, replies.ACCEPTED, replies.OK, replies.BYE]
    assert heard[1:] == expected


async def test_replies_to_commands_that_came_together_go_together(tmp_path: Path) -> None:
    """RFC 2920 3.2: in one packet up to the 354, which is not waited with; and none is kept back."""
    ahead = f"EHLO c.example\r\nMAIL FROM:<{SENDER}>\r\n" + f"RCPT TO:<{MAILBOX}>\r\nRCPT TO:<x@y.example>\r\n" * 3
    together = replies.SENDER_OK + (replies.RECIPIENT_OK + replies.NO_SUCH_MAILBOX) * 3 + replies.SEND_DATA
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.send(f"{ahead}DATA\r\n".encode())
        await client.hear()
        assert await client.reader.read(65536) == together
        assert await client.say(".") == replies.ACCEPTED
        await client.send(f"{ahead}RSET\r\nRSET".encode())
        await client.hear()
        assert [await client.hear() for _ in range(8)][-1] == replies.OK
        assert await client.say("") == replies.OK


async def test_our_own_failure_tells_strangers_nothing(tmp_path: Path) -> None:
    """An exception becomes 451 and one line in the log that holds neither its words nor the client's."""

    def fails(address: str) -> bool:
        raise ValueError(f"secret detail about {address}")

    async with house(tmp_path, accepts=fails) as desk:
        client = await desk.connect()
        await client.say("EHLO client.example")
        await client.say(f"MAIL FROM:<{SENDER}>")
        with capture_logs() as logs:
            assert await client.say(f"RCPT TO:<{MAILBOX}>") == replies.FAILED
        assert await client.is_hung_up()
    [line] = logs
    assert (line["event"], line["error"], line["verb"]) == ("smtp.failed", "ValueError", "RCPT")
    assert "secret" not in str(line)
    assert MAILBOX not in str(line)


async def test_fifty_sessions_at_once_are_each_kept_once(tmp_path: Path) -> None:
    """Shared syncs lose nothing and double nothing."""
    from mailin.door import Limits

    async def session(number: int) -> bytes:
        client = await desk.connect()
        return await client.mail(f"Subject: {number}".encode())

    async with house(tmp_path, limits=Limits(sessions_per_address=50)) as desk:
        heard = await asyncio.gather(*(session(number) for number in range(50)))
        subjects = [mail.content for mail in await desk.spooled()]
    assert set(heard) == {replies.ACCEPTED}
    assert sorted(subjects) == sorted(f"Subject: {number}\r\n".encode() for number in range(50))


async def test_two_mails_in_one_session_do_not_share_recipients(tmp_path: Path) -> None:
    """After a mail everything about it is forgotten."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.mail(b"one")
        assert await client.say("DATA") == replies.SENDER_FIRST
        assert await client.mail(b"two") == replies.ACCEPTED
        assert [mail.envelope.rcpt_tos for mail in await desk.spooled()] == [(MAILBOX,), (MAILBOX,)]
