"""Text that others wrote, made harmless for Slack; nothing here trusts a name, a subject or a mail (THREATS T26)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from handlers.excerpts import (
    EXCERPT,
    address,
    defanged,
    excerpt,
    harmless,
    masked,
    newest,
    one_line,
    punycode,
    shortened,
)

__all__ = [
    "EXCERPT", "Times", "address", "code", "escaped", "excerpt", "harmless", "masked", "name", "newest", "quoted",
    "shortened", "whole",
]  # fmt: skip

_STYLES = str.maketrans({"*": "∗", "~": "∼", "`": "ʼ", "<": "‹", ">": "›"})
_MARKS = str.maketrans({"*": "∗", "_": "＿", "~": "∼", "`": "ʼ"})
_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_PICTURE = re.compile(r":(?=[\w+'-]*[^\W\d][\w+'-]*:)")
_ENTITY = re.compile(r"&(?=(?:amp|lt|gt);)")


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
    return escaped(shortened(defanged(masked(one_line(text[: longest * 4]))), longest).translate(_MARKS))


def quoted(excerpt: str) -> str:
    """An excerpt of a customer's words for a mrkdwn object: every line behind Slack's bar, also where one is broken.

    As it was written, but for signs that would make bold, code or a picture of it. `_` stays within a word, where it
    makes nothing: logins have it. Slack has quotes of rich text as well, but not all that shows cards draws them.
    """
    plain = _ENTITY.sub("&amp;", _PICTURE.sub("∶", _EDGE.sub("＿", excerpt.translate(_STYLES))))
    return "\n".join(f"> {line}" for line in plain.splitlines())


def code(text: str, longest: int = 80) -> str:
    """A login or an id within a mrkdwn sentence, in a code span, so that it can be told letter by letter."""
    safe = shortened(defanged(masked(one_line(text[: longest * 4]))), longest)
    return f"`{escaped(safe.replace('`', 'ʼ')) or '–'}`"


def whole(address: str) -> str:
    """A full mail address in a code span, for the one message that may have it; look-alike letters are named beside."""
    safe = shortened(one_line(address).replace("`", "ʼ"), 254)
    local, _, domain = safe.rpartition("@")
    known = f" (as DNS knows it: `{local}@{punycode(domain)}`)" if not domain.isascii() else ""
    return f"`{escaped(safe)}`{escaped(known)}"
