"""A mail as signatures see it: its fields byte for byte, its body, and the forms that are hashed (RFC 6376 3.4).

Every step takes time in proportion to the mail, whatever it is made of. (dkimpy's patterns take the square: 200 KB of
blanks keep them busy for half a minute.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Literal, NamedTuple

from mailin.fields import block

Form = Literal["simple", "relaxed"]

ENDS = (1 << 21, 1 << 14, 1 << 7, 2)
"""So many bytes of empty lines are cut off at once."""

RUNS = (4096, 256, 16, 4)
"""Runs of so many blanks are made one at once, so that the longest ones take no more turns than short ones."""


class Field(NamedTuple):
    """A field: its name in lower case, and all of its bytes with the last line end."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """What follows the colon, as it is."""
        return self.raw.partition(b":")[2]

    @property
    def text(self) -> bytes:
        """The value on one line."""
        return self.value.replace(b"\r\n", b"").strip()

    def relaxed(self) -> bytes:
        """The field in relaxed form (RFC 6376 3.4.2)."""
        return self.name + b":" + squeezed(self.value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


class Content:
    """A mail cut into fields and body, as the reader has it; line ends may be LF alone, as in a file.

    `odd` is whether another program may find other fields in it: then no signature counts.
    """

    def __init__(self, raw: bytes) -> None:
        found = block(raw, 0, len(raw))
        self.fields = tuple(Field(one.name.encode(), one.raw) for one in found.fields)
        self.odd = found.odd
        self._rest = raw[found.body_start :]

    def every(self, name: bytes) -> list[Field]:
        """The fields of that name in lower case, the topmost first."""
        return [field for field in self.fields if field.name == name]

    def body_hash(self, form: Form) -> tuple[bytes, int]:
        """SHA-256 of the body in a form, and how many bytes that is of; made once each."""
        return self._relaxed if form == "relaxed" else self._simple

    @cached_property
    def _body(self) -> bytes:
        body = self._rest
        if body.count(b"\n") != body.count(b"\r\n"):
            body = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return body if not body or body.endswith(b"\r\n") else body + b"\r\n"

    @cached_property
    def _simple(self) -> tuple[bytes, int]:
        body = without_empty_end(self._body) or b"\r\n"
        return sha256(body).digest(), len(body)

    @cached_property
    def _relaxed(self) -> tuple[bytes, int]:
        body = without_empty_end(squeezed(self._body).replace(b" \r\n", b"\r\n"))
        return sha256(body).digest(), len(body)


def squeezed(text: bytes) -> bytes:
    """Every run of blanks and tabs made one blank."""
    text = text.replace(b"\t", b" ")
    for run in RUNS:
        text = text.replace(b" " * run, b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def without_empty_end(body: bytes) -> bytes:
    """A body without the empty lines at its end; every line that is left keeps its end."""
    end = len(body)
    for size in ENDS:
        while end >= size and body.endswith(b"\r\n" * (size // 2), 0, end):
            end -= size
    return body[:end] + b"\r\n" if end else b""


def header_hash(content: Content, signed: Sequence[bytes], form: Form, own: bytes) -> bytes:
    """SHA-256 of the signed fields, the lowest of each name first, and of the signature's own (RFC 6376 3.7)."""
    waiting: dict[bytes, list[Field]] = {}
    for field in content.fields:
        waiting.setdefault(field.name, []).append(field)
    digest = sha256()
    for name in signed:
        if left := waiting.get(name):
            field = left.pop()
            digest.update(field.relaxed() if form == "relaxed" else field.raw)
    digest.update(own)
    return digest.digest()
