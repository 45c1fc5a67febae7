"""What mails bring, made for tests: archives, documents that act, attached mails, `winmail.dat`, signed wrappers."""

from __future__ import annotations

import base64
import io
import struct
import tarfile
import zipfile
import zlib
from email.message import EmailMessage

from handlers.model.mail import InboundMail
from mailin.contents import file_bytes
from mailin.mime import outline

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(400) + b"\xff\xd9"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ODT = b"application/vnd.oasis.opendocument.text"


def zipped(*names: str, content: bytes = b"x", first: bytes = b"") -> bytes:
    """A ZIP archive of files with these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype"), first)
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(name: str) -> bytes:
    """A tar archive of one file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    return out.getvalue()


def encrypted_zip() -> bytes:
    """An archive whose entry says that it is encrypted."""
    data = bytearray(zipped("papiers.pdf"))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def bomb() -> bytes:
    """A small archive that would unpack to sixty megabytes."""
    return zipped("kbis.pdf", content=bytes(60_000_000))


def packed_pdf(
    action: bytes,
    says: bytes = b"/Type /ObjStm /N 1 /First 4",
    *,
    before: bytes = b"",
    data: bytes | None = None,
    filters: bytes = b"/Filter /FlateDecode",
) -> bytes:
    """A PDF whose action lies in an object stream: what its dictionary says, what stands before, its packed bytes."""
    stream = zlib.compress(b"1 0 " + action) if data is None else data
    head = b"%%PDF-1.7\n5 0 obj\n<< %s %s /Length %d %s>>\nstream\r\n"
    return head % (says, filters, len(stream), before) + stream + b"\nendstream\nendobj\n%%EOF\n"


def in_rows(content: bytes, columns: int) -> bytes:
    """The content as a PNG predictor has it that changes nothing: each row begins with a nought."""
    return b"".join(b"\0" + content[at : at + columns] for at in range(0, len(content), columns))


def wide(text: str) -> bytes:
    """A name as compound files write it."""
    return text.encode("utf-16-le")


def docx(*names: str) -> bytes:
    """A Word document that holds these files besides its own."""
    return zipped("[Content_Types].xml", "word/document.xml", *names)


def doing(action: bytes) -> bytes:
    """A PDF that does something when it is opened."""
    return PDF.replace(b"/Catalog", b"/Catalog /OpenAction << " + action + b" >>")


def mail_with(*files: tuple[str, str, bytes], text: str = "mot de passe perdu") -> EmailMessage:
    """A mail with a text and files: name, type, bytes."""
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@clients.example", "bonjour", "<a1@clients.example>"
    if text:
        message.set_content(text)
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def names(mail: InboundMail) -> list[str]:
    """The names of the files."""
    return [file.name for file in mail.attachments]


def taken(raw: bytes, place: int) -> bytes:
    """The bytes the desk gets when it asks for the file at a place."""
    return b"".join(file_bytes(raw, outline(raw), place))


def nested(depth: int) -> bytes:
    """Mails in mails."""
    raw = b"Subject: x\n\nhello"
    for _ in range(depth):
        raw = b"Content-Type: message/rfc822\nSubject: y\n\n" + raw
    return raw


def prop(kind: int, name: int, value: bytes) -> bytes:
    """One MAPI property of bytes."""
    return struct.pack("<HHII", kind, name, 1, len(value)) + value + bytes(-len(value) % 4)


def attribute(name: int, value: bytes) -> bytes:
    """One TNEF attribute."""
    return struct.pack("<BII", 2, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def winmail(name: str, content: bytes, text: bytes = b"") -> bytes:
    """A `winmail.dat` with one file."""
    props = [
        prop(0x1F, 0x3707, wide(name + "\0")),
        struct.pack("<HHI", 3, 0x3705, 1),
        prop(0x1E, 0x370E, b"application/pdf\0"),
    ]
    return (
        b"\x78\x9f\x3e\x22\x01\x00"
        + attribute(0x00069007, struct.pack("<II", 1252, 0))
        + (attribute(0x0002800C, text + b"\0") if text else b"")
        + attribute(0x00069002, bytes(14))
        + attribute(0x00018010, b"SHORT~1.PDF\0")
        + attribute(0x0006800F, content)
        + attribute(0x00069005, struct.pack("<I", len(props)) + b"".join(props))
    )  # fmt: skip


def ber(tag: int, content: bytes, endless: bool = False) -> bytes:
    """One BER value, of definite length or not."""
    if endless:
        return bytes([tag, 0x80]) + content + b"\0\0"
    length = len(content)
    head = bytes([length]) if length < 128 else bytes([0x82]) + length.to_bytes(2, "big")
    return bytes([tag]) + head + content


def smime(content: bytes, kind: str = "2a864886f70d010702", endless: bool = False) -> bytes:
    """A CMS wrapper around a mail."""
    pieces = ber(0x24, ber(4, content[:20]) + ber(4, content[20:]), True) if endless else ber(4, content)
    data = ber(0x30, ber(6, bytes.fromhex("2a864886f70d010701")) + ber(0xA0, pieces, endless), endless)
    signed = ber(0x30, ber(2, b"\1") + ber(0x31, b"") + data + ber(0x31, b""), endless)
    return ber(0x30, ber(6, bytes.fromhex(kind)) + ber(0xA0, signed, endless), endless)


def wrapped(data: bytes) -> bytes:
    """A mail that is one S/MIME wrapper."""
    head = b"From: a@clients.example\nMessage-ID: <s@clients.example>\n"
    head += b"Content-Type: application/pkcs7-mime; name=smime.p7m\n"
    return head + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)
