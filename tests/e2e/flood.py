"""A flood of mails on a real desk that is killed meanwhile, and the count of what became of each.

`python -m tests.e2e.flood --mails 10000 --senders 20 --kills 2` plays it at full length and prints what it found.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from demo.house import at_home, free_ports
from demo.inbox import HOST
from demo.names import EVERY_DOMAIN, name_server
from demo.serving import Serving
from handlers.configuration.opening import opened
from handlers.configuration.settings import Settings
from handlers.model.case import Case, Received
from handlers.model.outbox import SetAside
from handlers.rules.origins import requester_keys, sender_of
from mailin import segments
from mailin.reader import understand
from tests.mailin.smtp import Client
from tests.waiting import until

HOSTILE_EVERY = 10
MAILBOX = "support@shopfactory.example"
CALM_SECONDS = 300.0
AT = datetime(2026, 11, 22, tzinfo=UTC)


class Mail(NamedTuple):
    """A mail to send: who hands it in, and its bytes, dots stuffed and lines ended."""

    sender: str
    content: bytes


class Outcome(NamedTuple):
    """What became of the mails that got 250: how many, the lost, those taken in twice, and what was set aside."""

    accepted: int
    lost: list[int]
    twice: list[int]
    aside: int
    seconds: float


def make(number: int) -> Mail:
    """The mail of that number, its own sender's; every tenth is hostile, each in one of many ways."""
    sender = f"writer{number:05d}@customers.example"
    head = f"From: {sender}\nTo: {MAILBOX}\nSubject: mot de passe {number}\nMessage-ID: <{number}@flood.example>\n"
    if number % HOSTILE_EVERY:
        return _mail(sender, f"{head}\nBonjour, j'ai oublié mon mot de passe ({number}).\n".encode())
    shape = HOSTILE[number // HOSTILE_EVERY % len(HOSTILE)]
    return _mail(sender, shape(head))


def _mail(sender: str, content: bytes) -> Mail:
    lines = content.replace(b"\r", b"").split(b"\n")
    return Mail(sender, b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines))


def _nested(head: str) -> bytes:
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\n\n--b{at}\n' for at in range(300))
    return f"{head}{parts}\nau fond\n".encode()


def _many_parts(head: str) -> bytes:
    parts = "--b\n\nx\n" * 5000
    return f"{head}Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n".encode()


def _long_header(head: str) -> bytes:
    return f"{head}X-Long: {'x' * 400_000}\n\nperdu\n".encode()


def _long_line(head: str) -> bytes:
    return f"{head}\n{'a@b.example ' * 60_000}\n".encode()


def _deep_html(head: str) -> bytes:
    return f"{head}Content-Type: text/html\n\n{'<div>' * 30_000}mot de passe{'<table><tr>' * 10_000}".encode()


def _garbage(head: str) -> bytes:
    noise = bytes(byte for byte in range(256) if byte not in b"\r\n") * 200
    return f"{head}Content-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: base64\n\n".encode() + noise


def _program(head: str) -> bytes:
    body = b64encode(b"MZ" + b"\0" * 4000)
    form = 'Content-Type: application/pdf; name="../../kbis.pdf.exe"\nContent-Transfer-Encoding: base64\n\n'
    return f"{head}{form}".encode() + body


def _no_headers(head: str) -> bytes:
    return b"\n" + head.encode()


def _several_senders(head: str) -> bytes:
    return f"From: eve@evil.example, mallory@evil.example\n{head}\nmot de passe\n".encode()


def _marks(head: str) -> bytes:
    return f"{head}\n{'e' + chr(0x301) * 20_000}\u202e{chr(0x200B) * 5000} mot de passe\n".encode()


HOSTILE: tuple[Callable[[str], bytes], ...] = (
    _nested, _many_parts, _long_header, _long_line, _deep_html, _garbage, _program, _no_headers, _several_senders,
    _marks,
)  # fmt: skip


