"""Documents that come by mail, from the spool to the encrypted folder."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from handlers.model.case import Case
from handlers.model.outbox import Letter
from handlers.model.paper import Paper
from mailin import worker
from mailin.apart import Readers
from mailin.spool import Spool
from tests.builders import DeskUnderTest, open_desk
from tests.handlers.dossiers import pdf, photo
from tests.mailin.smtp import keep

SECONDS = 5.0


def mail(mailbox: str) -> bytes:
    """A customer's mail with two documents, a logo, and a program that calls itself one."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "marie@mail.example", mailbox, "Mes documents"
    message["Message-ID"] = "<documents@mail.example>"
    message.set_content("Bonjour, voici mes documents. Mon adresse a changé.")
    message.add_attachment(pdf(2), maintype="application", subtype="pdf", filename="Kbis.pdf")
    message.add_attachment(photo(1), maintype="image", subtype="jpeg", filename="CNI recto.jpg")
    message.add_attachment(photo(2, (16, 16)), maintype="image", subtype="jpeg", filename="logo.jpg")
    message.add_attachment(b"MZ" + bytes(9000), maintype="application", subtype="pdf", filename="lettre.pdf")
    return message.as_bytes()


async def took_in(house: DeskUnderTest, folder: Path, mailbox: str) -> None:
    """The worker takes the mail in."""
    spool = await Spool.open(folder / "spool")
    await keep(spool, mail(mailbox), mailbox=mailbox)
    readers = Readers(worker.names(house.desk.services), SECONDS)
    try:
        await worker.Worker(spool, house.desk, readers).take_in(await spool.next())
    finally:
        await readers.close()
        await spool.close()


async def test_O2_20_documents_that_come_by_mail_lie_encrypted(tmp_path: Path) -> None:
    """Kept under the names of their pieces, the logo left alone, the program named in the answer and kept nowhere."""
    async with open_desk(tmp_path) as house:
        await took_in(house, tmp_path, "support@o2switch.example")
        papers = await house.desk.store.find(Paper)
        assert {one.name: (one.piece, one.type, one.pages, one.source) for one in papers} == {
            "Kbis.pdf": ("kbis", "application/pdf", 2, "mail"),
            "CNI recto.jpg": ("identity", "image/jpeg", 1, "mail"),
        }
        kept = next(one for one in papers if one.piece == "kbis")
        assert await house.desk.blobs.get(kept.blob, kept.sealed_key) == pdf(2)
        stored = b"".join(file.read_bytes() for file in (tmp_path / "documents").iterdir())
        assert b"%PDF" not in stored
        (letter,) = [one for one in await house.desk.store.find(Letter) if one.kind == "documents"]
        assert "wrong_type" in letter.detail
        [case] = await house.desk.store.find(Case)
        [said] = [step.detail for step in case.history if step.event == "documents.received"]
        assert said == "2 new, not kept: of no kind that is taken as a document"


async def test_a_service_without_documents_keeps_no_files(tmp_path: Path) -> None:
    """What nobody asks for is not kept, and not even read."""
    async with open_desk(tmp_path) as house:
        await took_in(house, tmp_path, "support@shopfactory.example")
        assert await house.desk.store.find(Paper) == []
        assert await house.desk.blobs.ids() == set()
