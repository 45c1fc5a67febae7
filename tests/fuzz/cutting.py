"""Changes to a mail that leave it a mail: fields, parts, encodings, charsets and marks are cut out, put in, moved."""

from __future__ import annotations

import quopri
import re
from base64 import encodebytes
from collections.abc import Callable
from contextlib import suppress
from random import Random

Change = Callable[[Random, bytes, bytes], tuple[bytes, bytes]]

FIELD_END = re.compile(rb"\r?\n(?![ \t])")
BLANK = re.compile(rb"\r?\n\r?\n")
LINE = re.compile(rb"(?<=\n)")
TYPES = (
    b"text/plain", b"text/html", b"text/plain; format=flowed; delsp=yes", b"multipart/alternative", b"multipart/mixed",
    b"multipart/related", b"multipart/report; report-type=delivery-status", b"message/rfc822",
    b"message/delivery-status", b"message/disposition-notification", b"message/feedback-report",
    b"application/ms-tnef", b"application/pdf", b"application/zip", b"image/png", b"image/jpeg",
    b"application/pkcs7-mime; smime-type=enveloped-data", b"application/pkcs7-mime; smime-type=signed-data",
    b"multipart/signed; protocol=\"application/pgp-signature\"", b"multipart/encrypted",
    b"text/calendar; method=REPLY", b"text/rtf", b"text/enriched", b"application/octet-stream",
)  # fmt: skip
CHARSETS = (
    b"utf-8", b"iso-8859-1", b"iso-8859-9", b"windows-1254", b"windows-1252", b"utf-16", b"utf-16le", b"utf-7",
    b"utf-32", b"iso-2022-jp", b"gb18030", b"big5", b"koi8-r", b"macintosh", b"x-unknown", b"us-ascii", b"iso-2022-kr",
    b"hz",
)  # fmt: skip
ENCODINGS = (b"base64", b"quoted-printable", b"8bit", b"7bit", b"binary", b"uuencode", b"x-unknown")
FIELDS = (
    b"From : other@clients.example", b"FROM:\tother@clients.example", b"From:", b"Subject : other",
    b"From: Marie <marie@clients.example>", b"From: \"a@b.example\" <c@d.example>", b"Reply-To: other@clients.example",
    b"To: support@shop.example", b"Subject: Re: mot de passe", b"Subject: =?utf-8?B?xZ9pZnJlbWkgdW51dHR1bQ==?=",
    b"Subject: =?iso-8859-1?Q?r=E9initialiser?=", b"In-Reply-To: <x@shop.example>",
    b"References: <a@b.example> <c@d.example>", b"Auto-Submitted: auto-replied", b"Precedence: bulk",
    b"List-Id: <l.lists.example>", b"List-Unsubscribe: <mailto:u@l.example>", b"Return-Path: <>", b"X-Autoreply: yes",
    b"X-Auto-Response-Suppress: All", b"Content-Language: tr", b"Disposition-Notification-To: m@c.example",
    b"Content-Disposition: attachment; filename=\"a.pdf\"",
    b"Content-Disposition: inline; filename*0*=utf-8''%c3%a9; filename*1=x.exe", b"Content-ID: <1>",
    b"MIME-Version: 1.0", b"X-Loop: support@shop.example", b"Delivered-To: support@shop.example",
    b"Message-ID: <m@c.example>", b"Feedback-ID: 1:x", b"Date: Fri, 20 Nov 2026 09:12:44 +0100",
    b"Received: from a ([192.0.2.7]) by b; Fri, 20 Nov 2026 09:12:44 +0100",
)  # fmt: skip
HEADS = (
    b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0", b"x\x9f>\"\x01\0\x01\x01\x90\x08\0\x04\0\0\0\0\0\x01\0\x01\0",
    b"MZ\x90\0", b"\x7fELF", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1 x}", b"GIF89a", b"Rar!\x1a\x07\0", b"7z\xbc\xaf\x27\x1c",
    b"#!/bin/sh\n", b"<html><script>x</script>", b"BEGIN:VCALENDAR\n", b"\x1f\x8b\x08\0", b"BZh9",
    b"begin 644 a.exe\n#0V%T\n`\nend\n", b"-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n",
    b"From: in@side.example\nSubject: inner\n\nmon identifiant est interieur\n",
    b"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n",
)  # fmt: skip
MARKS = (
    "\n> ", "\n>> ", "\n-- \n", "\n\nOn Mon, 3 Nov 2025 at 10:00, Zed <z@q.example> wrote:\n",
    "\n\nLe lun. 3 nov. 2025 à 10:00, Zed <z@q.example> a écrit :\n",
    "\n3 Kas 2025 Pzt 10:00 tarihinde Zed <z@q.example> şunu yazdı:\n",
    "\n-----Original Message-----\nFrom: z@q.example\nSent: Monday\nTo: a@b.example\nSubject: x\n\n",
    "\n________________________________\nDe : Zed <z@q.example>\nEnvoyé : lundi\nÀ : a@b.example\nObjet : x\n\n",
    "\nEnvoyé de mon iPhone\n", "\nCordialement,\nMarie\n", "\nSaygılarımla\n", "\nBegin forwarded message:\n\n",
    "\nmon identifiant est jean.dupont\n", "\nkullanıcı adım ayse42\n", "\nmy customer number is 123456\n",
    "\nmy new address is new@clients.example instead of old@clients.example\n", "\nj'ai oublié mon mot de passe\n",
    "\nje n'ai pas demandé de réinitialisation\n", "\nşifremi unuttum\n", "\nI am the webmaster, not the owner\n",
    "<blockquote type=cite>", "</blockquote>", "<div class=gmail_quote>", "<div style='display:none'>", "<br>", "<p>",
    "</p>", "<table><tr><td>", "</td></tr></table>", "<!--", "-->", "<script>", "</script>", "<style>", "&nbsp;",
    "&#x202e;", "&#0;", "<a href='https://x.example/a'>y</a>", "<pre>", "<ol><li>", "<img alt='😀'>",
    "<div id=appendonsend>", "<o:p>", "<![CDATA[",
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>From: Sent: To: Subject:",
    "<svg><style>", "<select><option>", "<template>", "<span style='font-size:0'>", "\u202e", "\u200b", "\u0301" * 40,
    "\ufb2c" * 9, "\u1100\u1161\u11a8", "\u0130", "ſ", "ﬁ", "\x00", "\x0b", "\x85", "\u2028", "\ud7a3", "İ" * 20,
    "a" * 300, "@" * 50,
)  # fmt: skip


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """The mail with one to three changes, `most` bytes of it."""
    chance = Random(seed)  # noqa: S311  # nothing secret
    for _ in range(chance.randint(1, 3)):
        head, body = _cut(data)
        data = _joined(*chance.choice(CHANGES)(chance, head, body))
    return data[:most]


