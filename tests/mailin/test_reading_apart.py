"""Mails are read in processes of their own: the desk goes on whatever becomes of these."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import quopri
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from handlers.model.case import Case
from handlers.model.errors import Invalid
from handlers.rules.files import FILE_BYTES, FILES, HEAD, SUBMISSION_BYTES, fault
from mailin import worker
from mailin.apart import ReaderDied, Readers, TooLong
from mailin.envelope import Envelope, SpoolId
from mailin.reading import LENGTH
from mailin.spool import Spool, Spooled
from tests.builders import DeskUnderTest, open_desk
from tests.mailin.reading import NOW, SERVICES, make_mail, read
from tests.mailin.smtp import keep
from tests.waiting import until

SLOW = b"Content-Type: multipart/mixed; boundary=b\n\n" + 5 * (
    b"--b\nContent-Type: text/html\n\n" + b"<p>a" * 46_000 + b"\n"
)
SLOW_SECONDS = 0.1  # of the processor: a fraction of what the slow mail takes, many times what others do


def spooled(content: bytes) -> Spooled:
    """A mail that waits."""
    envelope = Envelope(
        id=SpoolId("00000001-00000001"), received_at=NOW, peer="127.0.0.1", helo="x", mail_from="marie@clients.example",
        rcpt_tos=("support@esp.example",), tls=False, smtputf8=False, size=len(content),
    )  # fmt: skip
    return Spooled(envelope, content)


@asynccontextmanager
async def reading(seconds: float = 10.0, most: int = 1) -> AsyncIterator[Readers]:
    """Readers, ended at the end."""
    readers = Readers(SERVICES, seconds, most)
    try:
        yield readers
    finally:
        await readers.close()


def children() -> set[int]:
    """The pids of the processes this one started and that still run."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def environment(pid: int) -> bytes:
    """What a process was started with."""
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_a_mail_read_apart_is_the_same() -> None:
    """Nothing is lost on the way: sender, recipients, time and text, however big the mail."""
    async with reading() as readers:
        for text in ("mot de passe perdu", "é" * 3_000_000):
            raw = make_mail(text).encode()
            there = (await readers.understand(spooled(raw))).mail
            assert (there.mail_from, there.recipients) == ("marie@clients.example", ("support@esp.example",))
            assert there.text == read(raw).text
            assert there.received_at == NOW


async def test_a_mail_that_takes_too_long_ends_its_process_only() -> None:
    """The next mail is read by a new one."""
    async with reading(SLOW_SECONDS) as readers:
        with pytest.raises(TooLong, match="took more than"):
            await readers.understand(spooled(SLOW))
        assert (await readers.understand(spooled(b"Subject: x\n\nbonjour"))).mail.text == "bonjour"


async def test_a_process_that_dies_is_replaced() -> None:
    """Out of memory, it is killed: that mail fails, the next one is read."""
    before = children()
    async with reading() as readers:
        await readers.warm_up()
        [pid] = children() - before
        asyncio.get_running_loop().call_later(0.05, os.kill, pid, signal.SIGKILL)
        with pytest.raises(ReaderDied):
            await readers.understand(spooled(SLOW))
        assert (await readers.understand(spooled(b"Subject: x\n\nbonjour"))).mail.text == "bonjour"


