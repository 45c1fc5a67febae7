"""Documents that prove something, drawn for stories and tests: nobody's, and SPECIMEN stands across each of them.

`python demo/drawn.py FOLDER COMPANY PERSON ADDRESS` puts a company's into a folder, to be sent by hand.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SHEET = (1000, 1400)
CARD = (1000, 640)

File = tuple[str, bytes]
"""A file's name and bytes."""


def photograph(*lines: str, size: tuple[int, int] = CARD) -> bytes:
    """A photograph in JPEG of something with these lines on it; capitals without accents, as registers print them."""
    return _written([_drawn(lines, size)], "JPEG")


def scan(*pages: Iterable[str]) -> bytes:
    """A scanned document in PDF, with the lines of each page."""
    return _written([_drawn(lines, SHEET) for lines in pages], "PDF")


def kbis(company: str, dated: str) -> bytes:
    """An extract of the company register."""
    return scan(["EXTRAIT KBIS", company.upper(), f"EN DATE DU {dated}"])


def card(name: str) -> bytes:
    """An identity card, both sides on one sheet."""
    lines = ("CARTE NATIONALE D'IDENTITE", name.upper(), "", "", "VERSO", f"No {len(name)}0042")
    return photograph(*lines, size=SHEET)


def by_hand(*lines: str) -> bytes:
    """A letter, handwritten as far as a machine can."""
    return photograph(*lines, "Signature", size=SHEET)


def company(name: str, person: str, new: str) -> dict[str, File]:
    """What a company sends: its extract, the card of the person in the record, a letter that states the new address."""
    return {
        "kbis": ("kbis.pdf", kbis(name, "AUJOURD'HUI")),
        "identity": ("carte-identite.jpg", card(person)),
        "letter": ("lettre.jpg", by_hand("Notre ancienne adresse n'existe plus.", "La nouvelle :", new)),
    }


def with_files(mail: bytes, *files: File) -> bytes:
    """The same mail with these files attached, as a mail program does it."""
    message = message_from_bytes(mail, EmailMessage, policy=policy.SMTP)
    for name, content in files:
        kind, subtype = _kind(content)
        message.add_attachment(content, kind, subtype, filename=name)
    return message.as_bytes()


def _kind(content: bytes) -> tuple[str, str]:
    if content.startswith(b"%PDF"):
        return "application", "pdf"
    return ("image", "jpeg") if content.startswith(b"\xff\xd8") else ("application", "octet-stream")


def _drawn(lines: Iterable[str], size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, (247, 246, 240))
    draw, (width, height) = ImageDraw.Draw(image), size
    draw.rectangle((20, 20, width - 20, height - 20), outline=(80, 90, 120), width=4)
    draw.text((width // 7, height // 2), "SPECIMEN", fill=(222, 200, 200), font=ImageFont.load_default(width // 7))
    for row, line in enumerate(lines):
        draw.text((60, 60 + 70 * row), line, fill=(30, 30, 50), font=ImageFont.load_default(36))
    return image


def _written(pages: list[Image.Image], form: str) -> bytes:
    made, (first, *others) = io.BytesIO(), pages
    more = {"save_all": True, "append_images": others} if form == "PDF" else {}
    first.save(made, form, **more)
    return made.getvalue()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in company(*sys.argv[2:5]).values():
        (folder / file).write_bytes(content)
