"""What a file is and what it could do, told from its bytes; nothing is opened, run or unpacked beyond small bounds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Final, NamedTuple

from handlers.model.mail import FileVerdict
from handlers.rules import files
from mailin.archives import Table, tar_table, zip_end, zip_table
from mailin.bounds import Bounds
from mailin.office import DDE, TEMPLATE, office_action, office_kind
from mailin.pdfs import OVERLAP, STEP, pdf_action

PACKED = 256 << 10  # bytes of a packed file of which the beginning is looked at
MARKUP = 2 << 20  # bytes of a page that are searched

TOO_BIG: Final = "too big to be looked into whole"
FLAT: Final = ("image/", "audio/", "video/")
"""What does nothing by itself, wherever one looks in it."""
PAPERS: Final = files.ACCEPTED | {"image/tiff", "image/gif"}
PROGRAMS: Final[Mapping[str, str]] = {
    "application/x-dosexec": "it is a Windows program",
    "application/x-elf": "it is a Linux program",
    "application/x-mach-o": "it is a macOS program",
    "application/java-vm": "it is a Java program",
    "application/java-archive": "it is a Java program",
    "application/vnd.android.package-archive": "it is an Android program",
    "application/x-msi": "it installs programs",
    "application/x-ms-shortcut": "it is a shortcut that starts something",
    "application/x-iso9660-image": "it is a disk image",
    "application/vnd.ms-htmlhelp": "it is a help file that can run programs",
    "application/onenote": "it is a OneNote page, which can carry programs",
    "text/x-script": "it is a script",
}
CLOSED: Final[Mapping[str, str]] = {
    "application/x-rar": "a RAR archive, which cannot be looked into",
    "application/x-7z-compressed": "a 7-Zip archive, which cannot be looked into",
    "application/vnd.ms-cab-compressed": "a cabinet archive, which cannot be looked into",
}
DANGEROUS_ENDING = re.compile(
    r"(?:exe|scr|com|pif|bat|cmd|ps1|ps1xml|psc1|vb[es]?|jse?|mjs|wsf?|wsh|wsc|sct|hta|msi|msp|mst|msix|appx|jar|jnlp|class|lnk|url|website"
    r"|desktop|scf|inf|ini|iso|img|vhdx?|dmg|pkg|dll|sys|drv|ocx|cpl|reg|chm|hlp|gadget|application|appref-ms|library-ms|search-ms"
    r"|settingcontent-ms|diagcab|doc[mt]m?|dotm|xls[mb]|xlt?m|xlam|xla|xll|ppt[m]|pps[m]|pot[m]|ppam|sld[m]|accd[beu]|md[abe]|ade|adp|iqy|slk|one|onepkg"
    r"|html?|xht|xhtml|shtml|mht|mhtml|svgz?|swf|apk|ipa|sh|bash|csh|ksh|command|tool|run|bin|elf|py[cwoz]?|rb|pl|php\d?|phtml|phar|aspx?|jsp|cgi|rdp|ace|arj|udl|wim)",
    re.IGNORECASE,
)
ARCHIVE_ENDING = re.compile(r"(?:zip|rar|7z|gz|tgz|bz2|xz|tar|cab|iso|img|lzh|arj|ace|jar|zst)", re.IGNORECASE)
SIGNATURE_TYPES: Final = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
EXTENSIONS: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
}
SAME: Final[Mapping[str, str]] = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/heif": "image/heic",
    "image/tif": "image/tiff",
    "application/x-pdf": "application/pdf",
    "application/acrobat": "application/pdf",
}
UNSAID: Final = {
    "application/octet-stream",
    "text/plain",
    "application/x-download",
    "application/force-download",
    "binary/octet-stream",
    "application/download",
}

MARKUP_ACTIVE = re.compile(
    rb"<script|javascript:|vbscript:|<iframe|<object\b|<embed\b|<applet|<foreignobject|<form\b|http-equiv=.?refresh|data:text/html|[\s\"'/]on[a-z]{3,20}\s*=",
    re.IGNORECASE,
)
# What may stand between the letters of an RTF (never what is searched for: no place is passed over twice), and a D and
# an E as letter or as number.
_BETWEEN = rb"(?:[{}\s]|\\\*|\\(?!fldinst|template)[a-z]{1,32}-?\d{0,9} ?)*+"
_D, _E = rb"(?:d|\\'[46]4)", rb"(?:e|\\'[46]5)"
RTF_ACTIVE: Final = (
    (re.compile(rb"\\obj(?:data|update|ocx|class|emb|link|autlink)", re.IGNORECASE), "it carries another file"),
    (re.compile(_BETWEEN.join((rb"\\fldinst", _D, _D, _E)), re.IGNORECASE), DDE),
    # Most letters name one, of the writer's own disk.
    (re.compile(rb"\\template" + _BETWEEN + rb"(?![a-z]:|[\w .-]{1,80}\})", re.IGNORECASE), TEMPLATE),
)
BEFORE_MARKUP: Final = ((b"<?xml", b"?>"), (b"<!--", b"-->"), (b"<!doctype svg", b">"))
BEGINNINGS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"<(?:\w{1,20}:)?svg[\s>]"), "image/svg+xml"),
    (re.compile(rb"<(?:!doctype html|html|head|body|script|meta|iframe|title|div|table|form)[\s>]"), "text/html"),
    (re.compile(rb"@echo off|<\?php|<%@|wscript\.|set-executionpolicy|powershell[. ]|sub auto_?open"), "text/x-script"),
    (re.compile(rb"<job\b|<package>\s*<job"), "text/x-script"),
    (re.compile(rb"begin:vcalendar"), "text/calendar"),
    (re.compile(rb"begin:vcard"), "text/vcard"),
    (
        re.compile(rb"(?:from |return-path:|received:|message-id:|delivered-to:|mime-version:|x-[\w-]{1,40}:|from:)"),
        "message/rfc822",
    ),
)


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


OLE_KINDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46", "application/x-msi"),
    (_wide("__properties_version1.0"), "application/vnd.ms-outlook"),
    (_wide("WordDocument"), "application/msword"),
    (_wide("Workbook"), "application/vnd.ms-excel"),
    (_wide("PowerPoint Document"), "application/vnd.ms-powerpoint"),
)
OLE_ACTIVE: Final[tuple[tuple[bytes, str], ...]] = (
    (_wide("_VBA_PROJECT"), "it holds macros"),
    (_wide("Ole10Native"), "it carries another file"),
    (_wide("EncryptedPackage"), "it is encrypted and cannot be looked into"),
)


class Seen(NamedTuple):
    """What a file is by its bytes ("" when they show nothing), and why it is dangerous, if it is."""

    type: str
    danger: str = ""


class Judged(NamedTuple):
    """What is said of a file."""

    type: str
    verdict: FileVerdict
    why: str


def judged(name: str, declared: str, content: bytes, bounds: Bounds | None = None, *, is_whole: bool = True) -> Judged:
    """Type, verdict and reason; `content` is the whole file, or the beginning and the end of one that is too large.

    `bounds` are those of the mail it came with.
    """
    seen = look(content, bounds or Bounds(), is_whole)
    kind = seen.type or declared
    ending = _ending(name)
    danger = PROGRAMS.get(seen.type) or seen.danger
    danger = danger or (f"its name ends in .{ending}" if DANGEROUS_ENDING.fullmatch(ending) else "")
    if danger:
        return Judged(kind, "dangerous", danger)
    claimed = _claimed(name, declared)
    if not content:
        return Judged(kind, "mismatch" if claimed else "unknown", "it is empty")
    if claimed and claimed != seen.type:
        return Judged(kind, "mismatch", f"it is called {claimed}, and its bytes are {seen.type or 'none of that kind'}")
    if not is_whole and not seen.type.startswith(FLAT):
        return Judged(kind, "unknown", TOO_BIG)
    if seen.type in PAPERS:
        fits = declared in UNSAID or SAME.get(declared, declared) == seen.type
        return Judged(
            kind, "plausible" if fits else "mismatch", "" if fits else f"it is called {declared}, and is {kind}"
        )
    return Judged(kind, "unknown", "it is the mail's signature and no document" if declared in SIGNATURE_TYPES else "")


def _ending(name: str) -> str:
    """What follows the last dot of a name, in lower case; nothing where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _claimed(name: str, declared: str) -> str:
    """Which document a file says it is: by its declared type, or where that says nothing, by its name."""
    kind = SAME.get(declared, declared)
    if kind in PAPERS:
        return kind
    return EXTENSIONS.get(_ending(name), "") if declared in UNSAID else ""


