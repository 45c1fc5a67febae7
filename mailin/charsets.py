"""Bytes become text, whatever charset the sender named or forgot."""

from __future__ import annotations

import codecs
import encodings
import pkgutil
import re
from encodings.aliases import aliases
from functools import lru_cache

from charset_normalizer import from_bytes

# The codecs a mail may choose. Python knows others (punycode, unicode_escape) that are slow or no charset at all.
ALLOWED = re.compile(
    r"utf-8(-sig)?|utf-16(-[lb]e)?|utf-32(-[lb]e)?|iso8859-\d+|cp125\d|cp(437|850|857|858|866|874|932|949|950)|koi8-[ru]"
    r"|mac-(roman|turkish|latin2|cyrillic|greek)|big5(hkscs)?|gb2312|gbk|gb18030|euc_(jp|kr)|shift_jis|iso2022_(jp|kr)|tis-620"
)
# What mailers call Latin-1 and Latin-5 is Windows' superset of it (WHATWG Encoding Standard, 4.2).
SUPERSETS = {"iso8859-1": "cp1252", "iso8859-9": "cp1254"}
# ş ı ğ Ş İ Ğ in windows-1254; the same bytes are þ ý ð Þ Ý Ð in windows-1252, which French and English never use.
TURKISH_BYTES = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")
HIGH_BYTES = re.compile(rb"[\x80-\xff]")
GUESSED_BYTES = 4096
# Names that Python looks up in vain are kept by it for good: a stranger could fill the memory with them.
KNOWN = frozenset(aliases) | {module.name for module in pkgutil.iter_modules(encodings.__path__)}


def decode_loose(data: bytes, declared: str = "") -> str:
    """The text of a header's `data`: in the declared charset if that can be, else in UTF-8 or Latin; never raises.

    Nothing is guessed here: a mail has thousands of such pieces, and a guess takes as long as reading a small mail.
    """
    text = _decoded(data, declared)
    return data.decode("latin-1") if text is None else text


def decode_body(data: bytes, declared: str = "") -> str:
    """The text of a body's `data`: in the declared charset if that can be, else in the likeliest one; never raises."""
    text = _decoded(data, declared)
    return _guess(data) if text is None else text


def _decoded(data: bytes, declared: str) -> str | None:
    if not HIGH_BYTES.search(data):
        codec = _codec(declared)
        if not codec.startswith(("utf-16", "utf-32", "iso2022")):
            return data.decode("ascii")
    for charset in _candidates(data, _codec(declared)):
        text = _strict(data, charset)
        if text is not None:
            return text
    return None


def charset_known(declared: str) -> bool:
    """Whether a mail may name this charset."""
    return not declared or bool(_codec(declared)) or declared.lower() in {"us-ascii", "ascii"}


@lru_cache(maxsize=256)
def _codec(declared: str) -> str:
    asked = encodings.normalize_encoding(declared.strip().strip("\"'")[:40]).lower()
    if asked not in KNOWN:
        return ""
    try:
        name = codecs.lookup(asked).name
    except (LookupError, ValueError):
        return ""
    name = SUPERSETS.get(name, name)
    return name if ALLOWED.fullmatch(name) else ""


def _candidates(data: bytes, codec: str) -> list[str]:
    # Text that is valid UTF-8 is hardly ever anything else, so a declared single-byte charset is checked against it.
    windows = "cp1254" if TURKISH_BYTES.search(data) else "cp1252"
    if not codec:
        return ["utf-8", windows]
    if codec == "cp1252":
        return ["utf-8", windows]
    if codec.startswith("cp125"):
        return ["utf-8", codec, windows]
    return [codec, "utf-8", windows]


def _strict(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except UnicodeDecodeError as error:
        if charset != "utf-8":
            return None
        cut = error.reason == "unexpected end of data"  # at a bound, or it is a last é that is not UTF-8 at all
        if cut and not data[: error.start].isascii():
            return data[: error.start].decode(charset)
        return _mostly_utf8(data)
    except (UnicodeError, ValueError):
        return None


def _mostly_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for letter in text if letter > "\x7f") - broken
    return text if whole > 4 * broken else None


def _guess(data: bytes) -> str:
    best = from_bytes(data[:GUESSED_BYTES]).best()
    codec = _codec(best.encoding) if best is not None else ""
    return data.decode(codec or "latin-1", "replace")
