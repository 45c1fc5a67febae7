"""Files that customers send: what they are by their first bytes, never by their name, and how much of them we take."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, get_args

HEAD: Final = 512
"""How many of a file's first bytes tell its type."""

FILE_BYTES: Final = 10 * 1024 * 1024
FILES: Final = 10
"""Files of one submission, by mail or on the portal."""
SUBMISSION_BYTES: Final = 25 * 1024 * 1024
PAGES: Final = 20
"""Pages of a PDF."""
PIXELS: Final = 40_000_000
"""Pixels of an image; a telephone's photograph has 12 million, a page scanned at 600 dots per inch 35."""
NAME_LENGTH: Final = 120

Type = Literal["application/pdf", "image/jpeg", "image/png", "image/webp", "image/heic"]
ACCEPTED: Final[frozenset[str]] = frozenset(get_args(Type))
"""Types of documents that customers may send."""

FileFault = Literal["empty", "too_large", "wrong_type"]
"""What one can say against a file without opening it."""

SIGNATURES: Final[tuple[tuple[bytes, int, str], ...]] = (
    (b"%PDF-", 0, "application/pdf"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftypheic", 4, "image/heic"),
    (b"ftypheix", 4, "image/heic"),
    (b"ftypmif1", 4, "image/heic"),
    (b"ftypheim", 4, "image/heic"),
    (b"ftypheis", 4, "image/heic"),
    (b"ftyphevc", 4, "image/heic"),
    (b"ftypmsf1", 4, "image/heic"),
    (b"II*\x00", 0, "image/tiff"),
    (b"MM\x00*", 0, "image/tiff"),
    (b"MZ", 0, "application/x-dosexec"),
    (b"\x7fELF", 0, "application/x-elf"),
    (b"\xfe\xed\xfa\xce", 0, "application/x-mach-o"),
    (b"\xfe\xed\xfa\xcf", 0, "application/x-mach-o"),
    (b"\xce\xfa\xed\xfe", 0, "application/x-mach-o"),
    (b"\xcf\xfa\xed\xfe", 0, "application/x-mach-o"),
    (b"\xca\xfe\xba\xbe", 0, "application/java-vm"),  # or a macOS program for two processors
    (b"L\x00\x00\x00\x01\x14\x02\x00", 0, "application/x-ms-shortcut"),
    (b"ITSF", 0, "application/vnd.ms-htmlhelp"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", 0, "application/onenote"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"PK\x05\x06", 0, "application/zip"),
    (b"Rar!", 0, "application/x-rar"),
    (b"7z\xbc\xaf", 0, "application/x-7z-compressed"),
    (b"MSCF", 0, "application/vnd.ms-cab-compressed"),
    (b"\x1f\x8b", 0, "application/gzip"),
    (b"BZh", 0, "application/x-bzip2"),
    (b"\xfd7zXZ\x00", 0, "application/x-xz"),
    (b"\xd0\xcf\x11\xe0", 0, "application/x-ole"),
    (b"\x78\x9f\x3e\x22", 0, "application/ms-tnef"),
    (b"#!", 0, "text/x-script"),
    (b"{\\rtf", 0, "application/rtf"),
)

BEFORE: Final[dict[str, bytes]] = {"image/webp": b"RIFF", "image/heic": b"\x00\x00"}
"""What stands at the very beginning of what is told by later bytes: a program has its own mark there."""

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|clock\$|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
"""Names that Windows takes for devices, whatever ending they have."""


def kind(head: bytes) -> str:
    """The media type that a file's first bytes show, empty when they show none that we know."""
    signs = (kind for sign, at, kind in SIGNATURES if head.startswith(sign, at))
    return next((kind for kind in signs if head.startswith(BEFORE.get(kind, b""))), "")


def fault(head: bytes, size: int) -> FileFault | None:
    """What is wrong with a document of `size` bytes that begins with `head`; None when it may be opened."""
    if size == 0:
        return "empty"
    if size > FILE_BYTES:
        return "too_large"
    return None if kind(head) in ACCEPTED else "wrong_type"


def safe_name(name: str) -> str:
    """A file name without path, control characters and tricks; `unnamed` when nothing is left."""
    letters = (" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", name[:1000]))
    one_line = " ".join("".join(letter for letter in letters if letter.isprintable()).split())
    safe = _UNSAFE.sub("_", one_line).strip(" ._")[-NAME_LENGTH:].lstrip(" ._") or "unnamed"
    return f"file {safe}" if _DEVICE.match(safe) else safe
