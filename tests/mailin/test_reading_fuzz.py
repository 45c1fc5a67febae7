"""Mails of every form, made by a grammar: trees of parts, charsets, encodings, fields; promises hold for all."""

from __future__ import annotations

import quopri
from base64 import b64encode, encodebytes
from hashlib import sha256
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import cutting
from tests.fuzz.promises import check, check_quoted, check_same, read

FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LETTERS = "abcdefgh éèàçöü"  # in every charset below, and no two of them look like a letter of UTF-8
CHARSETS = ("utf-8", "iso-8859-1", "iso-8859-9", "windows-1252", "windows-1254", "utf-16", "utf-32")
HEAD = b"From: Marie <marie@clients.example>\nTo: support@shop.example\nMessage-ID: <m@clients.example>\n"


class Leaf(NamedTuple):
    """A part without parts; `file` is set for one that says it is a file."""

    content: bytes
    type: bytes
    encoding: bytes
    file: bool = False

    def made(self, path: str) -> bytes:
        """Its fields and its encoded content."""
        place = b'Content-Disposition: attachment; filename="' + path.encode() + b'.bin"\n' if self.file else b""
        return b"Content-Type: " + self.type + b"\n" + place + encoded(self.content, self.encoding)


class Tree(NamedTuple):
    """A part of parts."""

    kind: bytes
    parts: tuple[Leaf | Tree, ...]

    def made(self, path: str) -> bytes:
        """Its fields and its parts, between boundaries that are nowhere else."""
        boundary = b"=_" + path.encode() + b"_"
        parts = b"".join(b"\n--" + boundary + b"\n" + part.made(f"{path}{at}") for at, part in enumerate(self.parts))
        return (
            b"Content-Type: multipart/"
            + self.kind
            + b'; boundary="'
            + boundary
            + b'"\n'
            + parts
            + b"\n--"
            + boundary
            + b"--\n"
        )

    def files(self) -> list[bytes]:
        """The contents of its files."""
        return [content for part in self.parts for content in _files(part)]


def _files(part: Leaf | Tree) -> list[bytes]:
    return part.files() if isinstance(part, Tree) else [part.content] if part.file else []


def encoded(content: bytes, encoding: bytes) -> bytes:
    """The field that names an encoding, a blank line, and the content in it."""
    body = {b"base64": encodebytes, b"quoted-printable": quopri.encodestring}.get(encoding, bytes)(content)
    return b"Content-Transfer-Encoding: " + encoding + b"\n\n" + body


WORDS = st.lists(st.sampled_from(cutting.MARKS) | st.text(max_size=30), max_size=8).map("".join)
CONTENT = (
    WORDS.map(lambda text: text.encode("utf-8", "replace")) | st.sampled_from(cutting.HEADS) | st.binary(max_size=60)
)
TEXT_LEAVES = st.builds(
    Leaf,
    CONTENT,
    st.builds(
        lambda kind, charset: kind + b"; charset=" + charset,
        st.sampled_from(cutting.TYPES),
        st.sampled_from(cutting.CHARSETS),
    ),
    st.sampled_from(cutting.ENCODINGS),
    st.just(False),
)
FILES = st.builds(
    Leaf,
    st.sampled_from(cutting.HEADS) | st.binary(max_size=60),
    st.sampled_from([b"application/pdf", b"image/png", b"application/octet-stream", b"text/plain", b"text/html"]),
    st.just(b"base64"),
    st.just(True),
)
TREES = st.recursive(
    TEXT_LEAVES | FILES,
    lambda parts: st.builds(
        Tree,
        st.sampled_from([b"mixed", b"alternative", b"related", b"signed", b"digest"]),
        st.lists(parts, max_size=4).map(tuple),
    ),
    max_leaves=12,
)
FIELDS = st.lists(
    st.sampled_from(cutting.FIELDS)
    | st.builds(
        lambda name, value: name.encode() + b": " + value.encode("utf-8", "replace").replace(b"\n", b" "),
        st.sampled_from(["Subject", "From", "Reply-To", "References", "X-Note", "Received", "Auto-Submitted"]),
        st.text(max_size=60),
    ),
    max_size=8,
).map(lambda fields: b"".join(field + b"\n" for field in fields))


@FUZZ
@given(FIELDS, TREES)
def test_a_mail_of_any_form_is_read_within_bounds(fields: bytes, tree: Leaf | Tree) -> None:
    """Whatever its fields and parts: a value with clean texts, closed lists, and files that are what is listed."""
    raw = fields + tree.made("p")
    mail = read(raw)
    check(raw, mail)
    check_same(raw, mail)


@FUZZ
@given(FIELDS, TREES, st.integers(0, 1 << 32))
def test_a_mail_of_any_form_may_be_cut_and_pasted(fields: bytes, tree: Leaf | Tree, seed: int) -> None:
    """The changes that fuzzing makes, here without its guidance."""
    raw = cutting.mutate(fields + tree.made("p"), 100_000, seed)
    check(raw, read(raw))


@FUZZ
@given(st.lists(TREES, max_size=5).map(tuple))
def test_no_file_is_lost_in_a_tree_of_parts(parts: tuple[Leaf | Tree, ...]) -> None:
    """Each part that says it is a file is listed, with the digest of its decoded bytes."""
    tree = Tree(b"mixed", parts)
    listed = [file.sha256 for file in read(HEAD + tree.made("p")).attachments]
    for content in tree.files():
        listed.remove(sha256(content).hexdigest())


@FUZZ
@given(
    st.text(LETTERS, min_size=1, max_size=200),
    st.sampled_from(CHARSETS),
    st.sampled_from([b"base64", b"quoted-printable", b"8bit"]),
)
def test_words_are_the_same_in_every_charset_and_encoding(text: str, charset: str, encoding: bytes) -> None:
    """What was written is shown, letter by letter, in the subject too: a last é of one byte is no cut UTF-8."""
    if charset.startswith("utf-") and charset != "utf-8":
        encoding = b"base64"  # RFC 2045 2.8: a line end is more than one byte there
    kind = b"Content-Type: text/plain; charset=" + charset.encode() + b"\n"
    subject = f"Subject: =?{charset}?B?".encode() + b64encode(text.encode(charset)) + b"?=\n"
    mail = read(HEAD + subject + kind + encoded(text.encode(charset), encoding))
    assert mail.subject.split() == text.split()
    assert mail.whole.split() == text.split()
    assert not mail.attachments


@FUZZ
@given(WORDS)
def test_nothing_is_claimed_from_what_is_quoted(words: str) -> None:
    """Whatever the writer says above a quote."""
    check_quoted(words)
