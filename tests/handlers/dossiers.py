"""Documents for tests: real PDFs and photographs, and a company's case that has to send some."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from handlers import decide
from handlers.model.case import Case
from handlers.model.mail import Attachment, InboundMail
from handlers.model.paper import Keeping, Paper, Verdict
from handlers.model.service import PieceName
from handlers.paperwork import papers
from handlers.paperwork.papers import File
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
def photo(shade: int = 200, size: tuple[int, int] = (900, 570)) -> bytes:
    """A photograph of a card in JPEG, its own for every shade; big enough to be no logo."""
    return _written(_sheet(size, shade), "JPEG")


@cache
def pdf(pages: int = 1, shade: int = 255) -> bytes:
    """A scanned document in PDF."""
    first, *others = [_sheet((620, 877), shade - at) for at in range(pages)]
    return _written(first, "PDF", save_all=True, append_images=others)


def _sheet(size: tuple[int, int], shade: int) -> Image.Image:
    """A sheet with lines on it, and SPECIMEN across."""
    image = Image.new("RGB", size, (235, 235 - shade % 30, 255 - shade % 60))
    draw, width = ImageDraw.Draw(image), size[0]
    for at in range(6, size[1], 30):
        draw.line((width // 12, at, width - width // 12 - 17 * (at % 7), at), fill=(90, 90, 110), width=3)
    draw.text((width // 8, size[1] // 3), "SPECIMEN", fill=(150, 20, 20), font=ImageFont.load_default(width // 7))
    draw.text((width // 8, 3), f"{shade}", fill=(0, 0, 0))
    return image


def _written(image: Image.Image, kind: str, **how: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **how)
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
