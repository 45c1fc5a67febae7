"""What an Office document does by itself: macros, and what it fetches from elsewhere as soon as it is opened.

Nothing is opened: parts are unpacked within the bounds of the mail, and searched for the few elements that act. Readers
of XML see through prefixes, quotes, references (`&#69;`) and UTF-16, so the searches do as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape
from typing import Final

from mailin.archives import Entry, Table, zip_file
from mailin.bounds import TOO_MUCH, Bounds

KINDS: Final[tuple[tuple[str, str], ...]] = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
OPEN_DOCUMENT = re.compile(
    rb".{26}\x08\x00..mimetype(application/vnd\.oasis\.opendocument\.[a-z-]{3,30}?)(?=PK|$)", re.DOTALL
)
EMBEDDED = re.compile(r"object \d{1,10}/")
NO_TEXT = re.compile(
    r"\.(?:png|jpe?g|jfif|gif|bmp|tiff?|emf|wmf|emz|wmz|wdp|ico|bin|fntdata|odttf|ttf|mp[34]|wav|m4[av])$"
)

MACROS: Final = "it holds macros"
CONTROLS: Final = "it holds active controls"
CARRIES: Final = "it carries another file"
DDE: Final = "it starts another program for data (DDE)"
CONNECTS: Final = "it takes data from elsewhere"
TEMPLATE: Final = "it fetches its template from elsewhere"
FETCHES: Final = "it fetches something from elsewhere when it is opened"
CLOSED: Final = "an Office document with a part that cannot be looked into"

# Kinds of relationships (ISO 29500-1 annex F), by the end of their addresses, which both forms of the standard share.
WITHIN: Final = {
    "vbaproject": MACROS, "wordvbadata": MACROS, "xlmacrosheet": MACROS, "xlintlmacrosheet": MACROS,
    "control": CONTROLS, "activexcontrolbinary": CONTROLS, "oleobject": CARRIES,
}  # fmt: skip
OUTSIDE: Final = {
    "attachedtemplate": TEMPLATE, "oleobject": "it takes an object from elsewhere",
    "frame": "it shows a page from elsewhere", "externallink": CONNECTS, "externallinkpath": CONNECTS,
}  # fmt: skip
NOWHERE = re.compile(r"(?:file:/{0,3})?[a-z][:|][/\\]|cid:|data:", re.IGNORECASE)
"""A place on the reader's own disk, or in the mail a text was copied from. Word notes there the template a letter was
begun with, of most letters."""
MAYBE_NOWHERE: Final = {"attachedtemplate", "image", "audio", "video", "media"}

TAG = 10_000  # bytes of a relationship; no program takes so long an address
RELATIONSHIP = re.compile(rb"<(?:[\w.-]{1,80}:)?Relationship\s")
REST_OF_TAG = re.compile(rb"""((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""")
ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]{1,80})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# A field is told in one attribute, or in pieces between its beginning and its end (ISO 29500-1 17.16).
FIELD = re.compile(
    rb"<(?:[\w.-]{1,80}:)?(?:instrText(?:\s[^<>]*)?>(?P<piece>[^<]*)"
    rb"|fldChar\s[^<>]*?fldCharType\s*=\s*[\"']\s*(?P<sign>begin|separate|end)"
    rb"|fldSimple\s[^<>]*?instr\s*=\s*(?:\"(?P<whole>[^\"<]*)|'(?P<quoted>[^'<]*)))"
)
DDE_FIELD = re.compile(r"\W*DDE(?:AUTO)?\b", re.IGNORECASE)
QUOTED = re.compile(r"\s*QUOTE((?:\s+\d{1,7})+)\s*$", re.IGNORECASE)
"""A field of letters told by their numbers: words may be made of it in a field around it."""
FORMULA = re.compile(
    rb"<(?:[\w.-]{1,80}:)?(?:f|definedName|formula[12]?)(?:\s[^<>]*)?>([^<]*(?:\||&#0*124;|&#[xX]0*7[cC];)[^<]*)"
)
DDE_FORMULA = re.compile(r"[\w.'\]]\s*\|")
QUOTED_NAME = re.compile(r""""[^"]*"|'[^']*'|\[[^][]*\]""")
"""Words, and the names of sheets and columns: a bar in one is a letter."""
SHEETS: Final = (
    (re.compile(rb"<(?:[\w.-]{1,80}:)?ddeLink\s"), DDE),
    (re.compile(rb"<(?:[\w.-]{1,80}:)?oleLink\s"), CONNECTS),
    (re.compile(rb"<(?:[\w.-]{1,80}:)?(?:dbPr|webPr|olapPr|textPr)[\s/>]"), CONNECTS),
)
OPEN_DDE = re.compile(rb"dde-(?:application|connection|source|link)", re.IGNORECASE)


