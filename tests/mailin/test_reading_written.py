"""Files that are written as letters, into the text or apart, and a `winmail.dat` that is damaged."""

from __future__ import annotations

import base64
import binascii
import struct
import time
from collections.abc import Callable

import pytest

from mailin.written import AS_BASE64, BASE64_LETTERS, BINHEX_LETTERS
from tests.mailin.parcels import JPEG, PDF, attribute, mail_with, names, prop, taken, winmail
from tests.mailin.reading import read

PROGRAM = b"MZ\x90\0\x90\x90" + bytes(range(256)) * 9 + b"\0" * 300
AS_BINHEX = bytes.maketrans(BASE64_LETTERS, BINHEX_LETTERS)


def uuencoded(name: str, content: bytes, end: str = "`\nend\n") -> str:
    """As `uuencode` writes it."""
    lines = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n{''.join(lines)}{end}"


def in_base64(name: str, content: bytes) -> str:
    """As `uuencode -m` writes it."""
    return f"begin-base64 644 {name}\n{base64.encodebytes(content).decode()}====\n"


def binhexed(name: str, content: bytes) -> str:
    """As RFC 1741 says; each run of zeros is told once."""
    head = bytes([len(name)]) + name.encode() + b"\0TEXTttxt\0\0" + struct.pack(">II", len(content), 0) + b"\0\0"
    told = (head + content + b"\0\0").replace(b"\x90", b"\x90\0")
    for times in (200, 9):
        told = told.replace(b"\0" * times, b"\0\x90" + bytes([times])) if b"\x90" not in content else told
    letters = base64.b64encode(told).rstrip(b"=").translate(AS_BINHEX).decode()
    lines = "\n".join(letters[at : at + 64] for at in range(0, len(letters), 64))
    return f"(This file must be converted with BinHex 4.0)\n\n:{lines}:\n"


def yencoded(name: str, content: bytes) -> bytes:
    """As posts to newsgroups are written."""
    told = bytes((byte + 42) % 256 for byte in content)
    for sign in (b"=", b"\0", b"\n", b"\r"):
        told = told.replace(sign, b"=" + bytes([sign[0] + 64]))
    lines = b"\r\n".join(told[at : at + 128] for at in range(0, len(told), 128))
    return b"=ybegin line=128 size=%d name=%s\r\n%s\r\n=yend size=%d\r\n" % (
        len(content),
        name.encode(),
        lines,
        len(content),
    )


WRITES: dict[str, Callable[[str, bytes], str | bytes]] = {
    "uuencode": uuencoded,
    "uuencode in base64": in_base64,
    "BinHex": binhexed,
    "yEnc": yencoded,
}


def written(words: str | bytes, name: str = "") -> bytes:
    """A mail whose text is this."""
    told = words if isinstance(words, bytes) else words.encode()
    return (
        b"From: a@clients.example\nMessage-ID: <a1@clients.example>\nContent-Transfer-Encoding: 8bit\n\nvoici\n" + told
    )


