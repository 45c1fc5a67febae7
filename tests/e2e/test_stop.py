"""The desk stops when it is asked to, and nothing that was accepted is lost."""

import asyncio
import json

import aiosmtplib
import pytest
from yarl import URL

from demo.house import House

SENDERS = 6
MAILBOX = "support@shopfactory.example"
PAUSE = 0.02  # 300 mails a second at most: a service takes 600 cases an hour
AT_ONCE_SECONDS = 1.0
STOP_SECONDS = 5.0


class Sender:
    """Keeps sending different mails; knows which were accepted, and sends the others again when asked to."""

    def __init__(self, house: House, name: str) -> None:
        self._house, self._name = house, name
        self.accepted = 0
        self.owed: list[bytes] = []

    async def keep_sending(self) -> None:
        while True:
            mail = self._mail(self.accepted)
            self.owed.append(mail)
            await self._house.send(mail)
            self.owed.remove(mail)
            self.accepted += 1
            await asyncio.sleep(PAUSE)

    async def send_owed(self) -> None:
        for mail in self.owed:
            await self._house.send(mail)
            self.accepted += 1

    def _mail(self, number: int) -> bytes:
        address = f"{self._name}.{number}@customers.example"
        return (
            f"Message-ID: <{address}>\nFrom: {address}\nTo: support@shopfactory.example\nSubject: Mot de passe\n"
            "Content-Type: text/plain; charset=utf-8\n\nBonjour, j'ai oublié mon mot de passe.\n"
        ).encode()


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.xdist_group("e2e")
async def test_sigterm_while_mail_comes_in_loses_nothing(running: House) -> None:
    """SIGTERM ends `serve` within 5 seconds; after the next start every mail has its case, and none has two."""
    senders = [Sender(running, f"sender{number}") for number in range(SENDERS)]
    sending = [asyncio.create_task(sender.keep_sending()) for sender in senders]
    await asyncio.sleep(AT_ONCE_SECONDS)
    seconds = await running.desk.stop()
    results = await asyncio.gather(*sending, return_exceptions=True)

    assert seconds < STOP_SECONDS
    assert running.desk.process.returncode == 0, running.desk.tail()
    assert all(isinstance(result, aiosmtplib.SMTPException | OSError) for result in results), results
    accepted = sum(sender.accepted for sender in senders)
    assert accepted >= SENDERS

    await running.desk.start()
    await asyncio.gather(*(sender.send_owed() for sender in senders))
    everything = sum(sender.accepted for sender in senders)
    assert await cases(running, everything) == everything


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.xdist_group("e2e")
async def test_nobody_who_holds_on_delays_the_stop(running: House) -> None:
    """A client amid DATA and one amid a form are let go within the 5 seconds, both at the same time."""
    held = [
        await talk(
            running.mail_port, "EHLO a.example", "MAIL FROM:<a@a.example>", f"RCPT TO:<{MAILBOX}>", "DATA", "Hm"
        ),
        await talk(URL(running.portal).port or 0, "POST /lost/shopfactory HTTP/1.1", "Content-Length: 100", "", "lo"),
    ]
    await asyncio.sleep(0.5)
    seconds = await running.desk.stop()
    assert seconds < STOP_SECONDS
    assert running.desk.process.returncode == 0, running.desk.tail()
    for writer in held:
        writer.close()


async def talk(port: int, *lines: str) -> asyncio.StreamWriter:
    """Say these lines, a moment apart, and hold the connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for line in lines:
        writer.write(f"{line}\r\n".encode())
        await asyncio.sleep(0.05)
    return writer


async def cases(house: House, wanted: int) -> int:
    """How many cases there are, once there are as many as wanted; gives up after a while."""
    found = 0
    for _ in range(8):
        listed = await house.desk.command("cases", "--json")
        found = len(json.loads(listed.output)["cases"])
        if found >= wanted:
            break
    return found
