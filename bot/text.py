"""Text that others wrote, made harmless for Slack; nothing here trusts a name, a subject or a mail (THREATS T26)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

EXCERPT = 600
"""The most characters of a customer's words that a card shows."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'|/@]{1,64}@[^\s<>()\[\],;:\"'|/@]{1,255}")
_LINK = re.compile(r"(?i)(https?|ftp|mailto|javascript|data|file|slack|tel):(//)?([^\s<>|]*)")
_BARE = re.compile(r"(?i)(?<![\w@.])www\.(?=\w)")
_MARKS = str.maketrans({"*": "∗", "_": "＿", "~": "∼", "`": "ʼ"})
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


class Times(NamedTuple):
    """How times are written: `now` (UTC) decides whether the day is named; with `local`, Slack shows the reader's own.

    The fall-back inside Slack's date token, and the whole text without it, is UTC.
    """

    now: datetime
    local: bool = True

    def at(self, time: datetime) -> str:
        """The time of day, and the day unless it is today."""
        today = time.date() == self.now.date()
        plain = f"{time:%H:%M} UTC" if today else f"{time.day} {time:%b %H:%M} UTC"
        form = "{time}" if today else "{date_short_pretty} {time}"
        return f"<!date^{int(time.timestamp())}^{form}|{plain}>" if self.local else plain


def escaped(text: str) -> str:
    """`text` for a mrkdwn object or a message's `text`: no mention, link or entity of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def name(text: str, longest: int = 80) -> str:
    """A name or a short note within a mrkdwn sentence: one line, no formatting, mentions, links or whole addresses."""
    return escaped(shortened(_defanged(masked(_one_line(text[: longest * 4]))), longest).translate(_MARKS))


def code(text: str, longest: int = 80) -> str:
    """A login or an id within a mrkdwn sentence, in a code span, so that it can be told letter by letter."""
    safe = shortened(_defanged(masked(_one_line(text[: longest * 4]))), longest)
    return f"`{escaped(safe.replace('`', 'ʼ')) or '–'}`"


def whole(address: str) -> str:
    """A full mail address in a code span, for the one message that may have it; look-alike letters are named beside."""
    safe = shortened(_one_line(address).replace("`", "ʼ"), 254)
    local, _, domain = safe.rpartition("@")
    known = f" (as DNS knows it: `{local}@{_punycode(domain)}`)" if not domain.isascii() else ""
    return f"`{escaped(safe)}`{escaped(known)}"


def excerpt(text: str, longest: int = EXCERPT) -> str:
    """A customer's words for a plain_text object: shortened, addresses masked, links defanged, nothing invisible.

    Angle brackets become ‹ ›: plain_text shows `&lt;` as it is, and a copy into a message must not come alive.
    """
    safe = _defanged(masked(_visible(text[: longest * 4]))).translate(_BRACKETS)
    return shortened(_BLANK_LINES.sub("\n", safe).strip(), longest)


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
        return f"{local[0]}•••@{_punycode(known)}"
    host, dot, top = known.rpartition(".")
    return f"{local[0]}•••@{(host or top)[0]}••••{dot}{top if dot else ''}{domain[len(known) :]}"


def shortened(text: str, longest: int) -> str:
    """`text`, cut with an ellipsis to at most `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _defanged(text: str) -> str:
    return _BARE.sub("www[.]", _LINK.sub(lambda found: _cold(*found.groups("")), text))


def _cold(scheme: str, slashes: str, rest: str) -> str:
    """A link that cannot be clicked, its host as DNS knows it: look-alike letters show as `xn--`."""
    host, slash, path = rest.partition("/")
    host = host if host.isascii() else _punycode(host)
    return f"{scheme.lower().replace('http', 'hxxp')}[:]{slashes}{host.replace('.', '[.]')}{slash}{path}"


def _punycode(host: str) -> str:
    try:
        return urlsplit(f"//{host}").netloc.encode("idna").decode()
    except (UnicodeError, ValueError):
        return host.encode("ascii", "replace").decode()


def _one_line(text: str) -> str:
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    """No control, format or private characters: they reorder or hide what the reader sees."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C")