def _cut(data: bytes) -> tuple[bytes, bytes]:
    gap = BLANK.search(data)
    return (data[: gap.start()], data[gap.end() :]) if gap else (b"", data)


def _joined(head: bytes, body: bytes) -> bytes:
    return head + b"\n\n" + body


def _set(head: bytes, name: bytes, value: bytes) -> bytes:
    kept = [field for field in FIELD_END.split(head) if not field.lower().startswith(name.lower() + b":")]
    return b"\n".join([*kept, name + b": " + value])


def _add_field(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    fields = FIELD_END.split(head)
    fields.insert(chance.randint(0, len(fields)), chance.choice(FIELDS))
    return b"\n".join(fields), body


def _shuffle_fields(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    fields = FIELD_END.split(head)
    match chance.randrange(4):
        case 0:
            chance.shuffle(fields)
        case 1:
            del fields[chance.randrange(len(fields))]
        case 2:
            fields.append(chance.choice(fields))
        case _:
            at = chance.randrange(len(fields))
            fields[at] = fields[at].replace(b" ", b"\n ", chance.randint(1, 5))
    return b"\n".join(fields), body


def _retype(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    kind = chance.choice(TYPES)
    extra = b"; charset=" + chance.choice(CHARSETS) if chance.random() < 0.4 else b""
    extra += b'; name="=?utf-8?q?a=2F..=2Fb?=.exe"' if chance.random() < 0.1 else b""
    return _set(head, b"Content-Type", kind + extra), body


def _recharset(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    charset = chance.choice(CHARSETS)
    with suppress(LookupError, UnicodeError):
        body = body.decode("utf-8").encode(charset.decode())
    return _set(head, b"Content-Type", chance.choice((b"text/plain", b"text/html")) + b"; charset=" + charset), body


def _encode(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    encoding = chance.choice(ENCODINGS)
    if encoding == b"base64" and chance.random() < 0.9:
        body = encodebytes(body)
    elif encoding == b"quoted-printable" and chance.random() < 0.9:
        body = quopri.encodestring(body)
    return _set(head, b"Content-Transfer-Encoding", encoding), body


def _wrap(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The body as one part of several."""
    boundary = chance.choice((b"b", b"bb", b"=_b", b"a b", b"b" * 70))
    part = b"Content-Type: " + chance.choice(TYPES) + b"\n" + chance.choice(FIELDS) + b"\n\n" + body
    file = (
        b"Content-Type: " + chance.choice(TYPES) + b"; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
        + encodebytes(chance.choice(HEADS))
    )  # fmt: skip
    parts = [part, *[file] * chance.randint(0, 3)]
    chance.shuffle(parts)
    kind = chance.choice((b"mixed", b"alternative", b"related", b"report", b"signed", b"encrypted", b"digest"))
    end = b"--" + boundary + b"--\n" if chance.random() < 0.8 else b""
    head = _set(head, b"Content-Type", b"multipart/" + kind + b'; boundary="' + boundary + b'"')
    return head, b"".join(b"--" + boundary + b"\n" + one + b"\n" for one in parts) + end


def _inside(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """A change inside of one part of a body."""
    gaps = list(BLANK.finditer(body))
    if not gaps:
        return head, body
    gap = chance.choice(gaps)
    start = body.rfind(b"\n--", 0, gap.start()) + 1
    inner_head, inner = chance.choice(CHANGES)(chance, body[start : gap.start()], body[gap.end() :])
    return head, body[:start] + _joined(inner_head, inner)


def _mark(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    at = chance.randint(0, len(body))
    mark = chance.choice(MARKS).encode("utf-8", "replace") * chance.choice((1, 1, 1, 2, 30))
    return head, body[:at] + mark + body[at:]


def _head_of_file(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    return head, chance.choice(HEADS) + (body if chance.random() < 0.5 else b"")


def _move_lines(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    lines = LINE.split(body)
    start = chance.randrange(len(lines))
    piece = lines[start : start + chance.randint(1, 8)]
    at = chance.randint(0, len(lines))
    if chance.random() < 0.5:
        del lines[start : start + len(piece)]
    lines[at:at] = piece * chance.choice((1, 1, 2, 20))
    return head, b"".join(lines)


def _reply(chance: Random, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """An answer to the mail."""
    quoted = b"".join(b"> " + line for line in LINE.split(body))
    opening = chance.choice(MARKS[3:8]).encode()
    own = chance.choice(MARKS[12:20]).encode()
    both = own + opening + quoted if chance.random() < 0.6 else opening + quoted + own
    return _set(head, b"In-Reply-To", b"<a@b.example>"), both


CHANGES: tuple[Change, ...] = (
    _add_field, _shuffle_fields, _retype, _recharset, _encode, _wrap, _inside, _inside, _mark, _mark, _head_of_file,
    _move_lines, _reply,
)  # fmt: skip
