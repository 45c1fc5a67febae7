"""Fuzzes the reader: the input is a mail. Some are read again, blown up to a megabyte, for time alone."""

from __future__ import annotations

import sys
from time import process_time
from zlib import crc32

from mailin.charsets import decode_loose
from tests.fuzz import cutting
from tests.fuzz.promises import RECIPIENT, check, check_quoted, check_same, read

SECONDS = 8.0 if "atheris" in sys.modules else 2.0  # of the processor; more where every branch taken is noted
BLOWN_BYTES = 1 << 20
SENDERS = (None, "", "marie@clients.example", RECIPIENT, "bounce+x@lists.example", None, None, None)
mutate = cutting.mutate


def fuzz(data: bytes) -> None:
    """Read a mail; raises AssertionError when a promise is broken. What else is done depends on the bytes alone."""
    chance = crc32(data)
    mail_from = SENDERS[chance % len(SENDERS)]
    started = process_time()
    mail = read(data, mail_from)
    check(data, mail)
    if chance >> 4 & 7 == 0:
        check_same(data, mail, mail_from)
    if chance >> 7 & 3 == 0:
        check_quoted(decode_loose(data[-2000:]))
    if chance >> 9 & 63 == 0:
        started = process_time()
        read(blown(data, chance >> 15), mail_from)
    assert process_time() - started < SECONDS, f"took {process_time() - started:.1f} seconds"


def blown(data: bytes, chance: int) -> bytes:
    """A piece of the mail said again and again where it stands, to a megabyte."""
    if not data:
        return data
    length = 1 << chance % 10
    start = (chance >> 4) * 37 % len(data)
    piece = data[start : start + length]
    return data[:start] + piece * ((BLOWN_BYTES - len(data)) // len(piece)) + data[start + length :]
