"""Attachments: what they are by their bytes, and what they could do."""

from __future__ import annotations

import binascii
import gzip
import random
import time
import zlib
from collections.abc import Callable

import pytest

from mailin.bounds import UNPACKED
from mailin.inspection import judged
from mailin.pdfs import PDF_ACTIVE
from tests.mailin.parcels import (
    JPEG,
    ODT,
    OLE,
    PDF,
    bomb,
    docx,
    doing,
    encrypted_zip,
    in_rows,
    mail_with,
    names,
    packed_pdf,
    tarred,
    wide,
    zipped,
)  # fmt: skip
from tests.mailin.reading import read

HARMFUL: list[tuple[str, bytes, str, str]] = [
        ("kbis.pdf", b"MZ\x90\0" + bytes(90), "application/x-dosexec", "Windows program"),
        ("kbis.pdf.exe", PDF, "application/pdf", ".exe"),
        ("photo.jpg", b"\x7fELF" + bytes(90), "application/x-elf", "Linux program"),
        ("x", b"\xcf\xfa\xed\xfe" + bytes(90), "application/x-mach-o", "macOS program"),
        ("x", b"\xca\xfe\xba\xbe\0\0\0\x34", "application/java-vm", "Java program"),
        ("cni.pdf", b"L\0\0\0\x01\x14\x02\0" + bytes(60), "application/x-ms-shortcut", "shortcut"),
        ("run", b"#!/bin/sh\nrm -rf /\n", "text/x-script", "script"),
        ("a.txt", b"@echo off\r\ndel *.*\r\n", "text/x-script", "script"),
        ("kbis.pdf", doing(b"/S /JavaScript /JS (x)"), "application/pdf", "JavaScript"),
        ("kbis.pdf", doing(b"/S /J#61vaScript"), "application/pdf", "JavaScript"),
        ("kbis.pdf", packed_pdf(b"<< /S /Launch /F (cmd.exe) >>"), "application/pdf", "starts programs"),
        ("kbis.pdf", doing(b"/S /SubmitForm /F (https://collect.example)"), "application/pdf", "sends away"),
        ("kbis.pdf", doing(b"/S /ImportData /F (//collect.example/a.fdf)"), "application/pdf", "another file"),
        ("kbis.pdf", doing(b"/S /GoToR /F (//collect.example/a.pdf)"), "application/pdf", "opens other files"),
        ("kbis.pdf", doing(b"/S /GoTo#45 /T 5 0 R"), "application/pdf", "opens other files"),
        ("kbis.pdf", doing(b"/S /#52ichMediaExecute"), "application/pdf", "active media"),
        ("kbis.pdf", PDF + b"<< /Type /EmbeddedFile >>", "application/pdf", "carries other files"),
        ("kbis.pdf", PDF + zipped("a.txt"), "application/pdf", "archive as well"),
        ("photo.jpg", JPEG + zipped("a.txt"), "image/jpeg", "archive as well"),
        ("kbis.pdf", b"%PDF-1.7\n<html><script>x</script>", "application/pdf", "web page as well"),
        ("logo", b"<?xml version='1.0'?><!-- a --><svg><script>x</script></svg>", "image/svg+xml", "active content"),
        ("logo", b"<svg onload=alert(1)>", "image/svg+xml", "active content"),
        ("page", b"<!DOCTYPE html><html><form action=x>", "text/html", "active content"),
        ("lettre.docx", docx("word/vbaProject.bin"), "wordprocessingml", "macros"),
        ("lettre.docx", docx("word/embeddings/oleObject1.bin"), "wordprocessingml", "another file"),
        ("lettre.odt", zipped("Basic/a.xml", first=ODT), "opendocument.text", "macros"),
        ("lettre.doc", OLE + wide("WordDocument") + wide("_VBA_PROJECT"), "application/msword", "macros"),
        ("lettre.doc", OLE + wide("EncryptedPackage"), "application/x-ole", "encrypted"),
        ("setup", OLE + b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", "application/x-msi", "installs"),
        ("a.rtf", b"{\\rtf1 {\\object\\objemb\\objdata 01}}", "application/rtf", "another file"),
        ("docs.zip", zipped("docs/kbis.pdf.js"), "application/zip", "kbis.pdf.js"),
        ("docs.zip", zipped("kbis.scr. "), "application/zip", "program"),
        ("docs.zip", zipped("inner.zip"), "application/zip", "holds another"),
        ("docs.zip", encrypted_zip(), "application/zip", "encrypted"),
        ("docs.zip", bomb(), "application/zip", "unpack"),
        ("docs.zip", b"PK\x03\x04" + bytes(90), "application/zip", "without a table"),
        ("a.tar", tarred("setup.exe"), "application/x-tar", "setup.exe"),
        ("a.gz", gzip.compress(b"MZ" + bytes(90), mtime=0), "application/gzip", "packed program"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(90), "application/x-7z-compressed", "cannot be looked into"),
        ("a.rar", b"Rar!\x1a\x07\x01\0", "application/x-rar", "cannot be looked into"),
        ("disk", bytes(0x8001) + b"CD001" + bytes(90), "application/x-iso9660-image", "disk image"),
        ("docs.zip", zipped("facture\n.exe"), "application/zip", "holds a program"),
        ("lettre.docx", docx("word/\nvbaProject.bin"), "wordprocessingml", "macros"),
        ("page.htm", b"hello", "text/plain", ".htm"),
        ("notes.ONE", b"x", "text/plain", ".one"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "kind", "why"), HARMFUL, ids=[f"{name}: {why}" for name, _, _, why in HARMFUL]
)
def test_T33_what_can_do_harm_is_dangerous(name: str, content: bytes, kind: str, why: str) -> None:
    """Programs, macros, active pages and PDFs, archives that hold such or cannot be looked into (T33)."""
    found = judged(name, "text/plain", content)
    assert found.verdict == "dangerous"
    assert kind in found.type
    assert why in found.why


ACTS = b"<< /S /JavaScript /JS (app.alert(1)) >>"
OBJECTS = zlib.compress(b"1 0 " + ACTS)
ROWS = zlib.compress(in_rows(b"1 0 " + ACTS, 3))
PREDICTOR = b"/DecodeParms << /Predictor 12 /Columns 3 >>"
NUMBERS = b" ".join(b"%02x" % sign for sign in b"1 0 " + ACTS) + b">"
BROKEN = zlib.compress(b"1 0 " + ACTS + bytes(3000))[:-9] + b"\x07" * 40
NOISE = random.Random(7).randbytes(400_000)  # noqa: S311 - the same each time
PACKED: dict[str, bytes] = {
    "in an object stream": packed_pdf(ACTS),
    "with the stream's name in escapes": packed_pdf(ACTS, b"/Type /Obj#53tm /N 1 /First 4"),
    "in one that says not what it is": packed_pdf(ACTS, b"/N 1 /#46irst 4"),
    "behind a long dictionary": packed_pdf(ACTS, before=b" " * 9000),
    "behind words that look like data": packed_pdf(ACTS, before=b"/X (stream\n1 x) % stream\n"),
    "behind much that cannot be packed": packed_pdf(b"(" + NOISE + b")" + ACTS),
    "where pieces meet": packed_pdf(b" " * ((1 << 20) - 12) + ACTS),
    "in the second of two": packed_pdf(b"<< >>") + packed_pdf(b"<< /Next << /S /Launch >> >>"),
    "each action of the kind": packed_pdf(b"<< /S /SubmitForm >>"),
    "with a predictor": packed_pdf(b"", data=zlib.compress(b"\x021 0 <<\x02/S/JS")),
    "in letters": packed_pdf(b"", data=binascii.hexlify(zlib.compress(b"1 0 " + ACTS)) + b">"),
    "in nothing": packed_pdf(b"", data=b""),
    "in rows": packed_pdf(b"", data=ROWS, before=PREDICTOR),
    "in rows that escapes hide": packed_pdf(b"", data=ROWS, before=PREDICTOR.replace(b"Parms", b"P#61rms")),
    "in rows that stray words hide": packed_pdf(b"", PREDICTOR + b"\n9 0 obj << /Type /ObjStm /First 4", data=ROWS),
    "in rows, its name before words that look like data": packed_pdf(
        b"", b"/First 4 /X () /Type /ObjStm", data=ROWS, before=b"/Y (stream\n) " + PREDICTOR
    ),
    "behind what looks like objects": packed_pdf(ACTS, b"/First 4 /Type /ObjStm", before=b"/X (stream1 0 ) "),
    "behind what looks like packed objects": packed_pdf(
        ACTS, b"/First 4 /Type /ObjStm", before=b"/X (stream\n" + zlib.compress(b"1 0 x") + b") "
    ),
    "behind a comment": packed_pdf(ACTS, b"/First 4 /Type /ObjStm", before=b"%stream1 0 \n"),
    "in letters that look like numbers": packed_pdf(b"", data=NUMBERS, filters=b"/Filter /ASCIIHexDecode"),
    "packed twice": packed_pdf(b"", data=zlib.compress(OBJECTS), filters=b"/Filter [/FlateDecode /FlateDecode]"),
    "before what is broken": packed_pdf(b"", data=BROKEN),
}


@pytest.mark.parametrize("content", PACKED.values(), ids=PACKED.keys())
def test_T33_an_action_in_a_packed_object_is_found_or_the_file_is_not_trusted(content: bytes) -> None:
    """However the stream is written; one that is packed as no honest program packs it is dangerous by itself (T33)."""
    found = judged("kbis.pdf", "application/pdf", content)
    assert found.verdict == "dangerous"
    assert found.why.startswith("the PDF ")


HONEST: dict[str, bytes] = {
    "packed objects": packed_pdf(b"<< /Type /Page >>") + packed_pdf(b"<< /Type /Font >>"),
    "objects that are not packed": packed_pdf(b"", data=b"1 0 << /Type /Page >>", filters=b""),
    "no parameters": packed_pdf(b"<< >>", filters=b"/Filter [ /FlateDecode ] /DecodeParms [null]"),
    "a picture in rows before": packed_pdf(b"", b"", data=ROWS, before=PREDICTOR)[:-6] + packed_pdf(b"<< >>")[9:],
    "a wrong sum at the end": packed_pdf(b"", data=zlib.compress(b"1 0 << >>")[:-4] + b"oops"),
    "an outline before a picture": packed_pdf(b"", b"/First 4 0 R >> endobj 6 0 obj << /Length 9", data=JPEG),
    "a lock without a password": packed_pdf(b"", data=NOISE[:900]) + b"trailer << /Encrypt 9 0 R >>",
}


@pytest.mark.parametrize("content", HONEST.values(), ids=HONEST.keys())
def test_a_pdf_that_does_nothing_is_a_document(content: bytes) -> None:
    """As honest programs write them, locked against copying too: how a lock is opened is not for a search to know."""
    assert judged("kbis.pdf", "application/pdf", content).verdict == "plausible"


DOCUMENTS: list[tuple[str, str, bytes, str, str]] = [
        ("kbis.pdf", "application/pdf", PDF, "application/pdf", "plausible"),
        ("kbis.pdf", "application/octet-stream", PDF, "application/pdf", "plausible"),
        ("cni.jpg", "image/jpg", JPEG, "image/jpeg", "plausible"),
        ("cni.heic", "image/heic", b"\0\0\0\x18ftypheic" + bytes(90), "image/heic", "plausible"),
        ("kbis.pdf", "application/pdf", JPEG, "image/jpeg", "mismatch"),
        ("kbis.pdf", "application/octet-stream", zipped("a.txt"), "application/zip", "mismatch"),
        ("kbis.pdf", "application/pdf", b"Not Found", "application/pdf", "mismatch"),
        ("kbis.pdf", "application/pdf", b"", "application/pdf", "mismatch"),
        ("lettre.docx", "application/zip", docx(), "wordprocessingml", "unknown"),
        ("lettre.odt", "application/zip", zipped("content.xml", first=ODT), "opendocument.text", "unknown"),
        ("lettre.doc", "application/msword", OLE + wide("WordDocument"), "application/msword", "unknown"),
        ("docs.zip", "application/zip", zipped("kbis.pdf", "cni.jpg"), "application/zip", "unknown"),
        ("rdv.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n", "text/calendar", "unknown"),
        ("moi.vcf", "text/x-vcard", b"BEGIN:VCARD\r\n", "text/vcard", "unknown"),
        ("notes.txt", "text/plain", b"bonjour", "text/plain", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "declared", "content", "kind", "verdict"),
    DOCUMENTS,
    ids=[f"{name} as {declared} is {verdict} {len(content)}" for name, declared, content, _, verdict in DOCUMENTS],
)
def test_documents_are_told_from_what_only_says_so(
    name: str, declared: str, content: bytes, kind: str, verdict: str
) -> None:
    """By the bytes, never by the name; who declares nothing is judged by the name's ending."""
    found = judged(name, declared, content)
    assert (kind in found.type, found.verdict) == (True, verdict)
    assert bool(found.why) is (verdict == "mismatch")


def test_files_of_one_name_are_told_apart() -> None:
    """Telephones call every photograph alike."""
    photo = ("image.jpg", "image/jpeg", JPEG)
    assert names(read(mail_with(photo, photo, photo).as_bytes())) == ["image.jpg", "image (2).jpg", "image (3).jpg"]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("filename*1=\"is.pdf\"; filename*0=\"kb\"", "kbis.pdf"),
        ("filename*0*=utf-8''%C3%A9t%C3%A9; filename*1=\" 100%25.pdf\"", "été 100%25.pdf"),
        ("filename=carte identite.pdf; size=3", "carte identite.pdf"),
        ("filename=\"=?utf-8?q?=C3=A9t=C3=A9.pdf?=\"", "été.pdf"),
        ("filename*=iso-8859-1'fr'%E9t%E9.pdf; filename=ete.pdf", "été.pdf"),
        ("filename=\"con.pdf\"", "file con.pdf"),
        ("filename=\"kbis\u202efdp.exe. \"", "kbisfdp.exe"),
    ],
)  # fmt: skip
def test_file_names_are_read_as_programs_write_them(field: str, name: str) -> None:
    """RFC 2231 in any order, encoded words in quotes, blanks without; none is a device or hides its end (T33)."""
    raw = (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: application/pdf\n"
        f"Content-Disposition: attachment; {field}\n\n%PDF-1\n--b--\n"
    )
    assert names(read(raw)) == [name]


