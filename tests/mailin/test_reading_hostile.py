"""Whatever bytes arrive, reading them ends soon, in a value, within bounds."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.model.mail import InboundMail
from handlers.unseen import JOINT
from mailin.contents import ATTACHMENTS, TEXT_LENGTH
from mailin.reader import REFERENCES
from tests.mailin.parcels import attribute, ber, docx, prop, wrapped
from tests.mailin.reading import MAILS, read

CORPUS = [path.read_bytes() for path in sorted(MAILS.rglob("*.eml"))]
WORST_SECONDS = 2.0  # issue: the worst mail; on a slow machine too
ATTACK_SECONDS = 1.0
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(mail: InboundMail) -> None:
    """A value that can be kept, shown and sent, within its bounds."""
    assert msgspec.json.decode(msgspec.json.encode(mail), type=InboundMail) == mail
    assert len(mail.text) <= TEXT_LENGTH
    assert len(mail.subject) <= 300
    assert len(mail.message_id) <= 250
    assert len(mail.attachments) <= ATTACHMENTS
    assert len(mail.references) <= REFERENCES
    assert 0.0 <= mail.confidence <= 1.0
    for field in (mail.subject, mail.from_name, mail.from_address, mail.reply_to, mail.message_id, mail.mail_from):
        assert field.isprintable()
    assert JOINT.sub("", mail.text.replace("\n", "")).isprintable()
    assert not any(defect.startswith("cannot be read") for defect in mail.defects)


@FUZZ
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    """Random bytes never raise."""
    check(read(raw))


@FUZZ
@given(st.sampled_from(CORPUS), st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 60), st.binary(max_size=40))))
def test_a_damaged_mail_is_still_read(raw: bytes, damages: list[tuple[int, int, bytes]]) -> None:
    """Real mails with pieces cut out, replaced and put in never raise."""
    data = bytearray(raw)
    for at, length, piece in damages:
        start = at % (len(data) + 1)
        data[start : start + length] = piece
    check(read(bytes(data)))


@FUZZ
@given(st.sampled_from(CORPUS), st.sampled_from(CORPUS), st.integers(0, 4000), st.integers(0, 4000))
def test_two_mails_run_together_are_read(first: bytes, second: bytes, cut: int, start: int) -> None:
    """The beginning of one mail with the end of another never raises."""
    check(read(first[:cut] + second[start:]))


@FUZZ
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_is_shown_clean(subject: str, text: str) -> None:
    """Whatever letters are written, those shown are printable."""
    raw = (
        b"Subject: " + subject.replace("\n", " ").encode("utf-8", "replace") + b"\n\n" + text.encode("utf-8", "replace")
    )
    check(read(raw))


@FUZZ
@given(st.text(alphabet="<>/=\"' abdivpblockquoteszspan\n&#x;0123456789", max_size=600))
def test_any_markup_is_read(html: str) -> None:
    """HTML of any shape never raises."""
    check(read(b"Content-Type: text/html\n\n" + html.encode()))


def nested_html() -> bytes:
    """Elements in elements."""
    return b"Content-Type: text/html\n\n" + b"<div><blockquote><table><tr><td>" * 6000 + b"x"


def many_quotes() -> bytes:
    """Thousands of quotes, each to be taken out."""
    return b"Content-Type: text/html\n\n" + b"<blockquote>a<br>b</blockquote>c<p hidden>d</p>" * 6000


def many_breaks() -> bytes:
    """A long run of block ends and spaces."""
    return b"Content-Type: text/html\n\n" + b"<div> <br> </div>" * 15_000


def many_boundaries() -> bytes:
    """Delimiters that are the beginning of others, and multiparts in multiparts."""
    inner = b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 20_000
    return b"Content-Type: multipart/mixed; boundary=a\n\n" + inner + b"\n--ab" * 50_000


def endless_header() -> bytes:
    """A header of a megabyte, of what patterns like least."""
    return b"From: " + b'"\\' * 500_000 + b"\nSubject: " + b"=?utf-8?q?" * 100_000 + b"\n\nx"


def many_parameters() -> bytes:
    """A Content-Type of nothing but quotes that do not end."""
    return b'Content-Type: text/plain; a="' + b';a="' * 4000 + b"\n\nx"


def attribution_lines() -> bytes:
    """Lines that nearly are attributions, header blocks and rules."""
    lines = [
        b"le 1" + b" a ecrit" * 70,
        b"1<" * 290,
        b"De: " * 140,
        b"yazdi (" * 80,
        b"_" * 590,
        b"1" * 590 + b":",
        b"on 1 <a@" * 70 + b":",
    ]
    return b"\n\n" + b"\n".join(lines * 40)


def login_lines() -> bytes:
    """Names of logins without end."""
    return (
        b"\n\n"
        + b"identifiant client de pour sur identifiant : " * 4000
        + b"a" * 50_000
        + b"@" * 5000
        + b"a.a-" * 20_000
    )


def address_lines() -> bytes:
    """Nearly addresses, and cues for new ones."""
    return b"\n\n" + b"remplacer changer nouvelle adresse a@b.example par " * 3000 + b"a@" * 20_000


def long_words() -> bytes:
    """Words that are all near misses."""
    return b"\n\n" + b"passsword reinitialyser conecter oublyer auhtenticator " * 2000


def uuid_garbage() -> bytes:
    """Base64 of nothing in many parts."""
    part = b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + b"=" * 3000 + b"\n"
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 3000


def big_attachment() -> bytes:
    """A mail of 25 MB."""
    head = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nmot de passe perdu\n--b\n"
    return (
        head
        + b"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
        + (b"QUJD" * 19 + b"\r\n") * 330_000
        + b"--b--"
    )


@pytest.mark.parametrize(
    "make",
    [
        nested_html, many_quotes, many_breaks, many_boundaries, endless_header, many_parameters, attribution_lines,
        login_lines, address_lines, long_words, uuid_garbage, big_attachment,
    ],
)  # fmt: skip
def test_the_worst_mail_is_read_in_time(make: Callable[[], bytes]) -> None:
    """No mail keeps the reader busy for two seconds."""
    raw = make()
    started = time.process_time()
    mail = read(raw)
    assert time.process_time() - started < WORST_SECONDS
    check(mail)


def html(source: bytes, charset: bytes = b"utf-8") -> bytes:
    """A mail of markup."""
    return b"Content-Type: text/html; charset=" + charset + b"\n\n" + source


def text(words: str, *, flowed: bool = False) -> bytes:
    """A mail of words."""
    return f"Content-Type: text/plain; charset=utf-8{'; format=flowed' * flowed}\n\n{words}".encode()


def parts(*each: bytes) -> bytes:
    """A mail of parts, each with its headers."""
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(b"--b\n" + part + b"\n" for part in each)


def strings_in_strings() -> bytes:
    """A signed wrapper whose content is a string in 900 strings."""
    content = b"x"
    for _ in range(900):
        content = ber(0x24, content)
    data = ber(0x30, ber(6, bytes.fromhex("2a864886f70d010701")) + ber(0xA0, content))
    signed = ber(0xA0, ber(0x30, ber(2, b"\1") + ber(0x31, b"") + data))
    return wrapped(ber(0x30, ber(6, bytes.fromhex("2a864886f70d010702")) + signed))


# A packed piece of a PDF whose one stored block is the beginning of the next, and a block of nothing.
STREAM = b"/ObjStm stream\n\x78\x9c\x00\x11\x00\xee\xff"
EMPTY = b"\x00\x00\x00\xff\xff"

# What once took from a second to a quarter of an hour, because its time grew with the square of its size.
ATTACKS: dict[str, Callable[[], bytes]] = {
    "scripts without end, letters that are three": lambda: html(
        ("<script " * 3500 + "\u200b" + "\ufb2c" * 70_000).encode("utf-16-le")[: 190 * 1024], b"utf-16-le"
    ),
    "quotes in quotes": lambda: html(b"<blockquote>" * 250 + b"<p>a" * 46_000),
    "hidden in hidden": lambda: html(b"<div hidden>" * 250 + b"<p>a" * 46_000),
    "text behind what is hidden": lambda: parts(*[html(b"x" * 80_000 + b"<b hidden></b>y" * 6000)] * 5),
    "attributes without end": lambda: html(b"<p " + b" ".join(b"a%d" % number for number in range(27_000)) + b">x"),
    "attributes that hold tags": lambda: parts(
        *[html(b"<p \"' a='>' " + b" ".join(b"a%d='>'" % number for number in range(17_000)) + b">x")] * 5
    ),
    "tags without end": lambda: html(b"<x" * 90_000),
    "tags in quotes without end": lambda: html(b'<a b="' * 30_000),
    "headers in no charset": lambda: parts(
        *[b"Content-Type: multipart/x; boundary=z\n" + b"a:\x81\xe9\xff\x8d bonjour\n" * 450] * 1000
    ),
    "file names in charsets there are not": lambda: parts(
        *[
            b'Content-Type: image/png; name="'
            + b"".join(b"=?x%d?q?=81=e9=ff=8d_bonjour?= " % number for number in range(60))
            + b'"'
            for _ in range(99)
        ]
    ),
    "parts that are all headers": lambda: parts(*[b"a: b\n" + b"a\n" * 60_000] * 99),
    "empty multiparts": lambda: parts(*[b"Content-Type: multipart/x; boundary=z\n"] * 450_000),
    "boundaries that begin like others": lambda: (
        parts(b"Content-Type: multipart/x; boundary=bc\n\n--bc\nContent-Type: multipart/x; boundary=bcd\n")
        + b"\n--bcde" * 1_000_000
    ),
    "signature marks": lambda: text("--\n" * 20_000),
    "closing words": lambda: text("merci\n" * 10_000),
    "a paragraph of a line a word": lambda: text("a \n" * 60_000, flowed=True),
    "bombs in fifty documents": lambda: parts(
        *[b"Content-Type: application/pdf\n\n%PDF-1.7\n/ObjStm stream\n" + zlib.compress(b"/#4a#61" * 600_000)] * 50
    ),
    "streams in streams in fifty documents": lambda: parts(
        *[b"Content-Type: application/pdf\n\n%PDF-1.7\n" + STREAM * 199 + STREAM[:-5] + EMPTY * 50_000] * 50
    ),
    "names in fifty archives": lambda: parts(
        *[b"Content-Type: application/zip\n\n" + docx("x/embeddings/" * 5000, "x/" + "." * 60_000 + "a")] * 50
    ),
    "pages in fifty files": lambda: parts(*[b"Content-Type: image/svg+xml\n\n<svg " + b"<" * 500_000] * 50),
    "strings in strings": strings_in_strings,
    "half letters in winmail.dat": lambda: (
        b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\x01\x00"
        + attribute(0x00069003, b"\x01\0\0\0" + prop(0x1F, 0x1000, b"\x3d\xd8" * 5_000_000))
    ),
    "styles in a style": lambda: html(b'<p style="' + b"font-size:1px;" * 12_000 + b'">x</p>'),
    "marks on marks": lambda: text("\u200b" + "\u0592\u0591" * 48_000),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_takes_no_more_time_than_its_size_allows(attack: Callable[[], bytes]) -> None:
    """What was found to hold the reader up does so no more."""
    raw = attack()
    started = time.process_time()
    mail = read(raw)
    assert time.process_time() - started < ATTACK_SECONDS
    check(mail)