@pytest.mark.parametrize("writes", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize("content", [PROGRAM, PDF, JPEG, b"x"], ids=["program", "pdf", "picture", "letter"])
def test_a_file_written_into_the_text_is_a_file(writes: Callable[[str, bytes], str | bytes], content: bytes) -> None:
    """It is listed, its bytes can be asked for, and its letters are no words of the writer's."""
    raw = written(writes("kbis.pdf", content))
    mail = read(raw)
    assert (names(mail), mail.text) == (["kbis.pdf"], "voici")
    assert taken(raw, 0) == content
    assert len(mail.defects) == 1


@pytest.mark.parametrize("writes", WRITES.values(), ids=WRITES.keys())
def test_T33_a_program_written_into_the_text_is_dangerous(writes: Callable[[str, bytes], str | bytes]) -> None:
    """By its bytes, whatever it is called, and by its name, whatever it holds (T33)."""
    for name, content in (("photo.jpg", PROGRAM), ("../kbis.pdf.exe ", b"hello")):
        (file,) = read(written(writes(name, content))).attachments
        assert file.verdict == "dangerous"
        assert "inside the text" in file.why
        assert "/" not in file.name


def test_files_are_told_apart_from_words() -> None:
    """Who begins something, and who quotes a file, has written none."""
    for words in (
        "begin 644 times\nto try it\n",
        "> begin 644 a.exe\n> #0V%T\n> `\n> end\n",
        "we begin 644 a\n#0V%T\n",
        "=ybegin",
    ):
        assert names(read(written(words))) == []


def test_several_files_of_a_text_are_all_listed() -> None:
    """One of each kind, one that ends early, and one in lines of another system."""
    text = (
        uuencoded("a.jpg", JPEG).replace("\n", "\r\n")
        + "et\n"
        + uuencoded("b.jpg", JPEG, end="")
        + "\nfin\n"
        + in_base64("c.jpg", JPEG)
    )
    mail = read(written(text))
    assert names(mail) == ["a.jpg", "b.jpg", "c.jpg"]
    assert [file.verdict for file in mail.attachments] == ["plausible"] * 3


def test_a_file_in_a_part_of_its_own_is_opened() -> None:
    """BinHex as old Macintoshes send it, and uuencode as the encoding of a part."""
    binhex = mail_with(("photo.hqx", "application/mac-binhex40", binhexed("setup.exe", PROGRAM).encode())).as_bytes()
    assert names(read(binhex)) == ["photo.hqx", "setup.exe"]
    assert read(binhex).attachments[1].verdict == "dangerous"
    uu = b"Content-Type: image/jpeg; name=photo.jpg\nContent-Transfer-Encoding: x-uuencode\n\n"
    mail = read(uu + uuencoded("photo.jpg", PROGRAM).encode())
    assert [(file.name, file.type, file.verdict) for file in mail.attachments] == [
        ("photo.jpg", "application/x-dosexec", "dangerous")
    ]


def test_more_files_than_are_read_are_named() -> None:
    """Nobody writes twenty."""
    mail = read(written(uuencoded("a.jpg", JPEG) * 30))
    assert len(mail.attachments) == 20
    assert "too many files written into the text, the rest not read" in mail.defects


WHOLE = winmail("kbis.pdf", PDF)
FILE = attribute(0x00069002, bytes(14))
DAMAGED: dict[str, bytes] = {
    "cut off": WHOLE[:-9],
    "cut off in a file": WHOLE[: WHOLE.find(PDF) + 20],
    "cut off in a head": WHOLE + b"\2\5",
    "nothing in it": WHOLE[:6],
    "a changed byte": WHOLE.replace(b"/Catalog", b"/Cataloh"),
    "a file without bytes": WHOLE + FILE,
    "properties cut off": WHOLE + attribute(0x00069003, b"\3\0\0\0" + prop(0x1E, 0x1000, b"hello")),
    "a property of no kind": WHOLE + attribute(0x00069003, b"\1\0\0\0\x99\x09\0\x10"),
    "a property that is too long": WHOLE + attribute(0x00069003, b"\1\0\0\0\x1e\0\0\x10\1\0\0\0\xff\0\0\0abc"),
    "a length that is too long": WHOLE + attribute(0x00069003, b"\0" * 4)[:5] + b"\xff" * 8,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_winmail_dat_is_said_to_be_one(content: bytes) -> None:
    """What can be read of it is still listed."""
    mail = read(mail_with(("winmail.dat", "application/ms-tnef", content)).as_bytes())
    assert "a winmail.dat that is damaged: what it holds is not all shown" in mail.defects
    assert names(mail)[0] == "winmail.dat"


@pytest.mark.parametrize("content", [WHOLE, WHOLE + b"\0\0\r\n", winmail("a.bin", bytes(range(256)) * 999, b"oui")])
def test_a_whole_winmail_dat_has_no_defect(content: bytes) -> None:
    """Blanks behind it are none."""
    assert read(mail_with(("winmail.dat", "application/ms-tnef", content)).as_bytes()).defects == ()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "uuencode without end": lambda: written("begin 644 a\n" + "M" * 60 + ("\n" + "M" * 60) * 400_000),
    "beginnings": lambda: written("begin 644 a\n" * 2_000_000),
    "beginnings in base64": lambda: written("begin-base64 644 a\n" * 1_300_000),
    "beginnings in yEnc": lambda: written("=ybegin name=a\n" * 1_600_000),
    "beginnings without names": lambda: written(("=ybegin " + "a" * 190 + "\n") * 120_000),
    "escapes in yEnc": lambda: written("=ybegin name=a\n" + "=}=M" * 6_000_000),
    "beginnings in BinHex": lambda: written("(This file must be converted with BinHex" * 600_000),
    "bytes said often": lambda: written(
        "(This file must be converted with BinHex 4.0)\n\n:"
        + base64.b64encode(b"a\x90\xff" * 6_000_000).translate(AS_BINHEX).decode()
    ),
    "bytes said once": lambda: written(
        "(This file must be converted with BinHex 4.0)\n\n:"
        + base64.b64encode(b"a\x90\x01" * 6_000_000).translate(AS_BINHEX).decode()
    ),
    "sums": lambda: mail_with(("winmail.dat", "application/ms-tnef", winmail("a", b"\xff" * 18_000_000))).as_bytes(),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_T34_a_mail_that_writes_files_without_end_costs_little(make: Callable[[], bytes]) -> None:
    """Files, their bytes and what is said of them once are bounded for the whole mail (T34)."""
    raw = make()
    started = time.process_time()
    mail = read(raw)
    assert time.process_time() - started < 2.0
    assert len(mail.attachments) <= 21


def test_the_letters_of_BinHex_are_those_of_its_standard() -> None:
    """Sixty-four of them, none twice, in the order of RFC 1741."""
    assert len(set(BINHEX_LETTERS)) == len(BINHEX_LETTERS) == 64
    assert b"!r".translate(AS_BASE64) == b"A/"
