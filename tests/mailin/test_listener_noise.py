"""Whatever comes over the wire, the door stays open for the next client and keeps only what it said 250 to."""

import asyncio
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from mailin import replies
from mailin.door import Limits
from tests.mailin.smtp import MAILBOX, SENDER, Client, house

WORDS = [
    b"EHLO c.example\r\n",
    f"MAIL FROM:<{SENDER}>\r\n".encode(),
    b"MAIL FROM:<> SIZE=99999999999999999999999\r\n",
    f"RCPT TO:<{MAILBOX}>\r\n".encode(),
    b"RCPT TO:<\xff\xfe>\r\n",
    b"DATA\r\n",
    b"\r\n.\r\n",
    b"RSET\r\n",
    b"STARTTLS\r\n",
    b"BDAT 86 LAST\r\n",
    b"\r",
    b"\n",
    b"\x00",
    b"<" * 300,
    b'MAIL FROM:<"' + b'"\\' * 200 + b">\r\n",
    b"x" * 3000,
    "MAIL FROM:<ıİß@ü.example> SMTPUTF8\r\n".encode(),
]
BEGUN = WORDS[0] + WORDS[1] + WORDS[3] + WORDS[5]


async def hear_all(client: Client) -> bytes:
    """Everything the server says until it hangs up."""
    heard = b""
    with suppress(ConnectionError):
        while data := await asyncio.wait_for(client.reader.read(65536), 10):
            heard += data
    return heard


@pytest.mark.parametrize("seed", range(4))
async def test_noise_breaks_nothing(tmp_path: Path, seed: int) -> None:
    """Sixty sessions of shuffled commands and rubbish: no failure of ours, and 250 was said once for each mail kept."""
    chance = Random(seed)  # noqa: S311
    async with house(tmp_path, limits=Limits(errors=50)) as desk:
        accepted = 0
        with capture_logs() as logs:
            for _ in range(60):
                client = await desk.connect()
                begun = chance.choice([b"", BEGUN])  # half of them get as far as DATA before the noise
                noise = begun + b"".join(chance.choices(WORDS, k=chance.randint(1, 40)))
                with suppress(ConnectionError):
                    await client.send(noise)
                    client.writer.write_eof()
                accepted += (await hear_all(client)).count(replies.ACCEPTED)
        assert [line for line in logs if line["log_level"] == "error"] == []
        assert len(await desk.spooled()) == accepted > 0
        assert desk.spool.pending_bytes == 0
        client = await desk.connect()
        assert await client.mail(b"still here") == replies.ACCEPTED
