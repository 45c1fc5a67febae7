"""A customer's words and addresses, shortened and made harmless for staff, whatever shows them (THREATS T26)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

from handlers.unseen import JOINER, LOOSE

EXCERPT = 600
"""The most characters of a customer's words that a card shows."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'|/@]{1,64}@[^\s<>()\[\],;:\"'|/@]{1,255}")
_LINK = re.compile(r"(?i)(https?|ftp|mailto|javascript|data|file|slack|tel):(//)?([^\s<>|]*)")
_BARE = re.compile(r"(?i)(?<![\w@.])www\.(?=\w)")
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
_KEPT = f"\n\t{JOINER}"
_STYLED = re.compile("[\u2100-\u214f\U0001d400-\U0001d7ff]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def excerpt(text: str, longest: int = EXCERPT) -> str:
    """A customer's words as staff see them: shortened, addresses masked, links defanged, nothing invisible.

    Angle brackets become ‹ ›: Slack's plain_text shows `&lt;` as it is, and a copy into a message must not come alive.
    """
    safe = defanged(masked(_visible(text[: longest * 4]))).translate(_BRACKETS)
    return shortened(_BLANK_LINES.sub("\n", safe).strip(), longest)


def harmless(text: str, longest: int) -> str:
    """A customer's words for one person who may read all of them: as they are, but for what is invisible or a link."""
    return shortened(defanged(_visible(text)).translate(_BRACKETS), longest)


def newest(texts: Sequence[str], between: str, longest: int = EXCERPT) -> str:
    """The first and the last of several texts as excerpts, others while they fit whole, and how many were left out.

    The last, with which it all began, is never pushed out: later ones may be anybody's in the customer's name.
    """
    if len(texts) == 1:
        return excerpt(texts[0], longest)
    gap = f"\n{between}\n"
    begun = excerpt(texts[-1], longest // 2 - len(gap))
    room = longest - len(begun) - 2 * len(gap) - len("… (99 between)")
    shown, *others = [excerpt(text, room) for text in texts[:-1]]
    for count, other in enumerate(others):
        if len(shown) + len(gap) + len(other) > room:
            return gap.join([shown, f"… ({len(others) - count} between)", begun])
        shown = gap.join([shown, other])
    return gap.join([shown, begun])


def masked(text: str) -> str:
    """`text` with every mail address in it masked; a domain outside ASCII is shown as DNS knows it."""
    return _ADDRESS.sub(lambda found: address(found[0]), text)


def address(written: str) -> str:
    """One mail address, masked; anything else shows nothing of itself."""
    local, _, domain = written.strip().rpartition("@")
    known = domain.rstrip(".")
    if not local or not known:
        return "•••"
    if "•" in known:
        return written  # masked already
    if not known.isascii():
        return f"{local[0]}•••@{punycode(known)}"
    host, dot, top = known.rpartition(".")
    return f"{local[0]}•••@{(host or top)[0]}••••{dot}{top if dot else ''}{domain[len(known) :]}"


def shortened(text: str, longest: int) -> str:
    """`text`, cut with an ellipsis to at most `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def defanged(text: str) -> str:
    """`text` with links that cannot be clicked."""
    return _BARE.sub("www[.]", _LINK.sub(lambda found: _cold(*found.groups("")), text))


def _cold(scheme: str, slashes: str, rest: str) -> str:
    """A link that cannot be clicked, its host as DNS knows it: look-alike letters show as `xn--`."""
    host, slash, path = rest.partition("/")
    host = host if host.isascii() else punycode(host)
    return f"{scheme.lower().replace('http', 'hxxp')}[:]{slashes}{host.replace('.', '[.]')}{slash}{path}"


def punycode(host: str) -> str:
    """A host as DNS knows it."""
    try:
        return urlsplit(f"//{host}").netloc.encode("idna").decode()
    except (UnicodeError, ValueError):
        return host.encode("ascii", "replace").decode()


def one_line(text: str) -> str:
    """`text` in one line, with nothing invisible."""
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    """No control, format or private characters: they reorder or hide what the reader sees. Emoji stay whole.

    Letters of mathematics (𝗙𝗼𝗿) are plain ones: nobody writes in bold, as the desk does.
    """
    text = _STYLED.sub(lambda found: _plain(found[0]), text)
    kept = "".join(sign for sign in text if sign in _KEPT or unicodedata.category(sign)[0] != "C")
    return LOOSE.sub("", kept)


def _plain(sign: str) -> str:
    """A letter or digit without its style; signs such as ™ and ℃ as they are."""
    return unicodedata.normalize("NFKC", sign) if unicodedata.category(sign)[0] in "LN" else sign
