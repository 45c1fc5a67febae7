"""What a file is and whether it may be opened, by its first bytes and its size."""

from __future__ import annotations

import pytest

from handlers.rules import files
from handlers.rules.files import FILE_BYTES, FileFault, fault, kind, safe_name


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heic"),
        (b"GIF89a", "image/gif"),
        (b"MZ\x90", "application/x-dosexec"),
        (b"MZ------WEBP", "application/x-dosexec"),
        (b"\x7fELF0000WEBP", "application/x-elf"),
        (b"#!/bftypheic\n", "text/x-script"),
        (b"----ftypheic", ""),
        (b"<html><script>", ""),
        (b" %PDF-1.7", ""),
        (b"", ""),
    ],
)
def test_a_type_is_what_the_first_bytes_show(head: bytes, expected: str) -> None:
    """A name says nothing, so none is asked for (T33)."""
    assert kind(head) == expected


@pytest.mark.parametrize(
    ("head", "size", "expected"),
    [
        (b"%PDF-1.7", FILE_BYTES, None),
        (b"%PDF-1.7", FILE_BYTES + 1, "too_large"),
        (b"", 0, "empty"),
        (b"<html>", 10, "wrong_type"),
        (b"GIF89a", 10, "wrong_type"),
        (b"II*\x00", 10, "wrong_type"),
        (b"MZ\x90", 10, "wrong_type"),
    ],
)
def test_a_file_is_refused_before_it_is_opened(head: bytes, size: int, expected: FileFault | None) -> None:
    """Five types, ten megabytes; everything else is told apart without a parser (T33)."""
    assert fault(head, size) == expected


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Kbis été 2026.pdf", "Kbis été 2026.pdf"),
        ("../../etc/passwd", "etc_passwd"),
        ("..\\C:\\kbis.pdf", "C_kbis.pdf"),
        ("carte\u202efdp.exe", "cartefdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("\0", "unnamed"),
        (" . ", "unnamed"),
        ("é" * 500 + ".pdf", "é" * (files.NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_a_file_name_is_made_safe_to_show(name: str, safe: str) -> None:
    """No path, no direction marks, no second line, whatever a customer calls a file."""
    assert safe_name(name) == safe