def office_kind(content: bytes, names: Collection[str]) -> str:
    """Which Office document an archive of files with these names (in lower case) is; "" when it is none."""
    if "[content_types].xml" in names:
        return next((kind for folder, kind in KINDS if any(name.startswith(folder) for name in names)), "")
    written = OPEN_DOCUMENT.match(content[:200])
    return written[1].decode() if written else ""


def office_action(content: bytes, table: Table, bounds: Bounds, is_whole: bool) -> str:
    """What an Office document does by itself, or why nobody knows; of one that is cut only the names are told."""
    if found := next(filter(None, map(_by_name, dict.fromkeys(name.lower() for name in table.names))), ""):
        return found
    if table.encrypted or table.bomb or table.cut or not is_whole:
        return ""
    entries = [entry for entry in table.entries if not NO_TEXT.search(entry.name.lower())]
    entries.sort(key=lambda entry: not entry.name.lower().endswith(".rels"))  # they are small and tell most
    found = next(filter(None, (_part(content, entry, bounds) for entry in entries)), "")
    return found or (TOO_MUCH if bounds.spent else "")


def _by_name(name: str) -> str:
    """What an Office document does by itself that holds a file of this name, in lower case."""
    if name.endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith(("basic/", "scripts/", "xl/macrosheets/")):
        return MACROS
    if "/activex/" in name:
        return CONTROLS
    return CARRIES if ("/embeddings/" in name and name.endswith(".bin")) or EMBEDDED.match(name) else ""


def _part(content: bytes, entry: Entry, bounds: Bounds) -> str:
    """What one part does."""
    if bounds.spent:
        return TOO_MUCH
    part = zip_file(content, entry, bounds)
    if part is None:
        return CLOSED
    if b"\0" in part[:200]:  # UTF-16
        part = part.replace(b"\0", b"")
    name = entry.name.lower()
    if name.endswith(".rels"):
        return _relationships(part, bounds)
    if name.startswith("xl/"):
        return next((why for sign, why in SHEETS if sign.search(part)), "") or _formulas(part, bounds)
    return DDE if OPEN_DDE.search(part) or any(map(DDE_FIELD.match, _fields(part, bounds))) else ""


def _relationships(part: bytes, bounds: Bounds) -> str:
    """What a part is bound to that acts. No program writes these in a charset of its own or with entities."""
    if part.strip() and (b"Relationships" not in part or b"<!DOCTYPE" in part):
        return CLOSED
    for start in RELATIONSHIP.finditer(part):
        bounds.elements -= 1
        tag = REST_OF_TAG.match(part, start.end(), start.end() + TAG)
        if bounds.elements <= 0 or not tag:
            return TOO_MUCH
        said = {key.lower(): unescape(one or other).strip() for key, one, other in _attributes(tag[1])}
        kind = said.get("type", "").rpartition("/")[2].lower()
        is_outside = said.get("targetmode", "").lower() == "external"
        if found := _outside(kind, said.get("target", "")) if is_outside else WITHIN.get(kind, ""):
            return found
    return ""


def _attributes(tag: bytes) -> list[tuple[str, str, str]]:
    return ATTRIBUTE.findall(tag.decode("utf-8", "replace"))


def _outside(kind: str, target: str) -> str:
    """What is fetched without being asked for: all but links that one clicks, and what a writer's own disk held."""
    if kind == "hyperlink" or (kind in MAYBE_NOWHERE and NOWHERE.match(target)):
        return ""
    return OUTSIDE.get(kind, FETCHES)


def _fields(part: bytes, bounds: Bounds) -> Iterator[str]:
    """The instructions of the fields of a text, each put together from its pieces."""
    opened = [""]
    for found in FIELD.finditer(part):
        bounds.elements -= 1
        if bounds.elements <= 0:
            return
        if found["piece"] is not None:
            opened[-1] += unescape(found["piece"].decode("utf-8", "replace"))
        elif found["sign"] is None:
            yield unescape((found["whole"] or found["quoted"] or b"").decode("utf-8", "replace"))
        elif found["sign"] == b"begin":
            opened.append("")
        elif found["sign"] == b"end" and len(opened) > 1:
            field = opened.pop()
            opened[-1] += _quoted(field)
            yield field
    yield from opened


def _quoted(field: str) -> str:
    """The letters that a field around this one sees of it."""
    numbers = QUOTED.match(field)
    return "".join(chr(min(int(one), 0xFFFF)) for one in numbers[1].split()) if numbers else ""


def _formulas(part: bytes, bounds: Bounds) -> str:
    """Whether a formula asks another program, as `cmd|'/c calc'!A0` does."""
    for found in FORMULA.finditer(part):
        bounds.elements -= 1
        if bounds.elements <= 0:
            return TOO_MUCH
        if DDE_FORMULA.search(QUOTED_NAME.sub("'", unescape(found[1].decode("utf-8", "replace")))):
            return DDE
    return ""