async def test_a_process_that_reads_mails_knows_none_of_the_desks_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever found a hole in it would find no key there."""
    monkeypatch.setenv("DESK_KEYS", "the keys")
    before = children()
    async with reading() as readers:
        await readers.warm_up()
        [pid] = children() - before
        assert b"the keys" not in environment(pid)


async def test_who_stops_waiting_leaves_no_half_answer_behind() -> None:
    """A cancelled mail's answer is never taken for the next mail's."""
    async with reading() as readers:
        await readers.warm_up()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(readers.understand(spooled(SLOW)), 0.02)
        assert (await readers.understand(spooled(b"Subject: x\n\nbonjour"))).mail.text == "bonjour"


async def test_no_process_outlives_its_readers() -> None:
    """Closing ends them at once, at work or not."""
    before = children()
    async with reading(most=2) as readers:
        await asyncio.gather(readers.warm_up(), readers.warm_up())
        waiting = asyncio.create_task(readers.understand(spooled(SLOW)))
        await asyncio.sleep(0.02)
        assert len(children() - before) == 2
    assert children() == before
    with pytest.raises(ReaderDied):
        await waiting


def test_a_process_whose_desk_was_killed_ends_by_itself() -> None:
    """Its input closes, also in the middle of a mail."""
    for said in (b"", LENGTH.pack(1000), LENGTH.pack(1000) + b"{"):
        command = [sys.executable, "-c", "from mailin.reading import serve; serve()"]
        done = subprocess.run(command, input=said, capture_output=True, timeout=20, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@asynccontextmanager
async def working(spool: Spool, house: DeskUnderTest) -> AsyncIterator[None]:
    """The worker at work, with little patience."""
    task = asyncio.create_task(worker.run(spool, house.desk, SLOW_SECONDS))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await spool.close()


async def test_mails_that_take_too_long_are_set_aside_while_others_go_through(tmp_path: Path) -> None:
    """Staff see them with the reason; the customers around them have their cases."""
    wish = make_mail("J'ai perdu mon mot de passe").encode()
    async with open_desk(tmp_path) as house:
        spool = await Spool.open(tmp_path / "spool")
        for content in (SLOW, wish, SLOW, wish.replace(b"marie@", b"jeanne@"), SLOW):
            await keep(spool, content, mailbox="support@shopfactory.example")
        async with working(spool, house):
            await until(lambda: not spool.pending, 20)
            aside = await spool.aside()
        assert [one.reason for one in aside] == [f"it took more than {SLOW_SECONDS:g} seconds to read"] * 3
        assert len(await house.desk.store.find(Case)) == 2


def with_files(*contents: bytes, encoding: str = "base64") -> bytes:
    """A mail with a text, and these files."""
    coded = [base64.encodebytes(one) if encoding == "base64" else quopri.encodestring(one) for one in contents]
    head = f"Content-Type: application/octet-stream\nContent-Transfer-Encoding: {encoding}\n\n".encode()
    parts = [b"Content-Type: text/plain\n\nvoici mes documents\n", *(head + body for body in coded)]
    body = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + body + b"--b--\n"


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
async def test_the_files_of_a_mail_come_back_byte_for_byte(encoding: str) -> None:
    """Those asked for, in the order asked, numbered as the mail lists them."""
    contents = (bytes(range(256)) * 300, b"%PDF-1.7", "été\n".encode())
    raw = with_files(*contents, encoding=encoding)
    async with reading() as readers:
        listed = (await readers.understand(spooled(raw))).mail.attachments
        found = await readers.files(spooled(raw), (2, 0))
        assert [hashlib.sha256(one).hexdigest() for one in found] == [listed[2].sha256, listed[0].sha256]
        assert found[1] == contents[0]
        assert await readers.files(spooled(raw), (7, -1)) == [b"", b""]
        assert (await readers.understand(spooled(raw))).mail.text == "voici mes documents"


async def test_a_file_that_is_too_large_shows_it_and_no_more() -> None:
    """It is cut where it is clear that nobody will take it (T33)."""
    async with reading() as readers:
        [found] = await readers.files(spooled(with_files(b"%PDF-" + bytes(FILE_BYTES + 5000))), (0,))
    assert len(found) == FILE_BYTES + 1
    assert fault(found[:HEAD], len(found)) == "too_large"


@pytest.mark.parametrize("wanted", [tuple(range(FILES + 1)), (0, 0), (0, 1, 2)])
async def test_no_more_files_come_than_one_may_send(wanted: tuple[int, ...]) -> None:
    """Ten, each once, of 25 MB together (T33)."""
    async with reading() as readers:
        with pytest.raises(Invalid):
            await readers.files(spooled(with_files(*[bytes(SUBMISSION_BYTES // 3 + 1)] * 3)), wanted)


async def test_files_that_take_too_long_end_their_process() -> None:
    """The same bound holds for them as for the text."""
    async with reading(0.01) as readers:
        with pytest.raises(TooLong):
            await readers.files(spooled(with_files(*[bytes(8_000_000)] * 3)), (0, 1, 2))
