"""What the writer wrote, without the mail it answers, the signature and the legal notice: French, English, Turkish.

The words are in `lexicon/quotes.toml`: an attribution line per language (wrapped or not), the header blocks and
separators of Outlook, Apple Mail, Orange, Yahoo and phones, and what they all sign with.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from mailin.lexicon import patterns
from mailin.text import fold, tidy

LINE_LENGTH = 600
WRAPPED = 4  # lines an attribution may be wrapped over
LONGEST_SIGNATURE = 15  # lines below its mark that are not blank
LONGEST_ADDRESS = 10  # lines below the closing words that are not blank

_FOUND = patterns("quotes.toml")
ATTRIBUTION = _FOUND["attribution"]
ATTRIBUTION_START = _FOUND["attribution_start"]
SEPARATOR = _FOUND["separator"]
SENDER = re.compile(rf"\*{{0,2}}(?:{_FOUND['sender'].pattern}) ?:\*{{0,2}}.*")
HEADER = re.compile(rf"\*{{0,2}}(?:{_FOUND['header'].pattern}) ?:\*{{0,2}}.*")
DEVICE = _FOUND["device"]
NOTICE = re.compile(rf"(?:\*{{1,3}} ?)?(?:{_FOUND['notice'].pattern}).*")
CLOSING = _FOUND["closing"]
CONTACT = _FOUND["contact"]
SIGNATURE = re.compile(r"(?:--|__|—|––) ?")
RULE = re.compile(r"[_\-=*]{10,}")


class Visible(NamedTuple):
    """What the writer wrote, and how many lines that are not blank were left out."""

    text: str
    hidden_lines: int


def visible(text: str) -> Visible:
    """The writer's own lines of a cleaned plain text."""
    lines = text.split("\n")
    folded = [">" if line.startswith(">") else " ".join(fold(line[:LINE_LENGTH]).split()) for line in lines]
    own = _without_quotes(folded)
    own = _without_notice(folded, own)
    own = _without_signature(folded, own)
    shown = tidy([lines[number] for number in own])
    hidden = sum(1 for line in folded if line) - sum(1 for line in shown.split("\n") if line.strip())
    return Visible(shown, max(0, hidden))


def _without_quotes(folded: list[str]) -> list[int]:
    """The numbers of the lines that nobody else wrote."""
    own: list[int] = []
    number = 0
    while number < len(folded):
        if folded[number].startswith((">", "|>")):
            number += 1
            continue
        length, rest_is_quote = _quote_header(folded, number)
        if rest_is_quote:
            return own
        if not length:
            own.append(number)
        number += length or 1
    return own


def _quote_header(folded: list[str], number: int) -> tuple[int, bool]:
    """How many lines from here introduce a quote, and whether all that follows belongs to it."""
    if not folded[number]:
        return 0, False
    if SEPARATOR.fullmatch(folded[number]) or _header_block(folded, number):
        return 1, True
    if RULE.fullmatch(folded[number]) and _header_block(folded, _next_line(folded, number + 1)):
        return 1, True
    length = _attribution(folded, number)
    if not length:
        return 0, False
    after = _next_line(folded, number + length)
    marked = after < len(folded) and folded[after].startswith((">", "|"))
    return length, not marked


def _next_line(folded: list[str], number: int) -> int:
    while number < len(folded) and not folded[number]:
        number += 1
    return number


def _header_block(folded: list[str], number: int) -> bool:
    """Whether a forwarded or answered mail's headers begin here: its sender, then two others among the next lines."""
    if number >= len(folded) or not SENDER.fullmatch(folded[number]):
        return False
    return sum(1 for line in folded[number + 1 : number + 9] if HEADER.fullmatch(line)) >= 2


def _attribution(folded: list[str], number: int) -> int:
    """How many lines from here say who wrote what follows; 0 when none do."""
    if not ATTRIBUTION_START.match(folded[number]) and not folded[number].endswith(":"):
        return 0
    joined = ""
    for length in range(1, WRAPPED + 1):
        line = folded[number + length - 1] if number + length <= len(folded) else ""
        if not line or line.startswith(">"):
            return 0
        joined = f"{joined} {line}".strip()
        if line.endswith(":") and ATTRIBUTION.fullmatch(joined[:LINE_LENGTH]):
            return length
    return 0


def _without_notice(folded: list[str], own: list[int]) -> list[int]:
    """Without the legal notice or advertisement at the end; a mail that begins with one keeps it."""
    for position, number in enumerate(own):
        if position and NOTICE.match(folded[number]) and any(folded[before] for before in own[:position]):
            return own[:position]
    return own


def _without_signature(folded: list[str], own: list[int]) -> list[int]:
    """Without what follows the signature mark, what a phone adds, and the address block below the closing words."""
    kept: list[int] = []
    tail = sum(1 for number in own if folded[number])
    for number in own:
        tail -= bool(folded[number])
        if tail <= LONGEST_SIGNATURE and SIGNATURE.fullmatch(folded[number]):
            break
        if not DEVICE.fullmatch(folded[number]) or len(folded[number]) > 110:
            kept.append(number)
    while kept and (not folded[kept[-1]] or RULE.fullmatch(folded[kept[-1]])):
        kept.pop()
    return _without_address_block(folded, kept)


def _without_address_block(folded: list[str], own: list[int]) -> list[int]:
    """Closing words and the name below them stay; telephone, web and postal address below the name go."""
    for position, number in enumerate(own):
        if not CLOSING.fullmatch(folded[number]):
            continue
        lines = (at for at in range(position + 1, len(own)) if folded[own[at]])
        below = list(islice(lines, LONGEST_ADDRESS + 1))
        contacts = [at for at in below if CONTACT.fullmatch(folded[own[at]])]
        if contacts and len(below) <= LONGEST_ADDRESS:
            name_lines = 1 if below[0] not in contacts else 0
            return own[: below[0] + name_lines]
    return own
