"""Where somebody else's words begin: attribution lines, separators and header blocks, in the words of `quotes.toml`.

Lines come folded (lower case, no accents, single spaces). What a sentence of the writer's own could be as well opens
nothing: a quote too much does less harm than a line too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from mailin.lexicon import patterns

WRAPPED = 5  # lines an attribution may be wrapped over
LONGEST = 500  # characters of an attribution
ATTRIBUTIONS = 300  # lines of a text that may end one; no thread is that long
FIRST_ANSWER = 40  # lines below an attribution in which the first marked one stands
BLOCK = 14  # lines in which the headers of an answered mail stand

_FOUND = patterns("quotes.toml")
VERB = re.compile(rf"(?:{_FOUND['verb'].pattern})")
PERSON = re.compile(rf"\b(?:{_FOUND['person'].pattern})\b")
POSSESSIVE = re.compile(rf"\b(?:{_FOUND['possessive'].pattern})\b")
BEGAN = re.compile(rf"(?:[-*>«\"' ]{{0,4}}(?:{_FOUND['began'].pattern})(?:\W|(?<=\d)).{{0,40}}?\d)")
DATED = re.compile(r"[\"'(]?\d{1,4}(?:[ ./-]|[年日])")
SEPARATOR = _FOUND["separator"]
SOFT_SEPARATOR = _FOUND["soft_separator"]
FORWARDED = _FOUND["forwarded"]
ADDRESS = re.compile(r"[<\[(«] ?(?:mailto:)?[^<>\[\]()\s]{0,100} ?@ ?[^<>\[\]()\s]{1,200}(?: [^<>@\s]{1,60})? ?[>\])»]")
BARE_ADDRESS = re.compile(r"[^\s@<>]{1,80}@[^\s@<>]{1,120}[,;]? ?(?:\S{1,20} ){0,3}\S{0,20} ?:$")
DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d年")
TIME = re.compile(r"\b\d{1,2} ?(?:[:h時点시]|heures?) ?\d\d|\b\d{1,2}\.\d\d(?!\.?\d)|\d{1,2} ?[ap]\.?m\b|[上下]午")
NAMED = re.compile(r"[>\])»] ?:$")
TURKISH_DATED = re.compile(r"\b(?:tarihinde|saatinde|tarihli)\b|\(.{4,60}\) ?:$")
INLINE = re.compile(
    rf"(.{{6,120}}?)<[^<>]{{1,200}}@[^<>]{{1,200}}>,? ?(?:\w{{1,15}} )?(?:{_FOUND['verb'].pattern}) ?: .+"
)
HEADERS = {
    kind: re.compile(
        rf"(?:[*_]{{1,2}}|[-•] )?(?:{_FOUND[f'header_{kind}'].pattern})[*_]{{0,2}} ?:[*_]{{0,2}}(?= |$|\S)(.*)"
    )
    for kind in ("from", "date", "to", "subject", "other")
}
# Notes puts the name, the date and the first words of the answered mail above its headers.
ABSTRACT = re.compile(
    r".{2,100}? ?---\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?(?: \w{2,5})?---.*"
)
SENTENCE = re.compile(r"[^\W\d]{5}[.!?]$")  # no program's line ends so
# Headers as servers write them, and no program above an answered mail.
RAW = re.compile(
    r"(?:return-path|received|message-id|mime-version|dkim-signature|authentication-results|delivered-to|content-type"
    r"|x-[\w-]{2,40}) ?:|date ?: .{6,40}\d\d:\d\d:\d\d [+-]\d{4}"
)
DASHES = ("-", "_", "=", "*", "~", "#")


class Opening(NamedTuple):
    """Lines that announce somebody else's words; `rest` when all that follows is theirs, marked or not.

    `passes_on` says whether the mail below is passed on rather than answered.
    """

    length: int
    rest: bool
    passes_on: Literal["yes", "maybe", "no"] = "no"


class Openings:
    """The openings among the lines of a text; `marked` tells which lines are quoted by a mark.

    `answers` says that the mail answers another: then a name alone may announce a marked quote ("Paul wrote:").
    """

    def __init__(self, folded: Sequence[str], marked: Sequence[bool], answers: bool = False) -> None:
        self._lines = folded
        self._marked = marked
        self._answers = answers
        self._attributions: dict[int, Opening] = {}
        ends = (end for end, line in enumerate(folded) if line.endswith(":") and not marked[end])
        for end in islice(ends, ATTRIBUTIONS):
            self._note_attribution(end)

    def at(self, number: int) -> Opening | None:
        """What opens at this line, which is not blank and not quoted."""
        line = self._lines[number]
        found = self._attributions.get(number)
        if found is not None:
            return found
        if line.startswith(DASHES) or line.endswith((":", ": -", "-")) or line.startswith("message du "):
            separated = self._separator(number)
            if separated is not None:
                return separated
        if "---" in line and ABSTRACT.fullmatch(line[:300]) and self._has_headers_below(number):
            return Opening(1, not self._is_marked(number + 1))
        if ":" in line[:40] and self._is_header_block(number) and not self._is_pasted(number):
            length = self._header_lines(number)
            return Opening(length, not self._is_marked(number + length), "maybe")
        return Opening(1, True) if "@" in line and ": " in line and _goes_on(line) else None

    def _separator(self, number: int) -> Opening | None:
        line = self._lines[number]
        if SEPARATOR.fullmatch(line[:300]):
            after = self.next_line(number + 1)
            skipped = self._header_lines(after) if after < len(self._lines) and _kind(self._lines[after]) else 0
            length = after + skipped - number if skipped else 1
            return Opening(length, not self._is_marked(number + length), "yes" if FORWARDED.search(line) else "maybe")
        if SOFT_SEPARATOR.fullmatch(line[:200]):
            after = self.next_line(number + 1)
            if after < len(self._lines) and not self._marked[after] and self._is_header_block(after, separated=True):
                length = after + self._header_lines(after) - number
                return Opening(length, not self._is_marked(number + length), "maybe")
        return None

    def next_line(self, number: int) -> int:
        """The number of the first line from here that is not blank."""
        while number < len(self._lines) and not self._lines[number]:
            number += 1
        return number

    def _is_marked(self, number: int) -> bool:
        """Whether the next line that is not blank is marked as quoted; then all that is theirs is."""
        after = self.next_line(number)
        return after < len(self._lines) and self._marked[after]

    def _is_pasted(self, number: int) -> bool:
        """Whether the writer put these headers here: below raw ones, or announced by a line of theirs.

        An announcement alone may mean the answered mail ("see below:"), unless the headers are raw or that mail's
        quote comes later.
        """
        if number and RAW.match(self._lines[number - 1]):
            return True
        above = next((self._lines[at] for at in (number - 1, number - 2) if at >= 0 and self._lines[at]), "")
        if not above.endswith(":") or _kind(above):
            return False
        block = self._lines[number : number + BLOCK]
        return any(map(RAW.match, block)) or any(
            start > number and not found.rest for start, found in self._attributions.items()
        )

    def _is_header_block(self, number: int, separated: bool = False) -> bool:
        """Whether the headers of an answered mail begin here, and not the lines of a form or a letter's head."""
        if not _kind(self._lines[number]):
            return False
        block = self._lines[number : number + self._header_lines(number)]
        kinds = {kind for line in block if (kind := _kind(line))}
        if "from" not in kinds or len(kinds) < (2 if separated else 3):
            return False
        if separated or "date" not in kinds or (_kind(self._lines[number]) not in {"from", "date"} and len(kinds) < 4):
            return separated
        after = number + len(block)
        if after >= len(self._lines) or not self._lines[after]:
            return True
        return len(kinds) >= 4 and any("@" in line or TIME.search(line) for line in block)

    def _has_headers_below(self, number: int) -> bool:
        """Whether a header block begins in one of the next lines."""
        last = min(number + WRAPPED, len(self._lines) - 1)
        return any(self._is_header_block(at) for at in range(number + 1, last + 1))

    def _header_lines(self, number: int) -> int:
        """How many lines from here belong to the block: headers, what they are wrapped over, blanks between them."""
        last = 0
        for length, line in enumerate(self._lines[number : number + BLOCK], 1):
            if _kind(line):
                last = length
            elif line and (length - last > 1 or not ("@" in line or ";" in line)):
                break
        return last

    def _note_attribution(self, end: int) -> None:
        first = self._first_line(end)
        whole = " ".join(self._lines[first : end + 1])[-LONGEST:]
        if not VERB.search(whole) and "@" not in whole and "メ" not in whole:
            return
        after = self.next_line(end + 1)
        marked = after < len(self._lines) and self._marked[after]
        start = self._start(first, end, marked)
        if start is None:
            return
        marked = marked or (self._answers and self._is_answered_between(end + 1))
        bars = 0
        if after < len(self._lines) and self._lines[after].startswith("|"):
            while after + bars < len(self._lines) and self._lines[after + bars].startswith("|"):
                bars += 1
            self._attributions[start] = Opening(after + bars - start, False)
        else:
            self._attributions[start] = Opening(end + 1 - start, not marked)

    def _is_answered_between(self, number: int) -> bool:
        """Whether only what is marked from here is quoted: the first answer stands above the first of it."""
        if not any(self._marked[number : number + FIRST_ANSWER]):
            return False
        for at in range(number, min(number + FIRST_ANSWER, len(self._lines))):
            if self._marked[at]:
                above = next((self._lines[line] for line in range(at - 1, number - 1, -1) if self._lines[line]), ":")
                return not above.endswith(":")
            line = self._lines[at]
            if _kind(line) == "from" or (line.startswith(DASHES) and SEPARATOR.fullmatch(line[:300])):
                return False
        return False

    def _first_line(self, end: int) -> int:
        """The first line of the paragraph that ends here, or of as much of it as an attribution may take."""
        first = end
        while (
            first
            and not SENTENCE.search(self._lines[first - 1])
            and end - first < WRAPPED - 1
            and self._lines[first - 1]
            and not self._marked[first - 1]
        ):
            first -= 1
        return first

    def _start(self, first: int, end: int, marked: bool) -> int | None:
        """Where the attribution begins that ends here: late rather than early, the lines above may be the writer's."""
        whole = [number for number in range(end, first - 1, -1) if self._announces(number, end, marked)]
        dated = next((number for number in whole if BEGAN.match(self._lines[number])), None)
        start = dated if dated is not None else next((at for at in whole if _may_begin(self._lines[at])), None)
        if start is None or start == first:
            return start
        # Wrapped before the date: the line with the address is above, and the name may be above that.
        addressed = next((at for at in range(start, first - 1, -1) if "<" in self._lines[at]), start)
        if addressed > first and self._lines[addressed].startswith("<"):
            addressed -= 1
        return start if self._lines[addressed].endswith((".", "!", "?", ":")) else addressed

    def _announces(self, start: int, end: int, marked: bool) -> bool:
        """Whether these lines say who wrote what follows; where no mark follows, only as programs say it."""
        line = " ".join(self._lines[start : end + 1])
        if len(line) > LONGEST or (PERSON.search(line) and not ADDRESS.search(line)):
            return False
        verb, address = VERB.search(line) is not None, ADDRESS.search(line) is not None
        date, time = DATE.search(line) is not None, TIME.search(line) is not None
        if address or (date and time and BARE_ADDRESS.search(line)):
            if PERSON.search(line):
                return marked and verb and date
            return verb or (date and time) or (marked and NAMED.search(line) is not None)
        if marked:
            return verb and len(line) < 200 and (self._answers or (date and not POSSESSIVE.search(line)))
        if not (verb and date and time) or POSSESSIVE.search(line) or (start and self._lines[start - 1]):
            return False
        if "yazdi" in line or "yazmis" in line:
            return TURKISH_DATED.search(line) is not None
        return BEGAN.match(line) is not None or DATED.match(line) is not None


def _goes_on(line: str) -> bool:
    """Whether an attribution begins this line and what it quotes follows on it, as some phones do."""
    found = INLINE.fullmatch(line) if BEGAN.match(line) or DATED.match(line) else None
    return found is not None and PERSON.search(found[1]) is None


def _may_begin(line: str) -> bool:
    return DATED.match(line) is not None or "@" in line or "<" in line or VERB.search(line) is not None


@lru_cache(maxsize=64)  # a line is asked for with each of the lines above it
def _kind(line: str) -> str:
    """Which header this line is, or an empty string."""
    colon = line.find(":", 0, 40)
    if colon < 0:
        return ""
    return next((kind for kind, pattern in HEADERS.items() if pattern.match(line)), "")


def header_kind(line: str) -> str:
    """Which header of an answered mail a folded line is ("from", "date", "to", "subject", "other"), or ""."""
    return _kind(line)
