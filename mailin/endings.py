"""What stands below the writer's words: signatures, address blocks, what phones add, legal notices, advertisements."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailin.lexicon import patterns
from mailin.text import fold

LONGEST_SIGNATURE = 15  # lines below its mark that are not blank
LONGEST_ADDRESS = 12  # lines below the closing words that are not blank
LONGEST_DEVICE = 120
LONGEST_CLOSING = 160
LONGEST_NAME = 80
LONGEST_TITLE = 4  # lines
TAIL = 60  # lines at the end among which notices are looked for
NOTICE_LINES = 40  # of one paragraph that are read

_FOUND = patterns("quotes.toml")
DEVICE = _FOUND["device"]
DEVICE_HINTS = tuple(_FOUND["device_hints"].pattern.split("|"))
NOTICE = _FOUND["notice"]
FOOTER = _FOUND["footer"]
FOOTER_HINTS = tuple(_FOUND["footer_hints"].pattern.split("|"))
CLOSING = _FOUND["closing"]
CONTACT = _FOUND["contact"]
DATA = _FOUND["data"]
FIRM = _FOUND["firm"]
LEGAL = _FOUND["legal"]
LEGAL_ALSO = _FOUND["legal_also"]
FIRST_PERSON = re.compile(rf"\b(?:{_FOUND['first_person'].pattern})(?:\b|(?<='))")
OTHER_I = _FOUND["other_i"]
SIGNATURE = re.compile(r"(?:--|__|—|––|-- \*+) ?")
BANNER = _FOUND["banner"]
WARNS = re.compile(
    r"extern|exterieur|outside|unknown|disindan|disaridan|\bdis (?:kaynak|e-?posta)|kurum disi"
    r"|harici|esterno|buiten|fuera|ausserhalb|often|souvent|sik"
)
BANNER_LINES = 12
LONGEST_BANNER = 700
SENTENCE_END = re.compile(r"(?<=[.!])[\])*]* |(?<=\w)[\])*]* ?[:\])|]\W* |(?<=\w) [-–—] ")
LINK = re.compile(r" ?<(?:https?://|mailto:)[^\s<>]{1,600}>")
LISTED = re.compile(r"\d{1,2}[.)] \D")
BAR = re.compile(r"[|•·]")
NAMED_LINK = re.compile(r"\[([^\[\]]{1,80})\]\(https?://[^()\s]{1,300}\)")
SIGN = re.compile(r"<(?:https?://\S{1,600}|#[\w-]{8,80})>")
TITLE = re.compile(r"[^\W\d_][^\d@:?!<>|]{2,70}")
NAME = re.compile(r"[^\W\d_]+(?:[ ,.'-]{1,3}[^\W\d_]+){0,5}[.,]?")
WORD = re.compile(r"\w+")
RULE = re.compile(r"[_\-=*~—–#+]{3,}")
PROSE = re.compile(
    r".*[?!]$|(?:\S+ ){8,}\S+[.…]?$|.*\b(?:je|j'ai|vous|i(?!\.)|you|my|please|ben|bana|lutfen|merci de"
    r"|ich|bitte|meine?[mnrs]?|por favor|necesito|quiero|vorrei|per favore|graag|ik|prosze|moj[ae]?)\b.*"
)


class Ending:
    """Cuts the end of a run of own lines, given as numbers of `folded` lines; `lines` are as they were written."""

    def __init__(self, folded: Sequence[str], lines: Sequence[str], sender: str = "") -> None:
        self._folded = folded
        self._lines = lines
        self._sender = _words(fold(sender))

    def cut(self, own: list[int], first: bool) -> list[int]:
        """Without what is not the writer's; the first run may begin like a notice or a signature and keeps it."""
        own = self._without_notices(self._without_banner(own) if first else own, first)
        own = self._without_devices(own)
        signed = self._without_signature(own, first)
        own = self._without_rules(self._without_devices(signed) if len(signed) < len(own) else own)
        return self._without_rules(self._without_address_block(own))

    def _without_banner(self, own: list[int]) -> list[int]:
        """Without what a company's server puts above the words of a mail from outside: a paragraph, or one line."""
        head = next(iter(_paragraphs(self._folded, own[:BANNER_LINES])), [])
        while head and not self._folded[head[0]]:
            head = head[1:]
        if not head:
            return own
        for lines in (head, head[:1]):
            below = own[own.index(lines[-1]) + 1 :]
            if _is_banner(" ".join(self._bare(number) for number in lines if self._folded[number])) and any(
                self._folded[number] for number in below
            ):
                return self._without_banner(below)
        return own

    def _without_rules(self, own: list[int]) -> list[int]:
        while own and (not self._folded[own[-1]] or RULE.fullmatch(self._folded[own[-1]])):
            own.pop()
        return own

    def _without_devices(self, own: list[int]) -> list[int]:
        return [number for at, number in enumerate(own) if not self._is_device(own, at)]

    def _is_device(self, own: list[int], at: int) -> bool:
        """Whether a phone or program signed here: on a line of its own, not in the middle of a paragraph."""
        if not self._folded[own[at]]:
            return False
        starts = at == 0 or not self._folded[own[at - 1]] or own[at - 1] != own[at] - 1
        ends = at + 1 == len(own) or not self._folded[own[at + 1]] or own[at + 1] != own[at] + 1
        if not (starts or ends):
            return False
        line = self._bare(own[at])
        return (
            len(line) <= LONGEST_DEVICE
            and any(map(line.__contains__, DEVICE_HINTS))
            and DEVICE.fullmatch(line) is not None
        )

    def _without_notices(self, own: list[int], first: bool) -> list[int]:
        """Without the paragraphs at the end that a company's server or a free mailer adds."""
        kept = own[: max(0, len(own) - TAIL)]
        cutting, written = False, any(self._folded[number] for number in kept) or not first
        whole = "\n".join(self._folded[number] for number in own[len(kept) :])
        hinted = any(map(whole.__contains__, FOOTER_HINTS))
        for paragraph in _paragraphs(self._folded, own[len(kept) :]):
            notice = self._notice(paragraph, written, cutting, hinted)
            own_lines = paragraph[:notice]
            cutting = notice < len(paragraph) or (cutting and not any(self._folded[number] for number in own_lines))
            written = written or any(self._folded[number] for number in own_lines)
            kept += own_lines
        return kept

    def _notice(self, paragraph: list[int], written: bool, cutting: bool, hinted: bool) -> int:
        """Which line of the paragraph a notice begins at; its length where none does."""
        folded = [self._folded[number] for number in paragraph]
        for at, line in enumerate(folded[:NOTICE_LINES]):
            bare = (LINK.sub("", line) if "<" in line else line).lstrip("*_-=/ ")
            if not bare or not (written or any(folded[:at])):
                continue
            links = all(SIGN.fullmatch(above) for above in folded[:at])
            if hinted and FOOTER.fullmatch(bare) and (links or len(folded) - at <= 3 or len(bare) > 40):
                return 0 if links else at
            if (NOTICE.match(bare) or (cutting and at == 0)) and _is_law(" ".join(folded[at:NOTICE_LINES])):
                return at
        if cutting and all(map(CONTACT.fullmatch, filter(None, folded))):
            return 0
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
                framed = any(SIGNATURE.fullmatch(self._folded[above]) for above in own[:at])
                if standard or (not framed and self._is_signature(own[at + 1 :])):
                    return own[:at]
            written = written or bool(line)
        return own

    def _is_signature(self, own: list[int]) -> bool:
        """Whether no line asks, tells or names data."""
        lines = [self._folded[number] for number in own if self._folded[number]]
        return not any(
            DATA.fullmatch(line[:200]) or PROSE.fullmatch(line[:300]) or LISTED.match(line) or SIGNATURE.fullmatch(line)
            for line in lines
        )

    def _without_address_block(self, own: list[int]) -> list[int]:
        """Closing words and the name below them stay; titles, telephone, web and postal address below the name go."""
        written = [number for number in own if self._folded[number]]
        closed = introduced = False
        for at in range(max(0, len(written) - LONGEST_ADDRESS - 1), len(written)):
            line = self._folded[written[at]]
            below = written[at + 1 :]
            if not below:
                break
            introduced = line.endswith(":") or (introduced and not PROSE.fullmatch(line[:300]))
            if (
                self._sender
                and at
                and (closed or not introduced)
                and len(line) <= LONGEST_NAME
                and self._is_sender(line, closed)
            ):
                if self._is_block(below, titles=LONGEST_TITLE if closed or len(below) > 1 else 0):
                    return own[: own.index(below[0])]
            elif at and not (closed or introduced) and self._is_first_name(own, written[at]) and self._is_reach(below):
                return own[: own.index(below[0])]
            elif len(line) <= LONGEST_CLOSING and CLOSING.fullmatch(line):
                closed = True
                names = 1 if self._may_be_name(below[0]) else 0
                if self._is_block(below[names:]):
                    return own[: own.index(below[names])]
        return own

    def _is_sender(self, line: str, closed: bool) -> bool:
        """Whether a line is the name that the mail came from; below closing words, one of its words is enough."""
        words = _words(line)
        if words == self._sender:
            return True
        return closed and NAME.fullmatch(line) is not None and any(len(word) > 2 for word in words & self._sender)

    def _is_first_name(self, own: list[int], number: int) -> bool:
        """Whether a line by itself is one of the words of the name that the mail came from, as people sign."""
        above = own.index(number) - 1
        line = self._folded[number]
        return not self._folded[own[above]] and _words(line) < self._sender and NAME.fullmatch(line) is not None

    def _is_reach(self, numbers: list[int]) -> bool:
        """Whether each of these lines says how the writer is reached, and nothing else."""
        lines = [self._bare(number) for number in numbers]
        return all(CONTACT.fullmatch(line) and not DATA.fullmatch(line) and not PROSE.fullmatch(line) for line in lines)

    def closing(self, signed: Sequence[int]) -> int:
        """How many lines at the top of a marked signature are closing words and the name below them."""
        written = [number for number in signed if self._folded[number]]
        if not written or len(self._folded[written[0]]) > LONGEST_CLOSING:
            return 0
        if not CLOSING.fullmatch(self._folded[written[0]]):
            return 0
        last = written[1] if len(written) > 1 and self._may_be_name(written[1]) else written[0]
        return last - signed[0] + 1

    def _is_block(self, numbers: list[int], titles: int = 0) -> bool:
        """Whether these lines only say where and what the writer is: with an address, or as so many titles at most."""
        found = False
        for number in numbers:
            line = self._bare(number)
            contact = CONTACT.fullmatch(line) is not None
            if DATA.fullmatch(line) or (not contact and (line.endswith(":") or self._goes_on(number))):
                return False
            if PROSE.fullmatch(line) and (not contact or line.endswith((".", "!", "?"))):
                return False
            if len(line) <= LONGEST_CLOSING and not contact and CLOSING.fullmatch(line):
                return False
            found = found or contact or FIRM.fullmatch(line) is not None
        return found or (
            0 < len(numbers) <= titles and all(TITLE.fullmatch(self._lines[number].strip("*_ ")) for number in numbers)
        )

    def _goes_on(self, number: int) -> bool:
        """Whether a line is the end of a sentence: neither names nor titles begin small and are that long."""
        line = self._lines[number].strip("*_ ")
        return line[:1].islower() and line[1:2] != "." and (line.endswith(".") or line.count(" ") > 1)

    def _may_be_name(self, number: int) -> bool:
        line = self._bare(number)
        if (
            CLOSING.fullmatch(line)
            or len(line) > LONGEST_NAME
            or line.endswith(":")
            or PROSE.fullmatch(line)
            or self._goes_on(number)
        ):
            return False
        return not CONTACT.fullmatch(line) or NAME.fullmatch(BAR.split(line)[0].strip()) is not None

    def _bare(self, number: int) -> str:
        line = self._folded[number]
        if "](" in line:
            line = NAMED_LINK.sub(r"\1", line)
        return (LINK.sub("", line) if "<" in line else line)[:300].strip("*_ ") or "www.link"


def _is_banner(text: str) -> bool:
    """Whether each sentence of a text warns of mails from outside."""
    text = text[:LONGEST_BANNER].strip("\"'*_[]()<>|=- ")
    if not WARNS.search(text) or _says_i(text):
        return False
    return all(BANNER.fullmatch(piece.strip()) for piece in SENTENCE_END.split(text) if piece.strip(" -*=!"))


def _words(line: str) -> frozenset[str]:
    return frozenset(WORD.findall(line))


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


def _is_law(text: str) -> bool:
    """Whether a text says enough of what only companies' lawyers say, and nothing of what its writer would."""
    text = text[:4000]
    law = len(set(LEGAL.findall(text)))
    if law < 2 or law + len(set(LEGAL_ALSO.findall(text))) < 3:
        return False
    return not _says_i(text)


def _says_i(text: str) -> bool:
    """Whether somebody speaks of themselves; "i" says so in English, not in Italian or Polish."""
    said = {found[0] for found in FIRST_PERSON.finditer(text)}
    return bool(said - {"i"} if OTHER_I.search(text) else said)