def zip_of_many() -> bytes:
    """An archive with a table of tens of thousands of names."""
    return zipped(*(f"{number}.txt" for number in range(30_000)))


# Every name that is looked for but its last letter, each letter as its number.
NUMBERED = [
    b"/" + b"".join(b"#%02x" % sign for sign in name[:-1].encode())
    for name in (*sorted(PDF_ACTIVE.keys() - {"GoToE"}), "ObjStm", "First", "Encrypt", "DecodeParms")
]

# A packed piece that begins like objects, and a block of nothing.
FIRST = b"/First stream\n\x78\x9c\x00\x04\x00\xfb\xff1 0 "
EMPTY = b"\x00\x00\x00\xff\xff"

LINED = b"\n>> endobj" * 90 + b"\n1 0 obj << /ObjStm>>stream\n"
COMMENTED = b"\nendobj\n" + b"% " * 480 + b"x1 0 obj << /ObjStm>>stream\n"
SPACED = b"\nendobj\n1 0 obj <<%s/ObjStm%s>>stream\n" % (b" " * 900, b" " * 8000)

HOSTILE: dict[str, Callable[[], bytes]] = {
    "streams": lambda: b"%PDF-1.7\n" + b"/ObjStm stream\n" * 200_000,
    "escapes": lambda: b"%PDF-1.7\n" + b"/#41" * 2_000_000,
    "streams in a locked file": lambda: b"%PDF-1.7\n" + b"/ObjStm stream\n" * 400_000 + b"/Encrypt",
    "a lock far away": lambda: b"%PDF-1.7\n" + b"/ObjStm stream\n" * 1900 + bytes(9_000_000) + b"/Encrypt",
    "dictionaries of firsts": lambda: b"%PDF-1.7\n" + (b"/First" * 2700 + b">>stream\n") * 900,
    "lines before objects": lambda: b"%PDF-1.7\n/DecodeParms" + LINED * 9000,
    "comments before objects": lambda: b"%PDF-1.7\n/DecodeParms" + COMMENTED * 9000,
    "spaces in dictionaries": lambda: b"%PDF-1.7\n/DecodeParms" + SPACED * 1000,
    "outlines": lambda: b"%PDF-1.7\n" + b"/First 1 0 R" * 700_000,
    "streams of nothing": lambda: b"%PDF-1.7\n" + (FIRST + EMPTY * 2000) * 900,
    "packed": lambda: b"%PDF-1.7\n" + packed_pdf(bytes(20_000_000)) * 50,
    "comments": lambda: b"<!---->" * 500_000,
    "ends": lambda: b"PK\x05\x06" * 2_000_000,
    "names": zip_of_many,
    "rtf": lambda: b"{\\rtf" + b"\\obj" * 2_000_000,
    "svg": lambda: b"<svg " + b"on" * 2_000_000,
    "gzip": lambda: b"\x1f\x8b" + gzip.compress(bytes(20_000_000), mtime=0)[2:],
    "tar": lambda: bytes(257) + b"ustar" + b"7" * 5_000_000,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_T33_a_hostile_file_costs_little(make: Callable[[], bytes]) -> None:
    """Nothing is unpacked beyond bounds, and no search grows faster than the file (T33)."""
    content = make()
    started = time.process_time()
    judged("x", "application/pdf", content)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "name", NUMBERED, ids=lambda name: bytes.fromhex(name[1:].replace(b"#", b"").decode()).decode()
)
def test_T33_names_in_numbers_cost_little(name: bytes) -> None:
    """As much as is searched of a mail, in plain sight and packed (T33)."""
    plenty = name * (UNPACKED // len(name))
    packed = packed_pdf(plenty) + packed_pdf(b"", b"/First (", data=zlib.compress(b"1 0 " + plenty))
    for content in (b"%PDF-1.7\n" + plenty, packed):
        started = time.process_time()
        judged("x.pdf", "application/pdf", content)
        assert time.process_time() - started < 2.0