class Flood:
    """Senders that try each mail until it gets 250, as mail servers do, whatever happens to the desk meanwhile."""

    def __init__(self, port: int, numbers: Iterable[int], mail: Callable[[int], Mail] = make) -> None:
        self.accepted: list[int] = []
        self._port, self._left, self._make = port, iter(numbers), mail

    async def send(self, senders: int) -> None:
        """Send all mails over so many connections at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(senders):
                group.create_task(self._sender())

    def has_come_to(self, mails: int) -> bool:
        """Whether so many mails were accepted."""
        return len(self.accepted) >= mails

    async def _sender(self) -> None:
        client: Client | None = None
        for number in self._left:
            mail = self._make(number)
            while True:
                try:
                    client = client or await self._connect()
                    if await self._accepted(client, mail):
                        break
                except (OSError, TimeoutError, EOFError):
                    client = None
                await asyncio.sleep(0.05)
            self.accepted.append(number)
        if client:
            await client.close()

    async def _connect(self) -> Client:
        client = Client(*await asyncio.open_connection(HOST, self._port))
        if not (await client.hear()).startswith(b"220"):
            raise EOFError
        await client.say("EHLO customers.example")
        return client

    async def _accepted(self, client: Client, mail: Mail) -> bool:
        for line, code in ((f"MAIL FROM:<{mail.sender}>", b"250"), (f"RCPT TO:<{MAILBOX}>", b"250"), ("DATA", b"354")):
            heard = await client.say(line)
            if not heard.startswith(code):
                await client.close()
                raise EOFError
        await client.send(mail.content + b"\r\n.\r\n")
        heard = await client.hear()
        if not heard:
            raise EOFError
        return heard.startswith(b"250")


class Flooded(NamedTuple):
    """A desk to flood: where it takes mail, its process, and its settings."""

    port: int
    desk: Serving
    settings: dict[str, str]

    async def drained(self) -> None:
        """Wait until every mail that was accepted is done or set aside."""
        spool = Path(self.settings["DESK_DATA"]) / "spool"
        await until(lambda: _is_drained(spool), CALM_SECONDS)


@asynccontextmanager
async def flooded(folder: Path, zone: str = EVERY_DOMAIN) -> AsyncIterator[Flooded]:
    """A desk in `folder` that takes mail from any one machine as fast as it comes, and a name server for it."""
    async with name_server(zone) as names:
        mail, portal, health = free_ports(3)
        own = {"DESK_MAIL_MAX_PER_MINUTE": "1000000", "DESK_RELAY": f"file://{folder}/letters", "DESK_DNS": names.at}
        settings = at_home(folder, mail, portal, health) | own
        desk = Serving(folder, settings, health=f"http://{HOST}:{health}")
        await desk.start()
        try:
            yield Flooded(mail, desk, settings)
        finally:
            await desk.stop()


async def play(folder: Path, mails: int, senders: int, kills: int) -> Outcome:
    """Send the mails to a desk in `folder` that is killed so many times; returns what became of them."""
    began = monotonic()
    async with flooded(folder) as house:
        flood = Flood(house.port, range(mails))
        sending = asyncio.create_task(flood.send(senders))
        for kill in range(1, kills + 1):
            await until(partial(flood.has_come_to, mails * kill // (kills + 1)), CALM_SECONDS)
            await house.desk.kill()
            await house.desk.start()
        await sending
        await house.drained()
    return await _counted(folder, house.settings, flood.accepted, monotonic() - began)


def _is_drained(spool: Path) -> bool:
    """Whether every mail in the segments is done."""
    try:
        return all(_is_done(spool, number) for number in segments.numbers(spool))
    except FileNotFoundError:  # the desk has just deleted one: look again
        return False


def _is_done(spool: Path, number: int) -> bool:
    done = segments.read_done(segments.done_path(spool, number))
    parts = segments.scan(segments.segment_path(spool, number))
    return all(json.loads(part.envelope)["id"] in done for part in parts if isinstance(part, segments.Record))


async def _counted(folder: Path, settings: dict[str, str], accepted: list[int], seconds: float) -> Outcome:
    notes = [json.loads(path.read_text()) for path in (folder / "data" / "spool" / "aside").glob("*.json")]
    aside = {note["envelope"]["mail_from"] for note in notes if note.get("envelope")}
    async with opened(Settings.load(environ=settings), read_only=True) as desk:
        received = {one.id for one in await desk.store.find(Received)}
        named = {one.id for one in await desk.store.find(SetAside)}
        cases = Counter(case.requester_key for case in await desk.store.find(Case))
    lost, twice = [], []
    for number in accepted:
        mail = make(number)
        identities = _identities(mail)
        if received.isdisjoint(identities.values()) and mail.sender not in aside:
            lost.append(number)
        if sum(cases[key] for key in identities) + (mail.sender in aside) > 1:
            twice.append(number)
    assert {note["id"] for note in notes} <= named, "a mail that was set aside is not named"
    return Outcome(len(accepted), lost, twice, len(aside), seconds)


def _identities(mail: Mail) -> dict[str, str]:
    """The keys a mail's sender may have, each with the id under which the desk notes then that it came."""
    content = mail.content.replace(b"\r\n..", b"\r\n.") + b"\r\n"
    read = understand(content, services=(), received_at=AT, mail_from=mail.sender)
    keys = requester_keys(sender_of(read))
    return {key: hashlib.sha256(f"{key} {read.message_id}".encode()).hexdigest() for key in keys}


def main() -> int:
    """Play it at the length asked for; ends with 1 when a mail was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=20)
    parser.add_argument("--kills", type=int, default=2)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recovery-desk-flood-") as folder:
        outcome = asyncio.run(play(Path(folder), wanted.mails, wanted.senders, wanted.kills))
    print(outcome)
    return 1 if outcome.lost or outcome.twice or outcome.accepted < wanted.mails else 0


if __name__ == "__main__":
    sys.exit(main())
