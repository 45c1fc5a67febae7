"""Documents for tests: real PDFs and photographs, and a company's case that has to send some."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import date
from functools import cache

from PIL import Image

from handlers import decide, papers
from handlers.model.case import Case
from handlers.model.mail import Attachment, InboundMail
from handlers.model.paper import Keeping, Paper, Verdict
from handlers.model.service import PieceName
from handlers.papers import File
from handlers.signed import token
from tests.builders import AYSE, DeskUnderTest, make_account, make_case, make_mail

CASE = "R-7F3K2M"
WRITER = "marie.nouvelle@mail.example"
SHOP = make_account(service="o2switch", kind="company", company="Durand et Fils SARL", address="old@shop.example")
CLUB = make_account(
    id="A-CLUB",
    service="o2switch",
    kind="association",
    login="club",
    address="old@club.example",
    company="Club des Boulistes",
    name="Paul Ancien",
)
ACCEPTED = (
    Verdict(piece="kbis", dated=date(2026, 10, 1), name_read="DURAND ET FILS SARL"),
    Verdict(piece="identity", name_read="DURAND Marie"),
    Verdict(piece="letter", address_matches=True),
)


@cache  # a file is the same file, however often a test sends it
def photo(shade: int = 200, size: tuple[int, int] = (320, 200)) -> bytes:
    """A photograph in JPEG, its own for every shade; big enough to be no logo."""
    image = Image.effect_noise(size, 40).point(lambda value: (value + shade) % 256)
    target = io.BytesIO()
    image.convert("RGB").save(target, "JPEG", quality=90)
    return target.getvalue()


@cache
def pdf(pages: int = 1, shade: int = 255) -> bytes:
    """A scanned document in PDF."""
    sheets = [Image.new("L", (210, 297), (shade - at) % 256) for at in range(pages)]
    target = io.BytesIO()
    sheets[0].save(target, "PDF", save_all=True, append_images=sheets[1:])
    return target.getvalue()


def asked_case(**changes: object) -> Case:
    """A company's case from an address that is not on file."""
    said = {"service": "o2switch", "requester": WRITER, "requester_key": WRITER, "asked": "address_change"}
    return make_case("login_known", "address_not_on_file", **{**said, **changes})


async def asked(house: DeskUnderTest, **changes: object) -> Case:
    """The case, after staff asked for its documents."""
    await house.keep(SHOP, asked_case(**changes))
    return await decide.act(house.desk, CASE, "request_documents", AYSE, None)


def page(house: DeskUnderTest, case: str = CASE) -> str:
    """The token of the upload page, as the letter of today has it."""
    return token(house.desk.vault, "documents", case, house.desk.now())


def file(piece: PieceName | None, content: bytes, name: str = "scan.pdf") -> File:
    """A file from the upload page, declared on honour."""
    return File(name=name, content=content, piece=piece, declared=True)


def dossier() -> list[File]:
    """A company's three documents."""
    return [file("kbis", pdf(2)), file("identity", photo(1)), file("letter", photo(90))]


def mail_with(*files: tuple[str, bytes], **changes: object) -> tuple[InboundMail, list[bytes]]:
    """A mail with these files, and their bytes as the mail door would hand them over."""
    attachments = tuple(
        Attachment(
            name=name,
            type="application/pdf" if content.startswith(b"%PDF") else "image/jpeg",
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            verdict="plausible",
        )
        for name, content in files
    )
    said = {"from_address": WRITER, "mail_from": WRITER, "recipients": ("support@o2switch.example",)}
    mail = make_mail(**{**said, "attachments": attachments, "text": "Voici.", **changes})
    return mail, [content for _, content in files]


async def the_case(house: DeskUnderTest, id: str = CASE) -> Case:
    """The case as it is now."""
    case = await house.desk.store.get(Case, id)
    assert case
    return case


async def the_papers(house: DeskUnderTest, id: str = CASE) -> list[Paper]:
    """What the case holds."""
    return await house.desk.store.find(Paper, case=id)


async def lying(house: DeskUnderTest) -> set[str]:
    """The files on disk."""
    return await house.desk.blobs.ids()


async def destroy_due(house: DeskUnderTest) -> None:
    """What the timers do with documents whose time has come."""
    for keeping in await house.desk.store.claim(Keeping, papers.QUEUE, house.desk.now(), papers.SETTLING, 20):
        await papers.destroy(house.desk, keeping)


def pieces_of(found: Sequence[Paper]) -> list[PieceName | None]:
    """Which pieces the files are, sorted."""
    return sorted((one.piece for one in found), key=str)
