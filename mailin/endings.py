"""What stands below the writer's words: signatures, address blocks, what phones add, legal notices, advertisements."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailin.lexicon import patterns

LONGEST_SIGNATURE = 15  # lines below its mark that are not blank
LONGEST_ADDRESS = 12  # lines below the closing words that are not blank
LONGEST_DEVICE = 120
TAIL = 60  # lines at the end among which notices are looked for
NOTICE_LINES = 40  # of one paragraph that are read

_FOUND = patterns("quotes.toml")
DEVICE = _FOUND["device"]
NOTICE = _FOUND["notice"]
FOOTER = _FOUND["footer"]
CLOSING = _FOUND["closing"]
CONTACT = _FOUND["contact"]
DATA = _FOUND["data"]
LEGAL = _FOUND["legal"]
SIGNATURE = re.compile(r"(?:--|__|—|––|-- \*+) ?")
RULE = re.compile(r"[_\-=*~—–#+]{3,}")
PROSE = re.compile(r".*[?!]$|(?:\S+ ){8,}\S+[.…]?$|.*\b(?:je|j'ai|vous|i|you|my|please|ben|bana|lutfen|merci de)\b.*")


class Ending:
    """Cuts the end of a run of own lines, given as numbers of `folded` lines; `lines` are as they were written."""

    def __init__(self, folded: Sequence[str], lines: Sequence[str]) -> None:
        self._folded = folded
        self._lines = lines

    def cut(self, own: list[int], first: bool) -> list[int]:
        """Without what is not the writer's; the first run may begin like a notice or a signature and keeps it."""
        own = self._without_notices(own, first)
        own = self._without_devices(own)
        own = self._without_signature(own, first)
        own = self._without_rules(self._without_devices(own))
        return self._without_address_block(own)

    def _without_rules(self, own: list[int]) -> list[int]:
        while own and (not self._folded[own[-1]] or RULE.fullmatch(self._folded[own[-1]])):
            own.pop()
        return own

    def _without_devices(self, own: list[int]) -> list[int]:
        return [number for at, number in enumerate(own) if not self._is_device(own, at)]

    def _is_device(self, own: list[int], at: int) -> bool:
        """Whether a phone or program signed here: on a line of its own, not in the middle of a paragraph."""
        line = self._folded[own[at]].strip("*_ ")
        if not line or len(line) > LONGEST_DEVICE:
            return False
        starts = at == 0 or not self._folded[own[at - 1]] or own[at - 1] != own[at] - 1
        ends = at + 1 == len(own) or not self._folded[own[at + 1]] or own[at + 1] != own[at] + 1
        return (starts or ends) and DEVICE.fullmatch(line) is not None

    def _without_notices(self, own: list[int], first: bool) -> list[int]:
        """Without the paragraphs at the end that a company's server or a free mailer adds."""
        kept = own[: max(0, len(own) - TAIL)]
        cutting, written = False, any(self._folded[number] for number in kept) or not first
        for paragraph in _paragraphs(self._folded, own[len(kept) :]):
            notice = self._notice(paragraph, written, cutting)
            own_lines = paragraph[:notice]
            cutting = notice < len(paragraph) or (cutting and not any(self._folded[number] for number in own_lines))
            written = written or any(self._folded[number] for number in own_lines)
            kept += own_lines
        return kept

    def _notice(self, paragraph: list[int], written: bool, cutting: bool) -> int:
        """Which line of the paragraph a notice begins at; its length where none does."""
        folded = [self._folded[number] for number in paragraph]
        for at, line in enumerate(folded[:NOTICE_LINES]):
            bare = line.lstrip("*_-=/ ")
            if not bare or not (written or any(folded[:at])):
                continue
            if FOOTER.fullmatch(bare) and (at == 0 or len(folded) - at <= 3 or len(bare) > 40):
                return at
            if (NOTICE.match(bare) or (cutting and at == 0)) and legal_words(" ".join(folded[at:NOTICE_LINES])) >= 2:
                return at
        return len(paragraph)

    def _without_signature(self, own: list[int], first: bool) -> list[int]:
        """Without what follows the signature mark, unless that reads like the writer's own words."""
        tail = sum(1 for number in own if self._folded[number])
        written = not first
        for at, number in enumerate(own):
            line = self._folded[number]
            tail -= bool(line)
            if written and line and tail <= LONGEST_SIGNATURE and SIGNATURE.fullmatch(line):
                standard = self._lines[number] in {"-- ", "--\u00a0"}
                if standard or self._is_signature(own[at + 1 :]):
                    return own[:at]
            written = written or bool(line)
        return own

    def _is_signature(self, own: list[int]) -> bool:
        """Whether no line asks, tells or names data."""
        lines = [self._folded[number] for number in own if self._folded[number]]
        return not any(DATA.fullmatch(line[:200]) or PROSE.fullmatch(line[:300]) for line in lines)

    def _without_address_block(self, own: list[int]) -> list[int]:
        """Closing words and the name below them stay; telephone, web and postal address below the name go."""
        written = [at for at, number in enumerate(own) if self._folded[number]]
        for place, at in enumerate(written[-LONGEST_ADDRESS - 1 :], max(0, len(written) - LONGEST_ADDRESS - 1)):
            line = self._folded[own[at]]
            below = written[place + 1 :]
            if not below or len(line) > 160 or not CLOSING.fullmatch(line):
                continue
            texts = [self._folded[own[number]].strip("*_ ")[:300] for number in below]
            contacts = [CONTACT.fullmatch(text) is not None for text in texts]
            if any(contacts) and not any(map(_is_data, texts, contacts)):
                return own[: below[0]] if contacts[0] else own[: below[0] + 1]
        return own


def _is_data(line: str, is_contact: bool) -> bool:
    return DATA.fullmatch(line) is not None or (not is_contact and PROSE.fullmatch(line) is not None)


def _paragraphs(folded: Sequence[str], own: Sequence[int]) -> list[list[int]]:
    """The lines in paragraphs, each with the blank lines below it."""
    found: list[list[int]] = []
    blank = True
    for number in own:
        if not found or (folded[number] and blank):
            found.append([])
        found[-1].append(number)
        blank = not folded[number]
    return found


def legal_words(text: str) -> int:
    """How many different words of law a text has."""
    return len(set(LEGAL.findall(text[:4000])))
