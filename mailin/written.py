"""Files that older programs write as letters, most often into a mail's text: uuencode (POSIX), yEnc, BinHex (RFC 1741).

All is found in one pass; what is broken ends a file there.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from itertools import islice, repeat
from typing import Final

FILES = 20  # of one mail
REPEATS = 200_000  # of bytes in BinHex, in one mail
MOST = 32 << 20  # bytes of one file in BinHex, which says some bytes only once
MARKS: Final = (b"begin", b"=ybegin", b"(This file must be converted with BinHex")

# Each begins with letters to be searched for, at the beginning of a line.
UU = re.compile(
    rb"begin (?<![^\r\n]begin )[0-7]{3,4} ([^\r\n]{1,300})(?:\r?\n|\r)((?:[!-`][ -`]{1,90}[\t ]{0,9}(?:\r?\n|\r))++)"
)
BASE64 = re.compile(
    rb"begin-base64 (?<![^\r\n]begin-base64 )[0-7]{3,4} ([^\r\n]{1,300})(?:\r?\n|\r)([\w+/\r\n]++={0,2})"
)
YENC = re.compile(
    rb"=ybegin (?<![^\r\n]=ybegin )[^\r\n]{0,200}?name=([^\r\n]{1,300})(?:\r?\n|\r)"
    rb"(?:=ypart [^\r\n]{0,200}(?:\r?\n|\r))?((?:[^=]++|=(?!yend))*+)"
)
BINHEX = re.compile(rb"\(This file must be converted with BinHex()[^\r\n]{0,80}\s{1,20}:([^:]*)")

YENC_BYTES = bytes((byte - 42) % 256 for byte in range(256))
YENC_ESCAPES = (b"=@", b"=J", b"=M", b"=I", b"=`", b"=n", b"=}")
"""Of the bytes that could not stand in a text; the sign itself last, as it would begin others."""
# BinHex takes other letters than base64 for the same six bits.
BINHEX_LETTERS = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
AS_BASE64 = bytes.maketrans(BINHEX_LETTERS, BASE64_LETTERS)
NO_BINHEX = bytes(set(range(256)) - set(BINHEX_LETTERS))
REPEATED = re.compile(rb"\x90(.)", re.DOTALL)
HEADER = 22  # bytes, and the name


class Writings:
    """Reads such files, as many as one mail may have."""

    def __init__(self) -> None:
        self.files, self._repeats = FILES, repeat(None, REPEATS)

    def read(self, text: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Name and bytes of each file in a text."""
        if not any(mark in text for mark in MARKS):
            return
        kinds: tuple[tuple[re.Pattern[bytes], Callable[[bytes, bytes], tuple[bytes, bytes]]], ...] = (
            (UU, _uu), (BASE64, _base64), (YENC, _yenc), (BINHEX, self._binhex),
        )  # fmt: skip
        for pattern, reads in kinds:
            for found in islice(pattern.finditer(text), max(0, self.files)):
                self.files -= 1
                yield reads(found[1].strip(), found[2])

    def _binhex(self, _: bytes, letters: bytes) -> tuple[bytes, bytes]:
        """A file for old Macintoshes: its header, which names it, and of its two halves the one that others know."""
        data = self._repeated(_whole(letters.translate(AS_BASE64, NO_BINHEX)))
        length = data[0] if data else 0
        size = int.from_bytes(data[length + 12 : length + 16], "big")
        return data[1 : length + 1], data[length + HEADER : length + HEADER + size]

    def _repeated(self, data: bytes) -> bytes:
        """The bytes, with those that are said once and stand several times."""
        told, at = bytearray(), 0
        for again, _ in zip(REPEATED.finditer(data), self._repeats):  # noqa: B905 - whichever ends first
            told += data[at : again.start()]
            times = again[1][0]
            told += told[-1:] * (times - 1) if times else b"\x90"
            at = again.end()
            if len(told) > MOST:
                return bytes(told)
        return bytes(told + data[at:])


def _uu(name: bytes, lines: bytes) -> tuple[bytes, bytes]:
    return name, b"".join(map(_uu_line, lines.splitlines()))


def _uu_line(line: bytes) -> bytes:
    """One line; some programs write a letter more than its length tells."""
    told = (line[0] - 32) % 64
    try:
        return binascii.a2b_uu(line[: 1 + -(-told // 3) * 4])
    except binascii.Error:
        return b""


def _base64(name: bytes, letters: bytes) -> tuple[bytes, bytes]:
    return name, _whole(letters.translate(None, b"\r\n_="))


def _whole(letters: bytes) -> bytes:
    """Bytes told in base64 letters, as far as they go; a single letter at the end tells nothing."""
    rest = len(letters) % 4
    return binascii.a2b_base64(letters[:-1] if rest == 1 else letters + b"=" * (-rest % 4))


def _yenc(name: bytes, body: bytes) -> tuple[bytes, bytes]:
    body = body.translate(None, b"\r\n")
    for escape in YENC_ESCAPES:
        body = body.replace(escape, bytes([escape[1] - 64]))
    return name, body.translate(YENC_BYTES)
