"""What a customer wants: when the reader is too unsure of it, and how a mail becomes an example for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from handlers.model.case import Case
from handlers.model.mail import InboundMail

BAR = 0.5
"""Below this confidence, staff say what the customer wants."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'|/@]{1,64}@[^\s<>()\[\],;:\"'|/@]{1,255}")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S+")
_MIXED = re.compile(r"\b(?=\w*\d)(?=\w*[^\W\d_])\w[\w.-]{2,}\b")
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"[^\W\d_]{3,}")


def is_unclear(confidence: float) -> bool:
    """Whether the reader's guess is too weak to stand on a card as what the customer wants."""
    return confidence < BAR


def clearer(case: Case, mail: InboundMail) -> Case:
    """A case after one more mail: what was unclear, or nothing the desk knows, a clear one settles."""
    open_yet = case.asked == "other" or is_unclear(case.confidence)
    if open_yet and mail.intent != "other" and mail.confidence >= min(case.confidence, BAR):
        return replace(case, asked=mail.intent, confidence=mail.confidence)
    return case


def nameless(text: str, logins: Iterable[str] = (), names: Iterable[str] = ()) -> str:
    """`text` for an example: no address, link, login, number or known name of its writer is left in it."""
    text = _ADDRESS.sub("name@mail.example", _LINK.sub("https://link.example", text))
    for login in sorted(filter(None, logins), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(login)}(?!\w)", "login", text, flags=re.IGNORECASE)
    for part in {part for name in names for part in _NAME.findall(name)}:
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "Name", text, flags=re.IGNORECASE)
    return _DIGIT.sub("0", _MIXED.sub("login", text))