def look(content: bytes, bounds: Bounds, is_whole: bool = True) -> Seen:
    """What the bytes show."""
    kind = files.kind(content[: files.HEAD])
    if kind == "application/zip":
        return _zip(content, bounds, is_whole)
    if kind == "application/x-ole":
        return _ole(content)
    if kind == "application/pdf":
        return Seen(kind, pdf_action(content, bounds) or _second(content))
    if kind == "application/rtf":
        text = bounds.search(content, MARKUP)
        return Seen(kind, next((why for sign, why in RTF_ACTIVE if sign.search(text)), ""))
    if kind in CLOSED:
        return Seen(kind, CLOSED[kind])
    if kind == "application/gzip":
        return Seen(kind, _packed(content, bounds))
    if kind in files.ACCEPTED or kind in PAPERS:
        return Seen(kind, _second(content))
    return Seen(kind) if kind else _unsigned(content, bounds)


def _unsigned(content: bytes, bounds: Bounds) -> Seen:
    """What has no magic number: disk images, tar archives, and text of some kinds."""
    if content.startswith(b"CD001", 0x8001):
        return Seen("application/x-iso9660-image")
    if content.startswith(b"ustar", 257):
        return Seen("application/x-tar", _held(tar_table(content)))
    start = content[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.replace(b"\0", b"")[2:]
    start = _markup(start.removeprefix(b"\xef\xbb\xbf").lower().lstrip())
    kind = next((kind for pattern, kind in BEGINNINGS if pattern.match(start)), "")
    if kind in ("text/html", "image/svg+xml"):
        page = bounds.search(content, MARKUP).replace(b"\0", b"")
        return Seen(kind, "it is a page with active content" if MARKUP_ACTIVE.search(page) else "")
    return Seen(kind)


def _markup(start: bytes) -> bytes:
    """The text without what may stand before the first element of a page."""
    while sign := next((end for begin, end in BEFORE_MARKUP if start.startswith(begin)), b""):
        start = start.partition(sign)[2].lstrip()
    return start


def _second(content: bytes) -> str:
    """Whether a document is something else as well, for a program that reads it otherwise."""
    if zip_end(content) >= 0:
        return "it is an archive as well"
    return "it is a web page as well" if re.search(rb"<(?:html|script)[\s>]", content[:1024], re.I) else ""


def _holds(content: bytes, needle: bytes) -> bool:
    return any(content.find(needle, at, at + STEP + OVERLAP) >= 0 for at in range(0, len(content), STEP))


def _ole(content: bytes) -> Seen:
    """An old Office document, an installer or an Outlook message, by the names of what it holds."""
    kind = next((kind for sign, kind in OLE_KINDS if _holds(content, sign)), "application/x-ole")
    return Seen(kind, next((why for sign, why in OLE_ACTIVE if _holds(content, sign)), ""))


def _zip(content: bytes, bounds: Bounds, is_whole: bool) -> Seen:
    table = zip_table(content)
    if table is None:
        return Seen("application/zip", "an archive without a table of contents, which cannot be looked into")
    names = dict.fromkeys(name.lower() for name in table.names)
    if "androidmanifest.xml" in names:
        return Seen("application/vnd.android.package-archive")
    if "meta-inf/manifest.mf" in names and any(name.endswith(".class") for name in names):
        return Seen("application/java-archive")
    if office := office_kind(content, names):
        return Seen(office, office_action(content, table, bounds, is_whole) or _bounds(table))
    return Seen("application/zip", _held(table))


def _bounds(table: Table) -> str:
    if table.bomb:
        return "it would unpack to more than any document holds"
    if table.encrypted:
        return "an encrypted archive, which cannot be looked into"
    return "an archive with too many files to look at" if table.cut else ""


def _held(table: Table) -> str:
    """What an archive holds that nobody should open."""
    for name in table.names:
        plain = name.rstrip(" .\0")
        if DANGEROUS_ENDING.fullmatch(_ending(plain)):
            return f"an archive that holds a program or page: {files.safe_name(plain.rpartition('/')[2])[:60]}"
        if ARCHIVE_ENDING.fullmatch(_ending(plain)):
            return f"an archive that holds another: {files.safe_name(plain.rpartition('/')[2])[:60]}"
    return _bounds(table)


def _packed(content: bytes, bounds: Bounds) -> str:
    """What the beginning of a gzip file shows."""
    try:
        start = zlib.decompressobj(wbits=31).decompress(content[:PACKED], 1 << 16)
    except zlib.error:
        return "a broken archive, which cannot be looked into"
    seen = Seen(files.kind(start[: files.HEAD])) if not start.startswith(b"ustar", 257) else _unsigned(start, bounds)
    if seen.type in PROGRAMS or seen.type in CLOSED or seen.type in ("application/zip", "application/gzip"):
        return "a packed program or archive"
    return seen.danger
